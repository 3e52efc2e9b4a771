"""Queries and their values, over HTTP. The instant is 12:09:30, where a has 100 calls a minute and b 5."""

from typing import Any

import pytest

from oap.promql.evaluate import selectors_of
from oap.promql.subset import parse_query
from tests.oap.promql.asking import Prometheus

CALLS = {"__name__": "calls", "layer": "K8S_SERVICE", "scope": "Service"}
A, B = (
    {"layer": "K8S_SERVICE", "scope": "Service", "service": "a"},
    {"layer": "K8S_SERVICE", "scope": "Service", "service": "b"},
)
AT_S = 570.0


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("1+1", "2"),
        ("2 ^ 3 % 3 / 4", "0.5"),
        ("-1 - (2 > bool 1)", "-2"),
        ("1 / 0", "+Inf"),
        ("0 / 0", "NaN"),
        ("1e20 + 0.1", "100000000000000000000"),
        ("time() - 1767268800", "570"),
        ("scalar(calls{service='a'}) * 2", "200"),
        ("scalar(calls)", "NaN"),
        ("calls", [({**CALLS, "service": "a"}, "100"), ({**CALLS, "service": "b"}, "5")]),
        ("calls{service='b'}", [({**CALLS, "service": "b"}, "5")]),
        ("calls{service!='b'}", [({**CALLS, "service": "a"}, "100")]),
        ("calls{service=~'b|c'}", [({**CALLS, "service": "b"}, "5")]),
        ("calls{service!~'a.*'}", [({**CALLS, "service": "b"}, "5")]),
        ("calls{layer='MESH'}", [({**CALLS, "service": "a", "layer": "MESH"}, "100")]),
        ("calls{zone='x'}", []),
        ("calls{zone='',service='b'}", [({**CALLS, "service": "b"}, "5")]),
        ("calls offset 5m", [({**CALLS, "service": "a"}, "50"), ({**CALLS, "service": "b"}, "5")]),
        ("calls{service='a'} offset -1m", [({**CALLS, "service": "a"}, "100")]),
        ("nosuch", []),
        ("-calls", [(A, "-100"), (B, "-5")]),
        ("calls * 2", [(A, "200"), (B, "10")]),
        ("10 - calls", [(A, "-90"), (B, "5")]),
        ("calls > 5", [({**CALLS, "service": "a"}, "100")]),
        ("5 >= calls", [({**CALLS, "service": "b"}, "5")]),
        ("calls > bool 5", [(A, "1"), (B, "0")]),
        ("calls / calls", [(A, "1"), (B, "1")]),
        ("calls + on(service) time", [({"service": "a"}, "107"), ({"service": "b"}, "14")]),
        ("calls + ignoring(scope) time", [({"layer": "K8S_SERVICE", "service": "a"}, "107"),
                                          ({"layer": "K8S_SERVICE", "service": "b"}, "14")]),
        ("calls / on() group_left sum(calls)", [(A, "0.9523809523809523"), (B, "0.047619047619047616")]),
        ("sum(calls) / on() group_right calls > 2", [(B, "21")]),
        ("calls and on(service) pctl", [({**CALLS, "service": "a"}, "100")]),
        ("calls unless on(service) pctl", [({**CALLS, "service": "b"}, "5")]),
        ("calls{service='a'} or calls", [({**CALLS, "service": "a"}, "100"), ({**CALLS, "service": "b"}, "5")]),
        ("sum(calls)", [({}, "105")]),
        ("avg by (scope) (calls)", [({"scope": "Service"}, "52.5")]),
        ("min(calls)", [({}, "5")]),
        ("max without (service, scope) (calls)", [({"layer": "K8S_SERVICE"}, "100")]),
        ("count(calls)", [({}, "2")]),
        ("group(calls)", [({}, "1")]),
        ("stddev(calls)", [({}, "47.5")]),
        ("stdvar(calls)", [({}, "2256.25")]),
        ("topk(1, calls)", [({**CALLS, "service": "a"}, "100")]),
        ("bottomk(5, calls)", [({**CALLS, "service": "b"}, "5"), ({**CALLS, "service": "a"}, "100")]),
        ("sum(nosuch)", []),
        ("sort(calls)", [({**CALLS, "service": "b"}, "5"), ({**CALLS, "service": "a"}, "100")]),
        ("round(calls / 3)", [(A, "33"), (B, "2")]),
        ("round(calls, 30)", [(A, "90"), (B, "0")]),
        ("clamp(calls, 6, 50)", [(A, "50"), (B, "6")]),
        ("clamp_min(calls, 6)", [(A, "100"), (B, "6")]),
        ("clamp_max(sqrt(calls), 9)", [(A, "9"), (B, "2.23606797749979")]),
        ("vector(3)", [({}, "3")]),
        ("absent(nosuch)", [({}, "1")]),
        ("absent(calls)", []),
        ("increase(calls[5m])", [(A, "400"), (B, "25")]),
        ("rate(calls[5m]) * 300", [(A, "400"), (B, "25")]),
        ("increase(bytes[2m])", [(A, "1200")]),
        ("avg_over_time(calls{service='a'}[3m])", [(A, "90")]),
        ("min_over_time(calls{service='a'}[3m])", [(A, "80")]),
        ("max_over_time(calls{service='a'}[3m] offset 1m)", [(A, "90")]),
        ("sum_over_time(calls{service='b'}[10m])", [(B, "45")]),
        ("count_over_time(calls{service='b'}[10m])", [(B, "9")]),
        ("stddev_over_time(calls{service='a'}[2m])", [(A, "5")]),
        ("last_over_time(calls{service='a'}[30s])", [({**CALLS, "service": "a"}, "100")]),
        ("present_over_time(calls{service='a'}[3m])", [(A, "1")]),
    ],
)  # fmt: skip
def test_query_has_this_value(query: str, result: Any, prometheus: Prometheus) -> None:
    assert prometheus.at(query, AT_S) == result


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("pctl{p='99'}", {"__name__": "pctl", **A, "p": "99"}),
        (
            "pod_calls",
            {"__name__": "pod_calls", "layer": "K8S_SERVICE", "scope": "ServiceInstance", "service": "a",
             "service_instance": "pod"},
        ),
        (
            "pod_pctl{service='a',p='50'}",
            {"__name__": "pod_pctl", "layer": "K8S_SERVICE", "scope": "ServiceInstance", "service": "a",
             "service_instance": "pod", "p": "50"},
        ),
        (
            "endpoint_calls{endpoint=~'GET.*'}",
            {"__name__": "endpoint_calls", "endpoint": "GET:/", "layer": "K8S_SERVICE", "scope": "Endpoint", "service": "a"},
        ),
        (
            "edge_calls",
            {"__name__": "edge_calls", "client_service": "a", "scope": "ServiceRelation", "server_service": "b"},
        ),
        (
            "edge_pctl{client_service='a',p='50'}",
            {"__name__": "edge_pctl", "client_service": "a", "p": "50", "scope": "ServiceRelation", "server_service": "b"},
        ),
        (
            "pod_edge_pctl{p=~'9.'}",
            {"__name__": "pod_edge_pctl", "client_service": "a", "client_service_instance": "pod", "p": "99",
             "scope": "ServiceInstanceRelation", "server_service": "b", "server_service_instance": "other"},
        ),
        (
            "pod_edge_calls{client_service='a',client_service_instance='pod',server_service='b',server_service_instance='other'}",
            {"__name__": "pod_edge_calls", "client_service": "a", "client_service_instance": "pod",
             "scope": "ServiceInstanceRelation", "server_service": "b", "server_service_instance": "other"},
        ),
        (
            "instance_traffic{service='b'}",
            {"__name__": "instance_traffic", "layer": "K8S_SERVICE", "scope": "ServiceInstance", "service": "b",
             "service_instance": "other"},
        ),
    ],
)  # fmt: skip
def test_every_kind_of_entity_has_its_labels(query: str, labels: object, prometheus: Prometheus) -> None:
    assert [found for found, _ in prometheus.at(query, AT_S)] == [labels]


def test_selector_of_a_window_is_read_once() -> None:
    tree = parse_query("rate(m[5m]) + n + sum_over_time(m[1m]) - m offset 1m").tree
    assert [(selector.name, window_s) for selector, window_s in selectors_of(tree)] == [
        ("m", 300.0),
        ("n", None),
        ("m", 60.0),
        ("m", None),
    ]


def test_value_holds_for_its_minute_and_no_longer(prometheus: Prometheus) -> None:
    found = prometheus.over("sum by (service) (calls)", 210, 330, 30)
    assert found == [
        ({"service": "a"}, [(210, "40"), (240, "50"), (270, "50"), (300, "60"), (330, "60")]),
        ({"service": "b"}, [(210, "5"), (300, "5"), (330, "5")]),
    ]


def test_instant_query_takes_the_newest_value_of_five_minutes(prometheus: Prometheus) -> None:
    assert prometheus.at("calls{service='a'}", 9 * 60 + 299)[0][1] == "100"
    assert prometheus.at("calls{service='a'}", 9 * 60 + 300) == []


def test_windows_slide_over_a_range(prometheus: Prometheus) -> None:
    [(_, points)] = prometheus.over("increase(calls{service='b'}[2m])", 0, 360, 60)
    assert points == [(0, "5"), (60, "10"), (120, "10"), (180, "10"), (240, "5"), (300, "5"), (360, "10")]


def test_number_has_a_value_at_every_step(prometheus: Prometheus) -> None:
    assert prometheus.over("1.5", 0, 120, "1m") == [({}, [(0, "1.5"), (60, "1.5"), (120, "1.5")])]


def test_ranking_is_made_at_each_step(prometheus: Prometheus) -> None:
    found = prometheus.over("topk(1, time)", 360, 540, 60)
    assert [(labels["service"], points) for labels, points in found] == [
        ("a", [(360, "7"), (420, "7")]),
        ("b", [(480, "8"), (540, "9")]),
    ]


def test_long_ranges_are_answered_from_hours_and_days(prometheus: Prometheus) -> None:
    hours = prometheus.get(
        "query_range", query="calls{service='a'}", start=1767268800 - 86400, end=1767268800, step=3600
    ).json()
    assert hours["data"]["result"][0]["values"] == [[1767268800.0, "55"]]
    assert hours["infos"] == ["PromQL info: answered from hour rows, one value each"]
    days = prometheus.over("calls{service='a'}", -86400 * 30, 0, 86400)
    assert days[0][1] == [(0, "2")]
    minutes = prometheus.get("query", query="calls", time=1767268800).json()
    number = prometheus.get("query_range", query="1", start=0, end=86400, step=3600).json()
    assert "infos" not in {*minutes, *number}


def test_calls_of_an_hour_row_are_counted_by_its_minutes(prometheus: Prometheus) -> None:
    assert prometheus.at("increase(calls{service='a'}[24h])", 600) == [(A, str(55 * 60))]
