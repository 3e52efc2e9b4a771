"""Dashboard templates of a running server, over GraphQL."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oal.functions.contract import ValueKind
from oap.commands.server_calls import CallError, call
from oap.dashboards.known_metric import KnownMetric, KnownMetrics

_TEMPLATES = "query templates { getAllTemplates { id configuration } }"
_METRICS = "query metrics { listMetrics { name catalog type } }"
_KINDS = {kind.value: kind for kind in ValueKind}
_CHANGE = "mutation ($setting: DashboardSetting!) { changeTemplate(setting: $setting) { status message } }"


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A template in use; ``configuration`` is the stored text, ``plain`` its value, None when it is no JSON object."""

    id: str
    configuration: str

    @property
    def plain(self) -> Mapping[str, Any] | None:
        """The value that the text holds."""
        try:
            found = json.loads(self.configuration)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def stored_templates(server: str) -> Mapping[str, StoredTemplate]:
    """Templates in use by id. Raises CallError."""
    rows = _ask(server, _TEMPLATES)["getAllTemplates"]
    return {row["id"]: StoredTemplate(row["id"], row["configuration"]) for row in rows}


def server_metrics(server: str) -> KnownMetrics:
    """The server's metrics. Raises CallError."""
    rows = _ask(server, _METRICS)["listMetrics"]
    return {row["name"]: KnownMetric(row["catalog"] or "", _KINDS.get(row["type"])) for row in rows}


def put_template(server: str, template_id: str, configuration: str) -> None:
    """Store a template under its id, in place of what is there. Raises CallError, also when the server refuses."""
    setting = {"id": template_id, "configuration": configuration}
    outcome = _ask(server, _CHANGE, setting=setting)["changeTemplate"]
    if not outcome["status"]:
        raise CallError(f"the server does not take '{template_id}': {outcome['message']}")


def _ask(server: str, query: str, **variables: object) -> Mapping[str, Any]:
    answer = call(f"{server.rstrip('/')}/graphql", "POST", {"query": query, "variables": variables})
    if answer.get("errors"):
        raise CallError("; ".join(str(error.get("message")) for error in answer["errors"]))
    data: Mapping[str, Any] = answer.get("data") or {}
    return data
