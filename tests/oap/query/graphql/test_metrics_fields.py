from collections.abc import Mapping
from typing import Any

import pytest

from tests.oap.query.client import RANGE, ask, post
from tests.oap.query.cluster import DETAILS, PAGE, REVIEWS, endpoint, pod, sid

EXECUTE = """query queryData($entity: Entity!, $duration: Duration!, $expression: String!) {
    result: execExpression(expression: $expression, entity: $entity, duration: $duration) {
        type error debuggingTrace { traceId }
        results { metric { labels { key value } } values { id value traceID owner { scope
            serviceID serviceName normal serviceInstanceID serviceInstanceName endpointID endpointName } } } } }"""
SHORT = {"start": "2026-01-01 1229", "end": "2026-01-01 1231", "step": "MINUTE"}
SERVICE = {"serviceName": DETAILS, "normal": True}
# As swctl sends it: every member, unused texts empty, process names null.
SWCTL = SERVICE | {
    "scope": None,
    "serviceInstanceName": "",
    "endpointName": "",
    "processName": None,
    "destServiceName": "",
    "destNormal": False,
    "destServiceInstanceName": "",
    "destEndpointName": "",
    "destProcessName": None,
}


def execute(url: str, expression: str, entity: object, duration: object = SHORT) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ask(url, EXECUTE, expression=expression, entity=entity, duration=duration)["result"]
    return found


@pytest.mark.parametrize("entity", [SERVICE, SWCTL])
def test_series_has_a_point_for_every_minute(entity: object, cluster_url: str) -> None:
    nothing = {"traceID": None, "owner": None}
    assert execute(cluster_url, "kubernetes_service_http_call_cpm", entity) == {
        "type": "TIME_SERIES_VALUES",
        "error": None,
        "debuggingTrace": None,
        "results": [
            {
                "metric": {"labels": []},
                "values": [
                    {"id": "1767270540000", "value": "455"} | nothing,
                    {"id": "1767270600000", "value": "437"} | nothing,
                    {"id": "1767270660000", "value": None} | nothing,
                ],
            }
        ],
    }


def test_labelled_metric_has_a_series_for_each_label(cluster_url: str) -> None:
    found = execute(cluster_url, "kubernetes_service_percentile{p='50,99'}", SERVICE)
    assert [one["metric"]["labels"] for one in found["results"]] == [
        [{"key": "p", "value": "50"}],
        [{"key": "p", "value": "99"}],
    ]


def test_endpoints_of_a_service_are_sorted_with_their_owners(cluster_url: str) -> None:
    expression = "top_n(kubernetes_service_endpoint_call_time,10,des)"
    found = execute(cluster_url, expression, SWCTL | {"serviceName": PAGE})
    assert found["type"] == "SORTED_LIST"
    [series] = found["results"]
    assert [value["id"] for value in series["values"]] == ["GET:/productpage", "POST:/login", "GET:/api/v1/products"]
    assert series["values"][1]["owner"] == {
        "scope": "Endpoint",
        "serviceID": sid(PAGE),
        "serviceName": PAGE,
        "normal": True,
        "serviceInstanceID": None,
        "serviceInstanceName": None,
        "endpointID": endpoint(PAGE, "POST:/login"),
        "endpointName": "POST:/login",
    }


@pytest.mark.parametrize("entity", [{}, {"serviceName": "", "normal": False}])
def test_list_without_a_service_is_global(entity: object, cluster_url: str) -> None:
    [series] = execute(cluster_url, "top_n(kubernetes_service_instance_http_call_cpm,1,des)", entity)["results"]
    assert [value["id"] for value in series["values"]] == ["gateway.edge - gateway-v1-0"]
    assert series["values"][0]["owner"]["serviceInstanceID"] == pod("gateway.edge")


@pytest.mark.parametrize(
    ("entity", "names"),
    [(SERVICE, [DETAILS]), ({"serviceName": "other", "normal": True}, []), ({"serviceName": DETAILS}, [])],
)
def test_list_of_services_for_one_service_has_at_most_that_one(
    entity: object, names: list[str], cluster_url: str
) -> None:
    expression = "top_n(kubernetes_service_http_call_cpm,5,des,attr0='K8S_SERVICE')"
    [series] = execute(cluster_url, expression, entity)["results"]
    assert [value["id"] for value in series["values"]] == names


@pytest.mark.parametrize("condition", ["attr0='MESH'", "attr0!='K8S_SERVICE'", "attr1='x'", "attr1!='x'"])
def test_attribute_condition_that_no_record_meets_leaves_an_empty_list(condition: str, cluster_url: str) -> None:
    for entity in ({}, SERVICE):
        found = execute(cluster_url, f"top_n(kubernetes_service_http_call_cpm,5,des,{condition})", entity)
        assert found["results"] == [{"metric": {"labels": []}, "values": []}]


def test_bad_expressions_leave_the_others_alone(cluster_url: str) -> None:
    expressions = ["nosuch", "avg(", "increase(kubernetes_service_http_call_cpm,0)", "kubernetes_service_http_call_cpm"]
    fields = [
        f'e{i}: execExpression(expression: "{text}", entity: $e, duration: $d) {{ type error }}'
        for i, text in enumerate(expressions)
    ]
    found = ask(cluster_url, f"query ($e: Entity!, $d: Duration!) {{ {' '.join(fields)} }}", e=SERVICE, d=SHORT)
    assert found == {
        "e0": {"type": "UNKNOWN", "error": "line 1, column 1: there is no metric 'nosuch'"},
        "e1": {
            "type": "UNKNOWN",
            "error": "line 1, column 5: the expression ends too early, expected a metric, a number, '(' or a function",
        },
        "e2": {
            "type": "UNKNOWN",
            "error": "line 1, column 1: 'increase' needs at least 1 step, not 0; "
            "write increase(kubernetes_service_http_call_cpm,1)",
        },
        "e3": {"type": "TIME_SERIES_VALUES", "error": None},
    }


@pytest.mark.parametrize(
    ("expression", "entity"),
    [
        ("kubernetes_service_http_call_cpm", {}),
        ("kubernetes_service_instance_http_call_cpm", SERVICE),
        ("kubernetes_service_relation_server_http_call_cpm", SERVICE | {"destServiceName": None}),
    ],
)
def test_missing_member_is_no_error(expression: str, entity: object, cluster_url: str) -> None:
    found = execute(cluster_url, expression, entity)
    assert (found["type"], found["error"], found["results"]) == ("UNKNOWN", None, [])


def test_service_that_is_not_normal_has_no_values_and_no_error(cluster_url: str) -> None:
    found = execute(cluster_url, "kubernetes_service_http_call_cpm", {"serviceName": DETAILS, "normal": False})
    [series] = found["results"]
    assert [value["value"] for value in series["values"]] == [None, None, None]


def test_seconds_have_points_without_values(cluster_url: str) -> None:
    seconds = {"start": "2026-01-01 123000", "end": "2026-01-01 123001", "step": "SECOND"}
    [series] = execute(cluster_url, "kubernetes_service_http_call_cpm", SERVICE, seconds)["results"]
    assert [(value["id"], value["value"]) for value in series["values"]] == [
        ("1767270600000", None),
        ("1767270601000", None),
    ]


def test_range_that_is_too_long_fails_the_request(cluster_url: str) -> None:
    duration = {"start": "2026-01-01 0000", "end": "2026-01-01 0821", "step": "MINUTE"}
    answer = post(cluster_url, EXECUTE, expression="1", entity={}, duration=duration)
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert "502 points" in answer.json()["errors"][0]["message"]


def test_relation_metric_is_read_from_source_to_destination(cluster_url: str) -> None:
    entity = {"serviceName": PAGE, "normal": True, "destServiceName": REVIEWS, "destNormal": True}
    metric = "kubernetes_service_relation_server_http"
    found = execute(cluster_url, f"sum({metric}_success_cpm) / sum({metric}_call_cpm) * 100", entity, RANGE)
    [series] = found["results"]
    assert series["values"][0]["value"] == "96.985"


def test_metrics_are_listed_by_whole_name(cluster_url: str) -> None:
    query = "query ($regex: String) { listMetrics(regex: $regex) { name type catalog } }"
    assert ask(cluster_url, query, regex="kubernetes_service_(percentile|write_time)")["listMetrics"] == [
        {"name": "kubernetes_service_percentile", "type": "LABELED_VALUE", "catalog": "SERVICE"},
        {"name": "kubernetes_service_write_time", "type": "REGULAR_VALUE", "catalog": "SERVICE"},
    ]
    assert ask(cluster_url, query, regex="percentile")["listMetrics"] == []
    assert len(ask(cluster_url, query, regex="")["listMetrics"]) == 17
    # One that takes far too long where an expression is tried branch by branch.
    assert ask(cluster_url, query, regex="(kubernetes|_|[a-z]|[a-z][a-z])*!")["listMetrics"] == []


@pytest.mark.parametrize(
    ("regex", "reason"), [("(", "missing ): ("), ("(?=k).*", "invalid perl operator: (?="), ("[", "missing ]: [")]
)
def test_a_text_that_is_no_regular_expression_is_told(
    regex: str, reason: str, cluster_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    query = "query ($regex: String) { listMetrics(regex: $regex) { name } }"
    [error] = post(cluster_url, query, regex=regex).json()["errors"]
    assert error["message"] == f"'{regex}' is no regular expression: {reason}"
    # The library would write to the terminal of the server as well.
    assert capfd.readouterr().err == ""


def test_type_of_a_metric_is_told(cluster_url: str) -> None:
    query = """{ a: typeOfMetrics(name: "kubernetes_service_percentile")
        b: typeOfMetrics(name: "kubernetes_service_write_time") c: typeOfMetrics(name: "nosuch") }"""
    assert ask(cluster_url, query) == {"a": "LABELED_VALUE", "b": "REGULAR_VALUE", "c": "UNKNOWN"}
