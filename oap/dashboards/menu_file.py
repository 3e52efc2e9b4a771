"""The menu as a YAML file, and as it is stored (spec query 5.4)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from oap.config.yaml_source import YamlNode, YamlReport, parse
from oap.query.menu import MenuEntry

_MEMBERS: Final = ("title", "icon", "layer", "menus", "description", "documentLink", "i18nKey")


def parse_menu(text: str, file: str) -> tuple[MenuEntry, ...]:
    """The entries in a menu file. Raises ConfigError with everything that is wrong."""
    root, report = parse(text, file)
    menus = report.mapping(root, ("menus",)).get("menus")
    entries = () if menus is None else _entries(menus, report)
    report.raise_findings()
    return entries


def menu_text(entries: tuple[MenuEntry, ...]) -> str:
    """Entries as they are stored: JSON with the members of the file."""
    return json.dumps([_record(entry) for entry in entries], ensure_ascii=False, separators=(",", ":"))


def stored_menu(text: str) -> tuple[MenuEntry, ...]:
    """Entries that were stored. Raises ValueError when the text is no menu."""
    records = json.loads(text)
    if not isinstance(records, list):
        raise ValueError("not a list")  # noqa: TRY004  (the text is wrong, not the program)
    return tuple(_entry_of(record) for record in records)


def _entries(node: YamlNode, report: YamlReport) -> tuple[MenuEntry, ...]:
    return tuple(_entry(item, report) for item in report.sequence(node))


def _entry(node: YamlNode, report: YamlReport) -> MenuEntry:
    members = report.mapping(node, _MEMBERS)
    report.require(node, ("title",))
    texts = {name: report.string(member) for name, member in members.items() if name != "menus"}
    return MenuEntry(
        title=texts.get("title") or "",
        icon=texts.get("icon"),
        layer=texts.get("layer") or "",
        description=texts.get("description"),
        document_link=texts.get("documentLink"),
        i18n_key=texts.get("i18nKey"),
        children=_entries(members["menus"], report) if "menus" in members else (),
    )


def _record(entry: MenuEntry) -> Mapping[str, Any]:
    members = {
        "title": entry.title,
        "icon": entry.icon,
        "layer": entry.layer,
        "description": entry.description,
        "documentLink": entry.document_link,
        "i18nKey": entry.i18n_key,
        "menus": [_record(child) for child in entry.children],
    }
    return {name: value for name, value in members.items() if value}


def _entry_of(record: Any) -> MenuEntry:
    if not isinstance(record, Mapping) or not isinstance(record.get("title"), str):
        raise ValueError("an entry without a title")  # noqa: TRY004  (as above)
    return MenuEntry(
        title=record["title"],
        icon=record.get("icon"),
        layer=record.get("layer") or "",
        description=record.get("description"),
        document_link=record.get("documentLink"),
        i18n_key=record.get("i18nKey"),
        children=tuple(_entry_of(child) for child in record.get("menus") or ()),
    )
