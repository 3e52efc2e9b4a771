"""The oracle's own functions against the numbers of spec oal 3.7 and 9.2."""

import pytest

from tests.oracle.functions import FUNCTIONS, Call, Condition, Record, rank_roof
from tests.oracle.logs import Row
from tests.oracle.metrics import catalogue
from tests.oracle.model import Columns
from tests.oracle.names import child_id, encoded, service_id, truncated

V = Call("v")


def folded(function: str, rows: list[Row], call: Call = V) -> Record:
    record = FUNCTIONS[function]()
    for row in rows:
        record.take(row, call)
    return record


def values(*numbers: int) -> list[Row]:
    return [{"v": number} for number in numbers]


def calls(*latencies: tuple[int, bool]) -> list[Row]:
    return [{"v": latency, "ok": success, "name": "svc-A"} for latency, success in latencies]


APDEX = Call("v", name="name", status="ok", thresholds_ms={"default": 500})
TEN = Call("v", precision=10)


def edges(p50: int, p75: int, p90: int, p95: int, p99: int) -> dict[str, int]:
    return {"{p=50}": p50, "{p=75}": p75, "{p=90}": p90, "{p=95}": p95, "{p=99}": p99}


@pytest.mark.parametrize(
    ("function", "rows", "call", "minutes", "columns"),
    [
        ("longAvg", values(10, 25), V, 1, {"summation": 35, "count": 2, "value": 17}),
        ("longAvg", values(-7, 2), V, 1, {"summation": -5, "count": 2, "value": -2}),
        ("sum", values(3, 4), V, 1, {"value": 7}),
        ("sum", values(2**63 - 1, 1), V, 1, {"value": -(2**63)}),
        ("cpm", values(*range(125)), V, 1, {"value": 125, "total": 125}),
        ("cpm", values(*range(132)), V, 60, {"value": 2, "total": 132}),
        ("cpm", values(*range(132)), V, 1440, {"value": 0, "total": 132}),
        (
            "percent",
            calls((1, True), (1, True), (1, False)),
            Call("*", condition=Condition("ok", "==", literal=True)),
            1,
            {"total": 3, "percentage": 6666, "match": 2},
        ),
        (
            "apdex",
            calls((500, True), (501, True), (2000, True), (2001, True), (10, False)),
            APDEX,
            1,
            {"total_num": 5, "s_num": 1, "t_num": 2, "int_value": 4000},
        ),
        (
            "percentile2",
            values(3, 9, 12, 25, 25, 31, 47, 58, 99, 120),
            TEN,
            1,
            {
                "datatable_value": edges(20, 50, 90, 120, 120),
                "precision": 10,
                "dataset": {0: 2, 1: 1, 2: 2, 3: 1, 4: 1, 5: 1, 9: 1, 12: 1},
            },
        ),
        (
            "percentile2",
            values(5, 15, 25),
            TEN,
            1,
            {"datatable_value": edges(10, 10, 20, 20, 20), "precision": 10, "dataset": {0: 1, 1: 1, 2: 1}},
        ),
        (
            "percentile2",
            values(-5, -15),
            TEN,
            1,
            {"datatable_value": edges(-10, 0, 0, 0, 0), "precision": 10, "dataset": {-1: 1, 0: 1}},
        ),
        (
            "percentile2",
            values(3000000000),
            TEN,
            1,
            {"datatable_value": edges(*[3000000000] * 5), "precision": 10, "dataset": {300000000: 1}},
        ),
    ],
)
def test_function_gives_the_columns_of_the_spec(
    function: str, rows: list[Row], call: Call, minutes: int, columns: Columns
) -> None:
    assert folded(function, rows, call).columns(minutes, call) == columns


def test_merged_states_give_hourly_values_from_rows_and_not_from_minutes() -> None:
    hour = folded("longAvg", values(10, 20))
    hour.merge(folded("longAvg", values(60)))
    assert hour.columns(60, V) == {"summation": 90, "count": 3, "value": 30}


def test_merged_apdex_adds_up_its_counts() -> None:
    hour = folded("apdex", calls((500, True), (600, True), (3000, True)), APDEX)
    hour.merge(folded("apdex", calls((600, True), (700, True), (800, True), (9000, True)), APDEX))
    assert hour.columns(60, APDEX) == {"total_num": 7, "s_num": 1, "t_num": 4, "int_value": 4285}


def test_merged_percentile_walks_the_united_dataset() -> None:
    hour = folded("percentile2", values(5, 15), TEN)
    hour.merge(folded("percentile2", values(205, 215), TEN))
    assert hour.columns(60, TEN)["datatable_value"] == edges(10, 200, 210, 210, 210)


@pytest.mark.parametrize(
    ("thresholds", "expected_ms"),
    [
        ({"default": 100, "svc-A": 200}, 200),
        ({"default": 100}, 100),
        ({"default": 100, "svc-A": 0}, 0),
        ({"default": 100, "svc-A": -1}, 100),
        ({"default": -5}, 500),
        ({}, 500),
    ],
)
def test_threshold_is_that_of_the_name_then_default_then_500(thresholds: dict[str, int], expected_ms: int) -> None:
    call = Call("v", name="name", status="ok", thresholds_ms=thresholds)
    assert call.threshold_ms({"name": "svc-A"}) == expected_ms


def test_rank_roof_is_computed_in_32_bit_floats() -> None:
    assert (rank_roof(338950, 99), rank_roof(10, 75), rank_roof(1, 50)) == (335560, 8, 1)


def test_condition_on_a_null_path_does_not_match() -> None:
    assert not Condition("protocol.type", "==", "http").holds({"type": "connect"})


def test_catalogue_has_296_metrics() -> None:
    names = [metric.name for metric in catalogue({})]
    assert (len(names), len(set(names))) == (296, 296)


def test_ids_are_those_of_the_spec() -> None:
    assert service_id("reviews.bookinfo") == "cmV2aWV3cy5ib29raW5mbw==.1"
    assert child_id(service_id("reviews.bookinfo"), "reviews-v1-0") == "cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS0w"
    assert [encoded(name) for name in ("GET:/商品/1", "GET:/a?q=>>>", "")] == [
        "R0VUOi/llYblk4EvMQ==",
        "R0VUOi9hP3E9Pj4+",
        "X2JsYW5r",
    ]


def test_truncation_counts_utf_16_units() -> None:
    assert truncated("ab\U0001f600\U0001f600cd", 4) == "ab\U0001f600"
    assert truncated("ab\U0001f600\U0001f600cd", 5) == "ab\U0001f600"
