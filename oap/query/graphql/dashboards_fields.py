"""Fields of dashboards.graphqls: templates and the menu."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from ariadne import MutationType, QueryType
from graphql import GraphQLResolveInfo

from oap.query.request import Request, request_of
from oap.storage.contract import LONGEST_CONFIGURATION, Template

query = QueryType()
mutation = MutationType()

Row = Mapping[str, Any]

_SWITCHED_OFF = "dashboards cannot be changed here: set SW_ENABLE_UPDATE_UI_TEMPLATE=true to allow it"


@query.field("getTemplate")
def get_template(_: object, info: GraphQLResolveInfo, id: str) -> Row | None:  # noqa: A002  (the argument's name)
    """The template of an id."""
    found = _find(request_of(info), id)
    return None if found is None or found.disabled else _row(found)


@query.field("getAllTemplates")
def all_templates(_: object, info: GraphQLResolveInfo) -> list[Row]:
    """Templates in use."""
    return [_row(template) for template in request_of(info).reads.storage.templates()]


@query.field("getMenuItems")
def menu_items(_: object, info: GraphQLResolveInfo) -> Sequence[Row]:
    """Menu, with what has services marked as active."""
    request = request_of(info)

    def layers() -> set[str]:
        return {layer for service in request.services() for layer in service.layers}

    return request.deps.menu.items(layers, request.deps.clock.now_s())


@mutation.field("addTemplate")
def add_template(_: object, info: GraphQLResolveInfo, setting: Row) -> Row:
    """Store a template under an id of our making."""
    request = request_of(info)
    if not request.deps.can_change_templates:
        return _refused("")
    return _saved(request, Template(str(uuid4()), setting["configuration"], _now_ms(request)), refused_id="")


@mutation.field("changeTemplate")
def change_template(_: object, info: GraphQLResolveInfo, setting: Row) -> Row:
    """Replace a template's text; it is in use again if it was disabled."""
    request = request_of(info)
    if not request.deps.can_change_templates:
        return _refused(setting["id"])
    return _saved(request, Template(setting["id"], setting["configuration"], _now_ms(request)), setting["id"])


@mutation.field("disableTemplate")
def disable_template(_: object, info: GraphQLResolveInfo, id: str) -> Row:  # noqa: A002  (the argument's name)
    """Take a template out of use; its id stays reserved."""
    request = request_of(info)
    if not request.deps.can_change_templates:
        return _refused(id)
    found = _find(request, id)
    if found is None:
        return _refused(id, f"there is no template '{id}'")
    return _saved(request, replace(found, disabled=True, update_time=_now_ms(request)), id)


def _find(request: Request, template_id: str) -> Template | None:
    templates = request.reads.storage.templates(include_disabled=True)
    return next((template for template in templates if template.template_id == template_id), None)


def _row(template: Template) -> Row:
    return {"id": template.template_id, "configuration": template.configuration}


def _refused(template_id: str, reason: str = _SWITCHED_OFF) -> Row:
    return {"id": template_id, "status": False, "message": reason}


def _saved(request: Request, template: Template, refused_id: str) -> Row:
    length = len(template.configuration)
    if length > LONGEST_CONFIGURATION:
        reason = f"a dashboard may have {LONGEST_CONFIGURATION} characters, this one has {length}"
        return _refused(refused_id, reason)
    request.reads.storage.save_template(template)
    return {"id": template.template_id, "status": True, "message": None}


def _now_ms(request: Request) -> int:
    return int(request.deps.clock.now_s() * 1000)
