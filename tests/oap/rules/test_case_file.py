"""Files of rule tests are read strictly: every mistake at once, each with its place."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.emulator.recording import Recorder
from oap.rules.expectation import Expectation
from tests.oap.rules.small import cases_of

LOG = "    logs: [{time: 12:34:05, read: }]\n"


def expectations(folder: Path, text: str) -> tuple[Expectation, ...]:
    file = cases_of(folder, f"  - name: a\n{LOG}    expect:\n{text}")
    return file.cases[0].expectations


def findings(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        cases_of(folder, text)
    return [(f"{each.line}:{each.column}", each.message) for each in caught.value.findings]


def test_one_record(tmp_path: Path) -> None:
    text = "      - {metric: bytes_read, entity: api.shop, minute: 12:34, value: 7}"
    assert expectations(tmp_path, text) == (Expectation(6, "bytes_read", "api.shop", 202405011234, {"value": 7}),)


def test_values_of_several_metrics_and_scopes(tmp_path: Path) -> None:
    text = """
      - entity: web.shop -> api.shop
        hour: 2024-05-02 7
        values:
          edge_time: 3
      - entity: api.shop
        day: 2024-05-02
        values: {bytes_read: 1, devices: no row}
"""
    assert expectations(tmp_path, text) == (
        Expectation(10, "edge_time", "web.shop -> api.shop", 2024050207, {"value": 3}),
        Expectation(13, "bytes_read", "api.shop", 20240502, {"value": 1}),
        Expectation(13, "devices", "api.shop", 20240502, None),
    )


def test_columns_and_tables(tmp_path: Path) -> None:
    text = """
      - {metric: endpoint_mean, entity: "api.shop GET:/", minute: "12:34", columns: {value: 1.5, count: 2}}
      - {metric: endpoint_rank, entity: "api.shop   GET:/", minute: "12:34", value: {p50: 10, "{p=99}": 20}}
"""
    (first, second) = expectations(tmp_path, text)
    assert first.columns == {"double_value": 1.5, "count": 2}
    assert (second.entity, second.columns) == ("api.shop GET:/", {"datatable_value": {"p50": 10, "p99": 20}})


def test_an_absent_record_needs_no_place(tmp_path: Path) -> None:
    expected = expectations(tmp_path, "      - {metric: devices, value: no row}")
    assert expected == (Expectation(6, "devices", None, None, None),)


def test_every_mistake_in_a_case_is_found_where_it_is(tmp_path: Path) -> None:
    text = """  - name: a
    logs: []
    expect:
      - {metric: bytes_reed, value: 1}
      - {metric: bytes_read, entity: api.shop/x, minute: 12:3, value: much}
      - {metric: slow_reads, entity: api.shop, value: 1, colums: {}}
      - {metric: bytes_read, entity: api.shop, minute: 12:34, hour: 12, columns: {count: 3}}
      - {values: {edge_tim: 1}, metric: edge_time}
      - {metric: endpoint_rank, entity: a /b, day: 2024-13-01, value: 3}
      - {metric: bytes_read, columns: {}, value: 3}
  - name: a
    log: []
"""
    assert findings(tmp_path, text) == [
        ("4:11", "'logs' is empty"),
        ("6:18", "no rule defines the metric 'bytes_reed'"),
        ("7:58", "'12:3' is no minute"),
        ("7:71", "'cases[0].expect[1].value' must be a number or 'no row', found 'much'"),
        ("8:9", "a value needs its time"),
        ("8:38", "'api.shop' is no entity of the scope K8SServiceInstance"),
        ("8:58", "unknown key 'cases[0].expect[2].colums'"),
        ("9:9", "only one of minute, hour can be expected at once"),
        ("9:83", "unknown key 'cases[0].expect[3].columns.count'"),
        ("10:19", "no rule defines the metric 'edge_tim'"),
        ("10:33", "'values' names the metrics itself"),
        ("11:52", "'2024-13-01' is no day"),
        ("11:71", "'cases[0].expect[5].value' must be a table"),
        ("12:9", "an expectation needs one of value, values, columns"),
        ("13:5", "a case needs either 'logs' or 'recording'"),
        ("13:5", "a case needs at least one expectation in 'expect'"),
        ("13:11", "the name 'a' occurs twice"),
        ("14:5", "unknown key 'cases[1].log'"),
    ]


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    assert findings(tmp_path, "") == [("1:1", "there are no 'cases'")]


def test_files_are_named_relative_to_the_tests(tmp_path: Path) -> None:
    with Recorder(tmp_path / "shop.oaprec") as recorder:
        recorder.end(0, recorder.begin(0, "n"))
    (tmp_path / "registry.yml").write_text(
        "services: [{name: x, namespace: shop, clusterIPs: [10.0.0.1]}]\n", encoding="utf-8"
    )
    (tmp_path / "groups.yml").write_text(
        "grouping: [{service-name: api.shop, rules: ['GET:/{var}']}]\n", encoding="utf-8"
    )
    expect = "    expect: [{metric: devices, value: no row}]\n"
    surroundings = "registry: registry.yml\ngrouping: groups.yml\nthresholds: {default: 9}\n"
    text = f"  - name: a\n    recording: shop.oaprec\n{expect}\n{surroundings}"
    file = cases_of(tmp_path, text)
    assert (len(file.cases[0].logs), file.cases[0].lines) == (2, ())
    assert file.surroundings.registry.resolve("10.0.0.1") is not None
    assert file.surroundings.grouping.has_rules("api.shop")
    assert file.surroundings.thresholds.lookup("any") == 9


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    expect = "    expect: [{metric: devices, value: no row}]\n"
    found = findings(tmp_path, f"  - name: a\n    recording: no.oaprec\n{expect}\nregistry: no.yml\nday: today\n")
    assert [message.replace(str(tmp_path), "") for _, message in found] == [
        "cannot be read: No such file or directory",
        "/no.oaprec cannot be read: No such file or directory",
        "'today' is no day",
    ]
