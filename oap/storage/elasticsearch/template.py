"""Dashboard templates."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from oap.storage.contract import Template
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import MANAGEMENT, Layout

_MODEL = "ui_template"


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
    row_id = quote(f"{_MODEL}_{template.template_id}", safe="")
    indices.connection.request("PUT", f"/{layout.alias(MANAGEMENT)}/_doc/{row_id}?refresh=true", document)
