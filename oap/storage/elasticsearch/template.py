"""Dashboard templates, and the menu that leads to them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from oap.storage.contract import Template
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import MANAGEMENT, Layout

_MODEL: Final = "ui_template"
_MENU: Final = "ui_menu"
_MENU_ID: Final = "1"


def templates(indices: Indices, layout: Layout, *, include_disabled: bool) -> Sequence[Template]:
    """Templates by id."""
    must: list[Mapping[str, Any]] = [{"term": {"management_table": _MODEL}}]
    if not include_disabled:
        must.append({"term": {"disabled": 0}})
    sources = [hit["_source"] for hit in indices.hits([layout.alias(MANAGEMENT)], must)]
    found = [
        Template(source["template_id"], source["configuration"], source["update_time"], bool(source["disabled"]))
        for source in sources
    ]
    return sorted(found, key=lambda template: template.template_id)


def save_template(indices: Indices, layout: Layout, template: Template) -> None:
    """Insert or replace a template."""
    document = {
        "management_table": _MODEL,
        "template_id": template.template_id,
        "configuration": template.configuration,
        "update_time": template.update_time,
        "disabled": int(template.disabled),
    }
    indices.connection.request("PUT", f"{_row(layout, _MODEL, template.template_id)}?refresh=true", document)


def menu(indices: Indices, layout: Layout) -> str | None:
    """The menu, None before one was saved."""
    found = indices.connection.get(_row(layout, _MENU, _MENU_ID), missing={})
    return str(found["_source"]["configuration"]) if found.get("found") else None


def save_menu(indices: Indices, layout: Layout, configuration: str, update_time: int) -> None:
    """Insert or replace the menu."""
    document = {
        "management_table": _MENU,
        "menu_id": _MENU_ID,
        "configuration": configuration,
        "update_time": update_time,
    }
    indices.connection.request("PUT", f"{_row(layout, _MENU, _MENU_ID)}?refresh=true", document)


def _row(layout: Layout, model: str, key: str) -> str:
    return f"/{layout.alias(MANAGEMENT)}/_doc/{quote(f'{model}_{key}', safe='')}"
