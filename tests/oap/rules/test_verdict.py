"""Cases against their records: what passes, what fails, and which logs a failure names."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from oap.rules.tracing import Tracer
from oap.rules.verdict import Failure, Found, Verdict, verdict
from tests.oap.rules.small import cases_of, plan_of

LOGS = """  - name: a
    logs:
      - {time: 12:34:05, read: {l2.totalPackageSize: 300, duration: 60us, l2.netDeviceName: eth0}}
      - {time: 12:34:06, read: {l2.totalPackageSize: 12, duration: 10us, l2.netDeviceName: eth1}}
      - {time: 12:34:07, http: {path: /, status: 200, latency: 12ms}}
      - {time: 12:34:07, http: {path: /, status: 200, latency: 13ms}}
      - {time: 12:34:08, remote: api.shop/other, read: {duration: 60us}}
    expect:
      - """


def judged(folder: Path, expectation: str) -> Verdict:
    file = cases_of(folder, LOGS + expectation)
    return verdict(file.cases[0], plan_of(), file.surroundings)


def failure(folder: Path, expectation: str) -> Failure:
    (found,) = judged(folder, expectation).failures
    return found


@pytest.mark.parametrize(
    "expectation",
    [
        "{metric: bytes_read, entity: api.shop, minute: 12:34, value: 312}",
        "{metric: bytes_read, entity: api.shop, hour: 12, value: 312}",
        "{metric: bytes_read, entity: api.shop, day: 2024-05-01, value: 312}",
        "{metric: slow_reads, entity: api.shop/api-0, minute: 12:34, columns: {value: 1, total: 1}}",
        "{metric: edge_time, entity: web.shop -> api.shop, minute: 12:34, value: 12}",
        "{metric: edge_pods, entity: web.shop/web-0 -> api.shop/api-0, minute: 12:34, value: 4}",
        "{metric: endpoint_mean, entity: api.shop GET:/, minute: 12:34, value: 12.5}",
        "{metric: endpoint_rank, entity: api.shop GET:/, minute: 12:34, columns: {dataset: {1: 2}, precision: 10}}",
        "{metric: devices, entity: api.shop, minute: 12:34, value: 1}",
        "{metric: bytes_read, entity: web.shop, value: no row}",
        "{metric: bytes_read, minute: 12:35, value: no row}",
    ],
)
def test_expectations_that_hold(tmp_path: Path, expectation: str) -> None:
    assert judged(tmp_path, expectation).failures == []


def test_another_value_fails_with_the_record_and_its_logs(tmp_path: Path) -> None:
    found = failure(tmp_path, "{metric: slow_reads, entity: api.shop/api-0, minute: 12:34, value: 2}")
    assert found.got == Found("api.shop/api-0", 202405011234, {"value": 1, "total": 1})
    assert [(row.message, row.is_counted, row.text) for row in found.rows] == [
        (0, True, "12:34:05 read, server side of web.shop/web-0 -> api.shop/api-0; read.duration 60000"),
        (1, False, "12:34:06 read, server side of web.shop/web-0 -> api.shop/api-0; read.duration 10000"),
    ]
    assert (found.others, found.more_rows, found.left_out) == ((), 0, {"same_service": 1})


def test_a_missing_record_fails_with_those_there_are(tmp_path: Path) -> None:
    found = failure(tmp_path, "{metric: bytes_read, entity: api.shop, minute: 12:35, value: 312}")
    assert (found.got, found.rows) == (None, [])
    assert found.others == [
        Found("api.shop", 202405011234, {"value": 312}),
        Found("api.shop", 2024050112, {"value": 312}),
        Found("api.shop", 20240501, {"value": 312}),
    ]


def test_an_unwanted_record_fails(tmp_path: Path) -> None:
    found = failure(tmp_path, "{metric: edge_time, value: no row}")
    assert found.got == Found("web.shop -> api.shop", 202405011234, {"summation": 25, "count": 2, "value": 12})
    assert len(found.rows) == 2


def test_long_lists_of_logs_are_cut(tmp_path: Path) -> None:
    logs = "  - name: a\n    logs: [{time: 12:34:05, repeat: 25, read: }]\n    expect:\n      - "
    file = cases_of(tmp_path, f"{logs}{{metric: bytes_read, value: no row}}")
    (found,) = verdict(file.cases[0], plan_of(), file.surroundings).failures
    assert (len(found.rows), found.more_rows) == (10, 15)


def told(folder: Path, metric: str, rules: str) -> list[Mapping[str, object]]:
    plan = plan_of(rules)
    file = cases_of(folder, LOGS + f"{{metric: {metric}, value: no row}}", plan)
    (found,) = verdict(file.cases[0], plan, file.surroundings).failures
    return [row.attributes for row in found.rows]


@pytest.mark.parametrize(
    ("rule", "attributes"),
    [
        (
            'm = from(K8SService.*).filter(type == "read").filter(read.l2.netDeviceName == "eth1").cpm();',
            [{"read.l2.netDeviceName": "eth1"}, {"read.l2.netDeviceName": "eth0"}],
        ),
        (
            "m = from(K8SEndpoint.http.latency).filter(endpointName != null).apdex(serviceName, success);",
            [
                {"http.latency": 12, "endpointName": "GET:/", "serviceName": "api.shop", "success": True},
                {"http.latency": 13, "endpointName": "GET:/", "serviceName": "api.shop", "success": True},
            ],
        ),
        (
            'm = from(K8SServiceRelation.*).filter(componentIds != null).percent(protocol.http.method == "Get");',
            [{"componentIds": ("110",), "protocol.http.method": "Get"}] * 2,
        ),
    ],
)
def test_logs_are_shown_with_what_the_rule_reads(tmp_path: Path, rule: str, attributes: list[object]) -> None:
    assert told(tmp_path, "m", rule) == attributes


def test_no_log_is_traced_where_nothing_was_sent(tmp_path: Path) -> None:
    plan, file = plan_of(), cases_of(tmp_path, LOGS + "{metric: devices, value: no row}")
    assert list(Tracer(plan, plan.metrics[0], file.surroundings).rows([], 0)) == []
