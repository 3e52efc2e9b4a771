"""Dashboards of a server as users meet them: what a start stores, what stays, and that every panel has something to show."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oap.dashboards.check import check_templates
from oap.dashboards.expressions import ExpressionUse, expressions
from tests.oap.process.server_process import ROOT, ServerProcess, environment, launched, running
from tests.waiting import until

SHIPPED = (
    "K8S-Endpoint",
    "K8S-Service-Instance-Relation",
    "K8S-Service-Pods",
    "K8S-Service-Relation",
    "K8S-Service-Root",
    "K8S-Service-Service",
)
TEMPLATES = "{ getAllTemplates { id configuration } }"
MENU = "{ getMenuItems { title activate subItems { title layer activate } } }"
CHANGE = "mutation ($s: DashboardSetting!) { changeTemplate(setting: $s) { status } }"
DISABLE = "mutation ($id: String!) { disableTemplate(id: $id) { status } }"
VALUES = "{ type error results { values { value } } }"
AT_ONCE = 50
FILLED_S = 180.0


def stored(server: ServerProcess) -> dict[str, str]:
    return {row["id"]: row["configuration"] for row in server.ask(TEMPLATES)["getAllTemplates"]}


def test_what_users_change_and_disable_outlives_a_restart(tmp_path: Path) -> None:
    environ = environment(tmp_path / "oap.duckdb", SW_ENABLE_UPDATE_UI_TEMPLATE="true")
    ours = '{"name": "K8S-Endpoint",  "layer": "K8S_SERVICE", "entity": "Endpoint", "children": [], "path": "größe"}'
    with running(environ) as server:
        assert tuple(stored(server)) == SHIPPED
        assert server.wait_for("dashboards added")["dashboards"] == list(SHIPPED)
        assert server.ask(MENU)["getMenuItems"][0] == {
            "title": "Kubernetes",
            "activate": False,
            "subItems": [{"title": "Service", "layer": "K8S_SERVICE", "activate": False}],
        }
        assert server.ask(CHANGE, s={"id": "K8S-Endpoint", "configuration": ours})["changeTemplate"]["status"] is True
        assert server.ask(DISABLE, id="K8S-Service-Pods")["disableTemplate"]["status"] is True
        assert server.stop() == 0
    with running(environ) as server:
        assert set(stored(server)) == {*SHIPPED} - {"K8S-Service-Pods"}
        assert stored(server)["K8S-Endpoint"] == ours
        assert "dashboards added" not in [entry["event"] for entry in server.events()]


def test_two_dashboards_of_one_name_keep_a_server_from_starting(tmp_path: Path) -> None:
    config = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    folder = config / "ui-initialized-templates"
    (folder / "custom").mkdir()
    text = (folder / "k8s_service" / "k8s-endpoint.json").read_text(encoding="utf-8")
    (folder / "custom" / "mine.json").write_text(text.replace('"id": "K8S-Endpoint"', '"id": "Mine"'), encoding="utf-8")
    with launched(environment(tmp_path / "oap.duckdb"), "--config", str(config)) as server:
        assert server.wait() == 1
        said = server.said
    assert "mine.json:5:15: error DASH402: there is another dashboard K8S-Endpoint (layer K8S_SERVICE" in said
    assert said.endswith("\nthe server cannot start\n")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ServerProcess]:
    with running(environment(tmp_path / "oap.duckdb"), "--simulate", "bookinfo") as server:
        yield server


def test_every_panel_of_the_shipped_dashboards_has_values(shop: ServerProcess) -> None:
    uses = shipped_expressions()
    assert len({use.node.text for use in uses}) > 300
    missing = ["not asked yet"]

    def is_full() -> bool:
        missing[:] = empty(shop, uses)
        return not missing

    try:
        until(is_full, "some panels stay empty", FILLED_S)
    finally:
        assert missing == []


def shipped_expressions() -> Sequence[ExpressionUse]:
    """All expressions but those for status codes that the simulated cluster may not answer with."""
    files = sorted((ROOT / "config" / "ui-initialized-templates").glob("*/*.json"))
    templates = check_templates({str(file): file.read_text(encoding="utf-8") for file in files}, {}).templates
    return [use for one in templates for use in expressions(one) if "_http_status_" not in use.node.text]


def empty(server: ServerProcess, uses: Sequence[ExpressionUse]) -> list[str]:
    """The expressions without any value for a call from one service to another, its ends, pods and endpoints."""
    entities = _entities(server)
    if entities is None:
        return ["no entities yet"]
    found: list[str] = []
    for first in range(0, len(uses), AT_ONCE):
        part = uses[first : first + AT_ONCE]
        asked = " ".join(
            f"e{n}: execExpression(expression: {json.dumps(use.node.text)}, entity: $e{use.entity}, duration: $d) {VALUES}"
            for n, use in enumerate(part)
        )
        needed = sorted({use.entity for use in part})
        variables = ", ".join(f"$e{entity}: Entity!" for entity in needed)
        given = {f"e{entity}": entities[entity] for entity in needed}
        answers = server.ask(f"query ($d: Duration!, {variables}) {{ {asked} }}", d=_duration(), **given)
        for n, use in enumerate(part):
            assert answers[f"e{n}"]["error"] is None, (use.node.text, answers[f"e{n}"])
            values = [point["value"] for series in answers[f"e{n}"]["results"] for point in series["values"]]
            if not any(value is not None for value in values):
                found.append(f"{use.entity}: {use.node.text}")
    return found


def _entities(server: ServerProcess) -> Mapping[str, Mapping[str, Any]] | None:
    """An entity of each kind, None before all of them are known."""
    names = {
        row["name"].partition(".")[0]: row["name"] for row in server.ask("{ listServices { name } }")["listServices"]
    }
    if not {"productpage", "reviews"} <= names.keys():
        return None
    query = """query ($d: Duration!, $p: String!, $r: String!) {
        pods: listInstancesByName(service: {serviceName: $p}, duration: $d) { name }
        dest: listInstancesByName(service: {serviceName: $r}, duration: $d) { name }
        endpoints: findEndpointByName(keyword: "", service: {serviceName: $p}, limit: 1) { name } }"""
    found = server.ask(query, d=_duration(), p=names["productpage"], r=names["reviews"])
    if not all(found.values()):
        return None
    service = {"serviceName": names["productpage"], "normal": True}
    pod = service | {"serviceInstanceName": found["pods"][0]["name"]}
    relation = service | {"destServiceName": names["reviews"], "destNormal": True}
    return {
        "All": {},
        "Service": service,
        "ServiceInstance": pod,
        "Endpoint": service | {"endpointName": found["endpoints"][0]["name"]},
        "ServiceRelation": relation,
        "ServiceInstanceRelation": pod | relation | {"destServiceInstanceName": found["dest"][0]["name"]},
    }


def _duration() -> Mapping[str, str]:
    """The last ten minutes."""
    now = datetime.now(UTC)
    return {"start": f"{now - timedelta(minutes=9):%Y-%m-%d %H%M}", "end": f"{now:%Y-%m-%d %H%M}", "step": "MINUTE"}
