"""Ranges of requests at every step, in the zone of the server (spec query 3.1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.oap.query.client import ask, post
from tests.oap.query.cluster import DETAILS, dependencies, fill, memory_store, serving

QUERY = """query ($d: Duration!, $e: Entity!) {
    result: execExpression(expression: "kubernetes_service_http_call_cpm", entity: $e, duration: $d) {
        error results { values { id value } } } }"""
ENTITY = {"serviceName": DETAILS, "normal": True}


def span(start: str, end: str, step: str) -> Mapping[str, object]:
    return {"start": start, "end": end, "step": step, "coldStage": False}


def values(url: str, duration: Mapping[str, object], entity: object = ENTITY) -> Sequence[Mapping[str, Any]]:
    found = ask(url, QUERY, d=duration, e=entity)["result"]
    assert found["error"] is None
    [series] = found["results"]
    points: Sequence[Mapping[str, Any]] = series["values"]
    return points


@pytest.mark.parametrize(
    ("start", "end", "step", "count"),
    [
        ("2026-01-01 1230", "2026-01-01 1230", "MINUTE", 1),
        ("2026-01-01 1215", "2026-01-01 1245", "MINUTE", 31),
        ("2026-01-01 0431", "2026-01-01 1251", "MINUTE", 501),
        ("2025-12-31 13", "2026-01-01 12", "HOUR", 24),
        ("2026-02-27", "2026-03-02", "DAY", 4),
        ("2024-02-27", "2024-03-02", "DAY", 5),
        ("2026-01-01 123000", "2026-01-01 123059", "SECOND", 60),
    ],
)
def test_series_is_as_long_as_the_range(start: str, end: str, step: str, count: int, cluster_url: str) -> None:
    assert len(values(cluster_url, span(start, end, step))) == count
    # Of a service without any row as well.
    nothing = values(cluster_url, span(start, end, step), {"serviceName": "nobody", "normal": True})
    assert [point["value"] for point in nothing] == [None] * count


def test_metrics_have_no_points_by_second(cluster_url: str) -> None:
    points = values(cluster_url, span("2026-01-01 123000", "2026-01-01 123002", "SECOND"))
    assert points == [{"id": str(1767270600000 + second * 1000), "value": None} for second in range(3)]


FIELDS = [
    ("execExpression", 'execExpression(expression: "1", entity: {}, duration: $d) { error }'),
    ("listInstances", 'listInstances(duration: $d, serviceId: "a") { id }'),
    ("findEndpoint", 'findEndpoint(duration: $d, serviceId: "a", limit: 1) { id }'),
    ("getGlobalTopology", "getGlobalTopology(duration: $d) { nodes { id } }"),
    (
        "getServiceInstanceTopology",
        'getServiceInstanceTopology(duration: $d, clientServiceId: "a", serverServiceId: "b") { nodes { id } }',
    ),
    ("getEndpointDependencies", 'getEndpointDependencies(duration: $d, endpointId: "a") { nodes { id } }'),
    ("getProcessTopology", 'getProcessTopology(duration: $d, serviceInstanceId: "a") { nodes { id } }'),
    ("listProcesses", 'listProcesses(duration: $d, instanceId: "a") { id }'),
    ("readMetricsValues", 'readMetricsValues(condition: {name: "a", entity: {}}, duration: $d) { label }'),
]
LISTS = {"listInstances", "findEndpoint", "listProcesses"}


def failure(url: str, selection: str, duration: Mapping[str, object]) -> Mapping[str, Any] | None:
    """The one error of an answer, or None."""
    answer = post(url, f"query ($d: Duration!) {{ {selection} }}", d=duration)
    assert isinstance(answer, httpx.Response)
    assert answer.status_code == 200
    errors = answer.json().get("errors", [])
    assert len(errors) <= 1
    return errors[0] if errors else None


@pytest.mark.parametrize(("field", "selection"), FIELDS)
@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (span("2026-01-01", "2026-01-02", "MINUTE"), "yyyy-MM-dd HHmm"),
        (span("2026-01-01 1200", "2026-01-02 1300", "HOUR"), "yyyy-MM-dd HH"),
        (span("2026-02-29", "2026-03-01", "DAY"), "2026-02-29"),
        (span("0001-01-01", "0001-01-01", "DAY"), "outside of the years"),
        (span("9999-12-31 235959", "9999-12-31 235959", "SECOND"), "outside of the years"),
    ],
)
def test_text_that_does_not_fit_fails_the_field(
    field: str, selection: str, duration: Mapping[str, object], words: str, cluster_url: str
) -> None:
    error = failure(cluster_url, selection, duration)
    assert error is not None
    assert (error["path"], error["extensions"]) == ([field], {"classification": "DataFetchingException"})
    assert words in error["message"]


@pytest.mark.parametrize(("field", "selection"), FIELDS)
def test_502_points_and_backwards_ranges_fail_all_but_lists(field: str, selection: str, cluster_url: str) -> None:
    long = failure(cluster_url, selection, span("2026-01-01 0430", "2026-01-01 1251", "MINUTE"))
    backwards = failure(cluster_url, selection, span("2026-01-01 1230", "2026-01-01 1229", "MINUTE"))
    if field in LISTS:
        assert (long, backwards) == (None, None)
    else:
        assert long is not None
        assert "502 points" in long["message"]
        assert backwards is not None
        assert "ends before it starts" in backwards["message"]


@pytest.fixture(scope="module")
def kathmandu_url() -> Iterator[str]:
    """A server whose zone is 5:45 ahead of UTC; the rows are of the same local minutes."""
    with memory_store() as storage:
        fill(storage)
        with serving(replace(dependencies(storage), zone=ZoneInfo("Asia/Kathmandu"))) as url:
            yield url


def test_texts_are_local_and_ids_are_real_times(kathmandu_url: str, cluster_url: str) -> None:
    assert ask(kathmandu_url, "{ getTimeInfo { timezone } }")["getTimeInfo"] == {"timezone": "+0545"}
    local = span("2026-01-01 1229", "2026-01-01 1230", "MINUTE")
    here, there = values(kathmandu_url, local), values(cluster_url, local)
    assert [point["value"] for point in here] == [point["value"] for point in there] == ["455", "437"]
    assert [point["id"] for point in there] == ["1767270540000", "1767270600000"]
    assert [point["id"] for point in here] == ["1767249840000", "1767249900000"]
