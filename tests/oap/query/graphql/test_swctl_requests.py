"""Every command of swctl gets its answer, and upstream's own end-to-end checks pass (spec query 6.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from oap.entity import ids
from oap.entity.layers import Layer
from oap.server import Server
from tests.oap.query.graphql.bookinfo import RANGE
from tests.oap.query.graphql.recorded import Caller, cases

COMMANDS = {case["command"]: case for case in cases("swctl", "commands")}
SERVICES = ("details", "gateway", "productpage", "ratings", "redis", "reviews")
# swctl sends every member: unused texts are empty, unused flags false.
NOTHING: Mapping[str, Any] = {
    "scope": None,
    "serviceName": "",
    "normal": False,
    "serviceInstanceName": "",
    "endpointName": "",
    "processName": None,
    "destServiceName": "",
    "destNormal": False,
    "destServiceInstanceName": "",
    "destEndpointName": "",
    "destProcessName": None,
}
PRODUCTPAGE = {**NOTHING, "serviceName": "productpage.bookinfo", "normal": True}
REVIEWS = {**NOTHING, "serviceName": "reviews.bookinfo", "normal": True}
DETAILS = {**NOTHING, "serviceName": "details.bookinfo", "normal": True}
TO_DETAILS = {"destServiceName": "details.bookinfo", "destNormal": True}
ENTITIES = {
    "productpage": PRODUCTPAGE,
    "reviews": REVIEWS,
    "productpage_pod": PRODUCTPAGE | {"serviceInstanceName": "$productpage_pod_name"},
    "reviews_pod": REVIEWS | {"serviceInstanceName": "$reviews_pod_name"},
    "endpoint": DETAILS | {"endpointName": "GET:/details/0"},
    "relation": PRODUCTPAGE | TO_DETAILS,
    "pod_relation": PRODUCTPAGE
    | TO_DETAILS
    | {"serviceInstanceName": "$productpage_pod_name", "destServiceInstanceName": "$details_pod_name"},
}
_RELATION = (
    "connect_cpm server_write_cpm server_write_package_cpm server_read_cpm server_read_package_cpm "
    "client_write_cpm client_write_package_cpm client_read_cpm client_read_package_cpm"
)
CHECKED = {
    ("productpage", "service"): "connect_cpm write_cpm read_cpm write_l4_time read_l4_time write_package_cpm "
    "read_package_cpm",
    ("reviews", "service"): "accept_cpm http_call_cpm http_call_time",
    ("productpage_pod", "service_instance"): "connect_cpm write_cpm write_l4_time write_package_cpm read_cpm "
    "read_l4_time read_package_cpm",
    ("reviews_pod", "service_instance"): "http_call_cpm",
    ("endpoint", "service_endpoint"): "call_cpm http_call_cpm",
    ("relation", "service_relation"): _RELATION,
    ("pod_relation", "service_instance_relation"): _RELATION,
}


def execute(caller: Caller, expression: str, entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Result of ``metrics exec``."""
    variables = {"expression": expression, "entity": entity, "duration": RANGE}
    found: Mapping[str, Any] = caller.run("metrics-exec", variables)
    assert (found["error"], found["debuggingTrace"]) == (None, None)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_gets_its_answer(command: str, caller: Caller) -> None:
    assert caller.run("time") == {"timezone": "+0000"}
    assert caller.run("version").startswith("10.4.")
    assert caller.run("find-service", {"serviceName": "reviews.bookinfo"})["id"] == caller.names["reviews"]
    case = COMMANDS[command]
    found = caller.run(case["document"], case["variables"])
    assert found == caller.filled(case["answer"]) if "answer" in case else found


def test_service_ls_has_every_service_with_its_details(caller: Caller) -> None:
    found = {service["name"]: service for service in caller.run("service-ls", {"duration": RANGE})}
    assert found == {
        f"{name}.bookinfo": {
            "id": ids.service_id(f"{name}.bookinfo"),
            "name": f"{name}.bookinfo",
            "group": "",
            "shortName": f"{name}.bookinfo",
            "layers": ["K8S_SERVICE"],
            "normal": True,
        }
        for name in SERVICES
    }
    assert caller.run("service-layer", {"layer": "K8S_SERVICE"}) == list(found.values())


def test_layer_ls_has_the_46_layers(caller: Caller) -> None:
    assert sorted(caller.run("layer-ls")) == sorted(set(Layer.__members__) - {"UNDEFINED"})
    assert len(caller.run("layer-ls")) == 46


def test_instance_list_has_the_three_pods(caller: Caller) -> None:
    found = caller.run("instance-list", {"serviceId": "$productpage", "duration": RANGE})
    assert len(found) == 3
    for one in found:
        assert (one["attributes"], one["language"], one["instanceUUID"]) == ([], "UNKNOWN", one["id"])
        assert one["id"] == ids.instance_id(caller.names["productpage"], one["name"])
        assert one["name"].startswith("productpage-v1-")
        assert caller.run("instance-get", {"instanceId": one["id"]}) == one


def test_dependency_global_draws_the_layer(caller: Caller) -> None:
    found = caller.run("dependency-global", {"layer": "K8S_SERVICE", "duration": RANGE})
    nodes = {node["name"]: (node["type"], node["isReal"], node["layers"]) for node in found["nodes"]}
    assert nodes == {
        "gateway.bookinfo": ("http", True, ["K8S_SERVICE"]),
        "productpage.bookinfo": ("http", True, ["K8S_SERVICE"]),
        "details.bookinfo": ("http", True, ["K8S_SERVICE"]),
        "reviews.bookinfo": ("http", True, ["K8S_SERVICE"]),
        "ratings.bookinfo": ("https", True, ["K8S_SERVICE"]),
        "redis.bookinfo": ("tcp", True, ["K8S_SERVICE"]),
        "mysql.bookinfo": (None, True, ["UNDEFINED"]),
        "Unknown": (None, True, ["UNDEFINED"]),
    }
    assert set(_edges(found)) == {
        ("Unknown", "gateway.bookinfo"),
        ("gateway.bookinfo", "productpage.bookinfo"),
        ("gateway.bookinfo", "details.bookinfo"),
        ("productpage.bookinfo", "details.bookinfo"),
        ("productpage.bookinfo", "reviews.bookinfo"),
        ("productpage.bookinfo", "Unknown"),
        ("reviews.bookinfo", "ratings.bookinfo"),
        ("reviews.bookinfo", "redis.bookinfo"),
        ("ratings.bookinfo", "mysql.bookinfo"),
    }
    calls = {(call["source"], call["target"]): call for call in found["calls"]}
    for source, target in (("productpage", "details"), ("productpage", "reviews")):
        call = calls[caller.names[source], caller.names[target]]
        assert call["id"] == f"{caller.names[source]}-{caller.names[target]}"
        assert call["detectPoints"] == ["CLIENT", "SERVER"]
        assert "http" in call["sourceComponents"]
        assert "http" in call["targetComponents"]
    everything = caller.run("dependency-global-without-layer", {"duration": RANGE})
    assert set(_edges(everything)) == set(_edges(found))


def _edges(topology: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    names = {node["id"]: node["name"] for node in topology["nodes"]}
    return ((names[call["source"]], names[call["target"]]) for call in topology["calls"])


def test_dependency_service_draws_the_neighbours(caller: Caller) -> None:
    found = caller.run("dependency-service", {"serviceId": "$reviews", "duration": RANGE})
    assert set(_edges(found)) == {
        ("productpage.bookinfo", "reviews.bookinfo"),
        ("reviews.bookinfo", "ratings.bookinfo"),
        ("reviews.bookinfo", "redis.bookinfo"),
    }


def test_dependency_instance_draws_the_pods_of_two_services(caller: Caller) -> None:
    variables = {"clientServiceId": "$productpage", "serverServiceId": "$details", "duration": RANGE}
    found = caller.run("dependency-instance", variables)
    assert {(node["serviceName"], node["type"], node["isReal"]) for node in found["nodes"]} == {
        ("productpage.bookinfo", "", True),
        ("details.bookinfo", "", True),
    }
    assert len(found["nodes"]) == 3 + 2
    assert len(found["calls"]) == 3 * 2
    for call in found["calls"]:
        assert (call["sourceComponents"], call["targetComponents"]) == ([], [])
        assert call["detectPoints"] == ["CLIENT", "SERVER"]
        assert call["id"] == f"{call['source']}-{call['target']}"


def test_endpoint_list_has_what_was_called(caller: Caller) -> None:
    variables = {"keyword": "", "serviceId": "$details", "limit": 100, "duration": None}
    found = caller.run("endpoint-list", variables)
    assert {"id": ids.endpoint_id(caller.names["details"], "GET:/details/0"), "name": "GET:/details/0"} in found
    assert {one["name"] for one in found} == {f"GET:/details/{number}" for number in range(20)}
    assert caller.run("endpoint-list", variables | {"limit": 3}) == found[:3]
    assert caller.run("endpoint-list", variables | {"keyword": "/details/0", "duration": RANGE}) == [
        {"id": caller.names["endpoint"], "name": "GET:/details/0"}
    ]


@pytest.mark.parametrize(
    ("entity", "metric"),
    [(entity, f"kubernetes_{scope}_{name}") for (entity, scope), names in CHECKED.items() for name in names.split()],
)
def test_metrics_exec_has_points_with_a_value_and_points_without(entity: str, metric: str, caller: Caller) -> None:
    found = execute(caller, metric, ENTITIES[entity])
    assert found["type"] == "TIME_SERIES_VALUES"
    [series] = found["results"]
    assert series["metric"] == {"labels": []}
    # 11:55 to 12:04 UTC
    assert [one["id"] for one in series["values"]] == [str(1767268500000 + 60000 * minute) for minute in range(10)]
    has_value = [one["value"] is not None for one in series["values"]]
    assert any(has_value)
    assert not any(has_value[:4] + has_value[7:])
    assert {(one["traceID"], one["owner"]) for one in series["values"]} == {(None, None)}
    assert all(int(one["value"]) >= 0 for one in series["values"] if one["value"] is not None)


@pytest.mark.parametrize(
    ("entity", "metric", "values"),
    [
        # Counted in the decoded streams: HTTP logs of server-side connections, connects, and calls of one path.
        ("reviews", "kubernetes_service_http_call_cpm", ["12", "921", "871"]),
        ("productpage", "kubernetes_service_connect_cpm", [None, "185", "190"]),
        ("endpoint", "kubernetes_service_endpoint_call_cpm", ["1", "49", "49"]),
    ],
)
def test_values_are_those_that_were_played(entity: str, metric: str, values: list[str], caller: Caller) -> None:
    [series] = execute(caller, metric, ENTITIES[entity])["results"]
    # One node's clock is behind, so a few logs are of the minute before the first.
    assert [one["value"] for one in series["values"]] == [None] * 4 + values + [None] * 3


@pytest.mark.parametrize(
    ("duration", "values"),
    [
        # Minutes had 12, 921 and 871 calls; the rest of each hour and day had none.
        ({"start": "2026-01-01 11", "end": "2026-01-01 13", "step": "HOUR"}, ["0", "29", None]),
        ({"start": "2025-12-31", "end": "2026-01-01", "step": "DAY"}, [None, "1"]),
    ],
)
def test_hours_and_days_have_values_and_drawings_of_their_own(
    duration: Mapping[str, Any], values: list[str], caller: Caller
) -> None:
    variables = {"expression": "kubernetes_service_http_call_cpm", "entity": REVIEWS, "duration": duration}
    [series] = caller.run("metrics-exec", variables)["results"]
    assert [one["value"] for one in series["values"]] == values
    found = caller.run("dependency-global", {"layer": "K8S_SERVICE", "duration": duration})
    assert found == caller.run("dependency-global", {"layer": "K8S_SERVICE", "duration": RANGE})
    pods = {"clientServiceId": "$productpage", "serverServiceId": "$details"}
    assert caller.run("dependency-instance", {**pods, "duration": duration}) == caller.run(
        "dependency-instance", {**pods, "duration": RANGE}
    )


@pytest.mark.parametrize(
    ("metric", "scope", "member"),
    [
        ("kubernetes_service_instance_write_l4_time", "ServiceInstance", "serviceInstance"),
        ("kubernetes_service_endpoint_call_time", "Endpoint", "endpoint"),
    ],
)
def test_top_n_of_a_service_names_its_entities(metric: str, scope: str, member: str, caller: Caller) -> None:
    found = execute(caller, f"top_n({metric},10,des)", DETAILS)
    assert found["type"] == "SORTED_LIST"
    [series] = found["results"]
    assert len(series["values"]) == {"serviceInstance": 2, "endpoint": 10}[member]
    [other] = {"serviceInstance", "endpoint"} - {member}
    values = [int(one["value"]) for one in series["values"]]
    assert values == sorted(values, reverse=True)
    for one in series["values"]:
        owner = one["owner"]
        assert (owner["scope"], owner["normal"], owner["serviceName"]) == (scope, True, "details.bookinfo")
        assert owner["serviceID"] == caller.names["details"]
        assert owner[f"{member}Name"] == one["id"]
        assert owner[f"{member}ID"] == ids.instance_id(owner["serviceID"], one["id"])
        assert (owner[f"{other}ID"], owner[f"{other}Name"]) == (None, None)


def test_older_commands_agree_with_expressions(caller: Caller) -> None:
    condition = {"condition": {"name": "kubernetes_service_http_call_cpm", "entity": REVIEWS}, "duration": RANGE}
    [series] = execute(caller, "kubernetes_service_http_call_cpm", REVIEWS)["results"]
    linear = caller.run("metrics-linear", condition)["values"]["values"]
    assert [None if one["isEmptyValue"] else str(one["value"]) for one in linear] == [
        one["value"] for one in series["values"]
    ]
    assert linear[0] == {"id": f"202601011155_{caller.names['reviews']}", "value": 0, "isEmptyValue": True}
    present = [int(one["value"]) for one in series["values"] if one["value"] is not None]
    mean = sum(present) // len(present)
    assert caller.run("metrics-single", condition) == mean
    assert caller.run("metrics-nullable", condition) == {"value": mean, "isEmptyValue": False}


def test_percentiles_are_listed_by_their_stored_keys(caller: Caller) -> None:
    metric = {"name": "kubernetes_service_percentile", "entity": REVIEWS}
    listed = caller.run("metrics-multiple-linear", {"condition": metric, "labels": [], "duration": RANGE})
    found = execute(caller, "kubernetes_service_percentile", REVIEWS)["results"]
    assert [one["label"] for one in listed] == ["{p=50}", "{p=75}", "{p=90}", "{p=95}", "{p=99}"]
    for old, new, percent in zip(listed, found, ("50", "75", "90", "95", "99"), strict=True):
        assert new["metric"]["labels"] == [{"key": "p", "value": percent}]
        assert [None if one["isEmptyValue"] else str(one["value"]) for one in old["values"]["values"]] == [
            one["value"] for one in new["values"]
        ]


def test_metrics_top_is_the_list_of_top_n(caller: Caller) -> None:
    name = "kubernetes_service_http_call_cpm"
    condition = {"name": name, "parentService": "", "normal": False, "scope": "Service", "topN": 5, "order": "DES"}
    found = caller.run("metrics-top", {"condition": condition, "duration": RANGE})
    [series] = execute(caller, f"top_n({name},5,des)", NOTHING)["results"]
    assert found == [
        {"name": one["id"], "id": one["owner"]["serviceID"], "value": one["value"], "refId": None}
        for one in series["values"]
    ]
    assert [one["name"] for one in found] == [
        f"{name}.bookinfo" for name in ("gateway", "productpage", "details", "reviews", "ratings")
    ]


def test_metrics_list_has_all_that_rules_define(caller: Caller) -> None:
    found = caller.run("metrics-list", {"regex": ""})
    assert len(found) == 296
    assert {one["catalog"] for one in found} == {
        "SERVICE",
        "SERVICE_INSTANCE",
        "ENDPOINT",
        "SERVICE_RELATION",
        "SERVICE_INSTANCE_RELATION",
    }
    assert caller.run("metrics-list", {"regex": "kubernetes_service"}) == []


def test_menu_get_leads_to_the_services(caller: Caller) -> None:
    [kubernetes, mesh] = caller.run("menu-get")
    assert (kubernetes["title"], kubernetes["activate"]) == ("Kubernetes", True)
    assert [(item["title"], item["layer"], item["activate"]) for item in kubernetes["subItems"]] == [
        ("Service", "K8S_SERVICE", True)
    ]
    assert (mesh["title"], mesh["activate"]) == ("Service Mesh", False)


@pytest.mark.parametrize("service", ["", "anything"])
def test_health_asks_the_port_of_the_agents_as_well(service: str, caller: Caller, shop: Server) -> None:
    assert caller.run("health") == {"score": 0, "details": ""}
    with grpc.insecure_channel(shop.addresses.agents) as channel:
        answer = HealthStub(channel).Check(HealthCheckRequest(service=service), timeout=60)
    assert answer.status == HealthCheckResponse.SERVING
