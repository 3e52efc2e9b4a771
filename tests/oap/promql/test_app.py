"""What Grafana's Prometheus data source asks for, over HTTP."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from oap.query.meters import QueryMeters
from oap.storage.contract import ServiceTraffic, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.read_limit import ReadStopped, stoppable
from oap.storage.timed import TimedStorage
from oap.telemetry import catalogue
from oap.telemetry.meters import Meter
from tests.oap.promql.asking import NOON, Prometheus
from tests.oap.promql.shop import models, serving
from tests.oap.query.cluster import memory_store

METRICS = [
    "bytes",
    "calls",
    "edge_calls",
    "edge_pctl",
    "endpoint_calls",
    "endpoint_traffic",
    "instance_traffic",
    "pctl",
    "pod_calls",
    "pod_edge_calls",
    "pod_edge_pctl",
    "pod_pctl",
    "service_traffic",
    "time",
]


def test_saving_and_testing_the_data_source_succeeds(prometheus: Prometheus) -> None:
    answer = prometheus.post("query", query="1+1", time=NOON).json()
    assert answer == {"status": "success", "data": {"resultType": "scalar", "result": [NOON, "2"]}}
    assert prometheus.data("status/buildinfo")["version"] == "2.45.0"


def test_form_and_address_ask_the_same(prometheus: Prometheus) -> None:
    asked = {"query": "calls", "start": NOON, "end": NOON + 120, "step": "60"}
    assert prometheus.post("query_range", **asked).json() == prometheus.get("query_range", **asked).json()


def test_query_without_time_is_about_now(prometheus: Prometheus) -> None:
    [found] = prometheus.data("query", query="calls{service='a'}")["result"]
    assert found["value"] == [NOON + 630, "100"]


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("__name__", METRICS),
        ("service", ["a", "b"]),
        ("layer", ["K8S_SERVICE", "MESH"]),
        ("scope", ["Endpoint", "Service", "ServiceInstance", "ServiceInstanceRelation", "ServiceRelation"]),
        ("service_instance", ["other", "pod"]),
        ("endpoint", ["GET:/"]),
        ("client_service", ["a"]),
        ("server_service_instance", ["other"]),
        ("p", ["50", "99"]),
        ("nosuch", []),
    ],
)
def test_values_of_each_label_are_listed(label: str, values: list[str], prometheus: Prometheus) -> None:
    assert prometheus.data(f"label/{label}/values") == values


def test_values_are_those_of_the_matching_series(prometheus: Prometheus) -> None:
    assert prometheus.data("label/service/values", match="pctl") == ["a"]
    assert prometheus.data("label/service/values", match='calls{service=~"b.*"}') == ["b"]
    assert prometheus.data("label/__name__/values", match='{__name__=~"edge.*"}') == ["edge_calls", "edge_pctl"]


def test_labels_are_listed(prometheus: Prometheus) -> None:
    assert prometheus.data("labels") == [
        "__name__",
        "client_service",
        "client_service_instance",
        "endpoint",
        "layer",
        "p",
        "scope",
        "server_service",
        "server_service_instance",
        "service",
        "service_instance",
    ]
    assert prometheus.data("labels", match="edge_calls") == ["__name__", "client_service", "scope", "server_service"]


def test_series_of_several_selectors_are_listed_once(prometheus: Prometheus) -> None:
    found = prometheus.data("series", match=["calls", "calls{service='a'}", "pctl{p='50'}"])
    shared = {"layer": "K8S_SERVICE", "scope": "Service"}
    assert found == [
        {"__name__": "calls", "service": "a", **shared},
        {"__name__": "calls", "service": "b", **shared},
        {"__name__": "pctl", "service": "a", "p": "50", **shared},
    ]


def test_series_of_another_time_are_not_listed(prometheus: Prometheus) -> None:
    assert prometheus.data("series", match="pctl", start=NOON - 7200, end=NOON - 3600) == []


def test_lists_of_all_times_look_at_the_last_year(prometheus: Prometheus) -> None:
    assert prometheus.data("label/service/values", match="calls", start=0, end=NOON + 600) == ["a", "b"]


def test_metadata_tells_what_metrics_hold(prometheus: Prometheus) -> None:
    assert prometheus.data("metadata", metric="edge_calls") == {
        "edge_calls": [{"type": "gauge", "help": "cpm of each minute (hour, day) by ServiceRelation", "unit": ""}]
    }
    assert list(prometheus.data("metadata")) == METRICS
    assert list(prometheus.data("metadata", limit=2)) == METRICS[:2]
    assert prometheus.data("metadata", metric="nosuch") == {}


def test_unknown_metric_is_no_error_but_a_warning(prometheus: Prometheus) -> None:
    answer = prometheus.get("query", query="cals + calls", time=NOON).json()
    assert (answer["data"]["result"], answer["warnings"]) == ([], ["there is no metric 'cals'; did you mean 'calls'?"])


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("query", {}, "invalid parameter 'query': it is missing"),
        ("query", {"query": "sum("}, "line 1, column 5: the query ends too early: unclosed left parenthesis"),
        ("query", {"query": "1", "time": "x"}, "invalid parameter 'time': cannot parse 'x' to a valid timestamp"),
        ("query_range", {"query": "1", "start": 0, "end": 1}, "invalid parameter 'step': it is missing"),
        ("query", {"query": "calls offset 1500y"}, "the query reaches out of the years 1970 to 9998"),
        ("query", {"query": "calls offset 5000y"}, "the query reaches out of the years 1970 to 9998"),
        ("series", {}, "no match[] parameter provided"),
        ("series", {"match": "sum(calls)"}, "invalid parameter 'match[]': 'sum(calls)' is no selector of series"),
        (
            "labels",
            {"match": "calls", "start": 2, "end": 1},
            "invalid parameter 'end': end timestamp must not be before start time",
        ),
        ("metadata", {"limit": "x"}, "invalid parameter 'limit': 'x' is no number"),
        (
            "query",
            {"query": "1 + rate(time[5m])", "time": NOON + 60},
            "line 1, column 5: rate() has no meaning here: 'time' holds longAvg of each minute; use avg_over_time()",
        ),
    ],
)  # fmt: skip
def test_bad_request_is_told_as_prometheus_does(
    path: str, parameters: dict[str, Any], error: str, prometheus: Prometheus
) -> None:
    assert prometheus.error(path, **parameters) == ("bad_data", error)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            'calls + on(scope) {__name__="bytes"}',
            'multiple matches: use group_left or group_right, the left side has several series with {scope="Service"}',
        ),
        (
            "bytes + on(scope) calls",
            'many-to-many matching is not allowed, the side of one has several series with {scope="Service"}',
        ),
        (
            'increase({__name__=~"calls|bytes"}[5m])',
            "vector cannot contain metrics with the same labelset; name one metric, or aggregate",
        ),
    ],
)
def test_query_that_cannot_be_computed_is_told_apart(query: str, error: str, prometheus: Prometheus) -> None:
    assert prometheus.error("query", 422, query=query, time=NOON + 60) == ("execution", error)


def test_other_paths_are_not_found_in_the_form_of_the_api(prometheus: Prometheus) -> None:
    assert prometheus.error("rules", 404) == (
        "not_found",
        "'/api/v1/rules' is not part of the API that is answered here",
    )


class AwayStorage(TimedStorage):
    """A store that cannot read at the moment."""

    def services(self) -> Sequence[ServiceTraffic]:
        raise StorageUnavailable("no connection")


def test_store_that_is_away_is_told_as_unavailable() -> None:
    storage = AwayStorage(DuckdbStorage(StorageSettings(":memory:", threads=1)))
    with serving(storage, models()) as asking:
        kind, text = asking.error("query", 503, query="calls")
    storage.close()
    assert (kind, text) == ("unavailable", "the storage cannot answer now: no connection")


def test_requests_are_counted_with_whose_fault_errors_are() -> None:
    meters = QueryMeters()
    with memory_store() as storage, serving(storage, models(), meters=meters) as asking:
        asking.get("query", query="1")
        asking.get("query", query="(")
    assert list(meters.meters())[:3] == [
        Meter(catalogue.QUERY_REQUESTS, 2),
        Meter(catalogue.QUERY_ERRORS, 1, ("request",)),
        Meter(catalogue.QUERY_ERRORS, 0, ("server",)),
    ]


class SlowStorage(TimedStorage):
    """A store whose reads end only when they are stopped."""

    def services(self) -> Sequence[ServiceTraffic]:
        stopped = threading.Event()
        with stoppable(stopped.set):
            assert stopped.wait(60)
        raise ReadStopped("stopped")


def test_query_that_takes_too_long_is_stopped() -> None:
    storage = SlowStorage(DuckdbStorage(StorageSettings(":memory:", threads=1)))
    with serving(storage, models(), time_limit_s=0.05) as asking:
        found = asking.error("query", 503, query="calls")
    storage.close()
    assert found == (
        "timeout",
        "the answer took longer than 0.05 s, query.requestTimeLimit allows no more; ask for less",
    )
