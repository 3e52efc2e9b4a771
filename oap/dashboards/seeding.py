"""Puts templates and the menu into the store when a server starts; what is stored stays (spec query 5.3, 5.4)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from oal.diagnostic import render_all
from oap.config.finding import ConfigError
from oap.config.yaml_source import read_text
from oap.dashboards.check import check_templates
from oap.dashboards.error import DashboardError
from oap.dashboards.folder import MENU_FILE, TEMPLATE_FOLDER, read_template_text, template_files
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.menu_file import menu_text, parse_menu, stored_menu
from oap.dashboards.template_file import TemplateFile, TemplateKey
from oap.query.menu import MenuEntry
from oap.storage.contract import Storage, Template

_log = structlog.get_logger(__name__)
_ADVICE: Final = "take the stored id for the file, or another name"


@dataclass(frozen=True, slots=True)
class DashboardFiles:
    """The templates of a configuration folder, and its menu, None without one."""

    templates: Sequence[TemplateFile]
    menu: tuple[MenuEntry, ...] | None


@dataclass(frozen=True, slots=True)
class Seeded:
    """What came of the files, by id: templates that were added, those stored otherwise; and the menu in force."""

    added: Sequence[str]
    differing: Sequence[str]
    menu: tuple[MenuEntry, ...]


def load_dashboards(directory: Path, metrics: KnownMetrics) -> DashboardFiles:
    """Read and check the files of a configuration folder.

    Raises DashboardError with all that is wrong when one cannot be used. What forbids nothing is logged.
    """
    folder = directory / TEMPLATE_FOLDER
    texts = {str(file): read_template_text(file) for file in template_files(folder)}
    checked = check_templates(texts, metrics)
    if checked.refusals:
        raise DashboardError(render_all(checked.findings, texts))
    if checked.findings:
        _log.warning("dashboards have findings", findings=render_all(checked.findings, texts))
    return DashboardFiles(checked.templates, _file_menu(folder / MENU_FILE))


def seed(files: DashboardFiles, storage: Storage, now_ms: int) -> Seeded:
    """Add the templates whose ids are unknown, and the menu unless there is one.

    Raises DashboardError, and adds nothing, when a new template has the name of a stored one.
    """
    stored = storage.templates(include_disabled=True)
    added = _missing(files.templates, stored)
    for template in added:
        storage.save_template(Template(template.id.text, template.configuration.compact(), now_ms))
    return Seeded(
        [template.id.text for template in added],
        _differing(files.templates, stored),
        _menu_in_force(files.menu, storage, now_ms),
    )


def _missing(templates: Iterable[TemplateFile], stored: Sequence[Template]) -> Sequence[TemplateFile]:
    """The templates with unknown ids. Raises DashboardError if one has the name of a stored one in use."""
    ids = {template.template_id for template in stored}
    names = {key: row.template_id for row in stored if not row.disabled and (key := _key(row.configuration))}
    missing = [template for template in templates if template.id.text not in ids]
    taken = [template for template in missing if template.key in names]
    if taken:
        lines = (
            f"{one.file}:{one.id.span.line}: '{one.id.text}' is {one.key}, which is stored as '{names[one.key]}'; {_ADVICE}"
            for one in taken
        )
        raise DashboardError("\n".join(lines))
    return missing


def _differing(templates: Iterable[TemplateFile], stored: Sequence[Template]) -> Sequence[str]:
    in_use = {row.template_id: row.configuration for row in stored if not row.disabled}
    return [
        template.id.text
        for template in templates
        if (text := in_use.get(template.id.text)) is not None
        and text != template.configuration.compact()
        and _value(text) != template.configuration.plain()
    ]


def _key(configuration: str) -> TemplateKey | None:
    """What a stored template is found by, None for a text that is no template."""
    record = _value(configuration)
    if not isinstance(record, Mapping):
        return None
    return TemplateKey(*(str(record.get(member) or "") for member in ("layer", "entity", "name")))


def _value(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return None
    return found


def _file_menu(file: Path) -> tuple[MenuEntry, ...] | None:
    try:
        return parse_menu(read_text(file), str(file)) if file.is_file() else None
    except ConfigError as error:
        raise DashboardError(str(error)) from error


def _menu_in_force(file_menu: tuple[MenuEntry, ...] | None, storage: Storage, now_ms: int) -> tuple[MenuEntry, ...]:
    stored = storage.menu()
    if stored is not None:
        try:
            return stored_menu(stored)
        except ValueError as error:
            _log.warning("stored menu cannot be read, the file's is shown", reason=str(error))
    elif file_menu is not None:
        storage.save_menu(menu_text(file_menu), now_ms)
    return file_menu or ()
