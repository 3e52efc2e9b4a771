"""Which members of an entity a metric needs, and what it is without them (spec query 3.2 and 7)."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.oap.query.graphql.bookinfo import RANGE
from tests.oap.query.graphql.recorded import Caller

SERVICE = {"serviceName": "productpage.bookinfo", "normal": True}
DEST = {"destServiceName": "details.bookinfo", "destNormal": True}
COMPLETE: Mapping[str, Mapping[str, Any]] = {
    "kubernetes_service_connect_cpm": SERVICE,
    "kubernetes_service_instance_connect_cpm": {**SERVICE, "serviceInstanceName": "$productpage_pod_name"},
    "kubernetes_service_endpoint_call_cpm": {
        "serviceName": "details.bookinfo",
        "normal": True,
        "endpointName": "GET:/details/0",
    },
    "kubernetes_service_relation_connect_cpm": {**SERVICE, **DEST},
    "kubernetes_service_instance_relation_connect_cpm": {
        **SERVICE,
        **DEST,
        "serviceInstanceName": "$productpage_pod_name",
        "destServiceInstanceName": "$details_pod_name",
    },
}
NEEDED = [(metric, member) for metric, entity in COMPLETE.items() for member in entity]


def ask(caller: Caller, expression: str, entity: Mapping[str, Any]) -> tuple[str, list[list[str | None]]]:
    """Type and values of a result without an error."""
    found = caller.run("metrics-exec", {"expression": expression, "entity": entity, "duration": RANGE})
    assert found["error"] is None
    return found["type"], [[point["value"] for point in series["values"]] for series in found["results"]]


def test_every_other_member_is_ignored(caller: Caller) -> None:
    for metric, entity in COMPLETE.items():
        found = ask(caller, metric, entity)
        [values] = found[1]
        assert any(values)
        more = {"scope": "Process", "processName": "p", "destProcessName": "p", "destEndpointName": "e"}
        assert ask(caller, metric, {**more, **entity}) == found


@pytest.mark.parametrize(("metric", "member"), NEEDED)
def test_without_a_needed_member_there_is_no_series_and_no_error(metric: str, member: str, caller: Caller) -> None:
    entity = COMPLETE[metric]
    missing = {name: value for name, value in entity.items() if name != member}
    assert ask(caller, metric, missing) == ask(caller, metric, {**missing, member: None}) == ("UNKNOWN", [])


@pytest.mark.parametrize(("metric", "member"), NEEDED)
def test_empty_name_and_other_kind_of_service_are_entities_without_data(
    metric: str, member: str, caller: Caller
) -> None:
    other = {**COMPLETE[metric], member: "" if member.endswith("Name") else False}
    assert ask(caller, metric, other) == ("TIME_SERIES_VALUES", [[None] * 10])


def test_metric_with_labels_keeps_its_type_without_an_entity(caller: Caller) -> None:
    assert ask(caller, "kubernetes_service_percentile", {}) == ("TIME_SERIES_VALUES", [])


@pytest.mark.parametrize(
    "entity", [{}, {"serviceName": ""}, {"serviceName": "", "normal": True}, {"serviceName": None}]
)
def test_a_list_for_no_service_is_of_all(entity: Mapping[str, Any], caller: Caller) -> None:
    found = caller.run(
        "metrics-exec",
        {"expression": "top_n(kubernetes_service_endpoint_call_cpm,3,des)", "entity": entity, "duration": RANGE},
    )
    [series] = found["results"]
    names = [f"{point['owner']['serviceName']} - {point['owner']['endpointName']}" for point in series["values"]]
    assert [point["id"] for point in series["values"]] == names
    assert len(names) == 3


@pytest.mark.parametrize("entity", [{"serviceName": "details.bookinfo"}, {"serviceName": "nobody", "normal": True}])
def test_a_list_for_half_a_service_or_an_unknown_one_is_empty(entity: Mapping[str, Any], caller: Caller) -> None:
    assert ask(caller, "top_n(kubernetes_service_endpoint_call_cpm,3,des)", entity) == ("SORTED_LIST", [[]])
