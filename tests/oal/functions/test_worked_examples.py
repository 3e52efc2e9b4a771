"""The worked examples of the aggregation functions (spec oal 3.7) and the traps around them."""

from collections.abc import Mapping, Sequence

import pytest

from oal.functions.contract import Call, Column, Tables
from oal.functions.registry import FUNCTIONS
from oal.functions.tables import render_tables
from tests.oal.functions.single_records import IS_BAD, IS_OK, LABEL, NAME, OK, REAL, VALUE, Row, state_of

_CALLS: Mapping[str, Call] = {
    "longAvg": Call(VALUE, (), ()),
    "doubleAvg": Call(REAL, (), ()),
    "sum": Call(VALUE, (), ()),
    "count": Call(None, (), ()),
    "cpm": Call(None, (), ()),
    "max": Call(VALUE, (), ()),
    "min": Call(VALUE, (), ()),
    "maxDouble": Call(REAL, (), ()),
    "minDouble": Call(REAL, (), ()),
    "percent": Call(None, (), (IS_OK,)),
    "rate": Call(None, (), (IS_BAD, IS_OK)),
    "apdex": Call(VALUE, (), (NAME, OK)),
    "percentile2": Call(VALUE, (), (10,)),
    "percentile": Call(VALUE, (), (10,)),
    "histogram": Call(VALUE, (), (100, 3)),
    "labelCount": Call(None, (), (LABEL, 2)),
    "labelAvg": Call(None, (), (LABEL, VALUE, 50)),
}
_PARAMETERS: Mapping[str, tuple[int, ...]] = {
    "percentile2": (10,),
    "percentile": (10,),
    "histogram": (100, 3),
    "labelCount": (2,),
    "labelAvg": (50,),
}


def record(function: str, rows: Sequence[Row], minutes: int = 1) -> dict[str, int | float | str]:
    """All columns of the record that rows make: numbers, and tables as their stored text."""
    parameters = _PARAMETERS.get(function, ())
    state = state_of(FUNCTIONS[function], _CALLS[function], rows, parameters)
    return {name: plain(column) for name, column in FUNCTIONS[function].finish(state, minutes, parameters).items()}


def plain(column: Column) -> int | float | str:
    """The only record of a column."""
    if isinstance(column, Tables):
        return render_tables(column)[0]
    value: int | float = column[0].item()
    return value


def values(*numbers: float) -> list[Row]:
    """Rows that differ in their value only."""
    return [{"v": number, "ok": True, "name": "svc"} for number in numbers]


def labels(**numbers: Sequence[int]) -> list[Row]:
    """Rows with a label each."""
    return [{"v": number, "label": label} for label, listed in numbers.items() for number in listed]


def verdicts(good: int, bad: int) -> list[Row]:
    """Rows that are fine or not."""
    return [{"ok": at < good} for at in range(good + bad)]


TEN = (3, 9, 12, 25, 25, 31, 47, 58, 99, 120)
TEN_DATASET = "0,2|1,1|2,2|3,1|4,1|5,1|9,1|12,1"


@pytest.mark.parametrize(
    ("function", "rows", "minutes", "expected"),
    [
        ("longAvg", values(10, 25), 1, {"summation": 35, "count": 2, "value": 17}),
        ("longAvg", values(-7, 2), 1, {"summation": -5, "count": 2, "value": -2}),
        ("longAvg", values(10, 20, 60), 60, {"summation": 90, "count": 3, "value": 30}),
        ("longAvg", values(12.9, 99.5, 0.4), 1, {"summation": 111, "count": 3, "value": 37}),
        ("doubleAvg", values(1, 2, 6), 1440, {"double_summation": 9.0, "count": 3, "double_value": 3.0}),
        ("sum", values(3, 4), 1, {"value": 7}),
        ("count", values(3, 4), 1, {"value": 2}),
        ("cpm", values(*range(125)), 1, {"value": 125, "total": 125}),
        ("cpm", values(*range(132)), 60, {"value": 2, "total": 132}),
        ("cpm", values(*range(132)), 1440, {"value": 0, "total": 132}),
        ("max", values(-5, -3), 1, {"value": 0}),
        ("max", values(4, 9), 1, {"value": 9}),
        ("min", values(5, 3), 1, {"value": 3}),
        ("min", values(-5, -3), 1, {"value": -5}),
        ("maxDouble", values(-5, -3), 1, {"value": 0.0}),
        ("minDouble", values(5, 3), 1, {"value": 3.0}),
        ("percent", verdicts(2, 1), 1, {"total": 3, "percentage": 6666, "match": 2}),
        ("percent", verdicts(1, 2), 1, {"total": 3, "percentage": 3333, "match": 1}),
        ("rate", verdicts(2, 3), 1, {"denominator": 2, "percentage": 15000, "numerator": 3}),
        ("rate", verdicts(0, 1), 1, {"denominator": 0, "percentage": 0, "numerator": 1}),
        (
            "apdex",
            [*values(500, 501, 2000, 2001), {"v": 10, "ok": False}],
            1,
            {"total_num": 5, "s_num": 1, "t_num": 2, "int_value": 4000},
        ),
        (
            "apdex",
            values(500, 600, 3000, 600, 700, 800, 9000),
            60,
            {"total_num": 7, "s_num": 1, "t_num": 4, "int_value": 4285},
        ),
        ("apdex", values(-1), 1, {"total_num": 1, "s_num": 1, "t_num": 0, "int_value": 10000}),
        (
            "percentile2",
            values(*TEN),
            1,
            {
                "datatable_value": "{p=50},20|{p=75},50|{p=90},90|{p=95},120|{p=99},120",
                "precision": 10,
                "dataset": TEN_DATASET,
            },
        ),
        (
            "percentile2",
            values(42),
            1,
            {
                "datatable_value": "{p=50},40|{p=75},40|{p=90},40|{p=95},40|{p=99},40",
                "precision": 10,
                "dataset": "4,1",
            },
        ),
        (
            "percentile2",
            values(-5, -15),
            1,
            {
                "datatable_value": "{p=50},-10|{p=75},0|{p=90},0|{p=95},0|{p=99},0",
                "precision": 10,
                "dataset": "-1,1|0,1",
            },
        ),
        (
            "percentile2",
            values(3000000000),
            1,
            {
                "datatable_value": "|".join(f"{{p={rank}}},3000000000" for rank in (50, 75, 90, 95, 99)),
                "precision": 10,
                "dataset": "300000000,1",
            },
        ),
        (
            "percentile",
            values(*TEN),
            1,
            {"datatable_value": "0,20|1,50|2,90|3,120|4,120", "precision": 10, "dataset": TEN_DATASET},
        ),
        ("histogram", values(0, 99, 100, 250, 300, 5000), 1, {"dataset": "0,2|100,1|200,1|300,2"}),
        ("histogram", values(150), 1, {"dataset": "0,0|100,1|200,0|300,0"}),
        ("histogram", values(-100, -1), 1, {"dataset": "0,2|100,0|200,0|300,0"}),
        (
            "labelCount",
            [{"label": label} for label in ("GET", "POST", "PUT", "GET", "POST")],
            1,
            {"dataset": "GET,2|POST,2", "datatable_value": "{n=GET},2|{n=POST},2"},
        ),
        (
            "labelAvg",
            labels(GET=(0, 1), PUT=(7, 8), HEAD=(0,)),
            1,
            {
                "datatable_summation": "GET,1|PUT,15|HEAD,0",
                "datatable_count": "GET,2|PUT,2|HEAD,1",
                "datatable_value": "{n=GET},1|{n=PUT},7|{n=HEAD},0",
            },
        ),
        (
            "labelAvg",
            labels(a=(-1, -2)),
            1,
            {"datatable_summation": "a,-3", "datatable_count": "a,2", "datatable_value": "{n=a},-1"},
        ),
    ],
)
def test_record(function: str, rows: list[Row], minutes: int, expected: dict[str, int | float | str]) -> None:
    assert record(function, rows, minutes) == expected


def test_double_average_of_fractions() -> None:
    assert record("doubleAvg", values(12.9, 99.5, 0.4))["double_value"] == pytest.approx(37.6)


def test_a_bar_in_a_label_becomes_an_underscore() -> None:
    rows: list[Row] = [{"label": "a|b"}, {"label": "a_b"}]
    assert record("labelCount", rows)["dataset"] == "a_b,2"


def test_every_function_finishes_its_columns_in_declared_order() -> None:
    for name, function in FUNCTIONS.items():
        rows: list[Row] = [{"v": 5, "ok": True, "label": "x", "name": "svc"}]
        assert list(record(name, rows)) == [column.name for column in function.columns]
        assert function.value_column in record(name, rows)


def test_there_are_seventeen_functions() -> None:
    assert sorted(FUNCTIONS) == [
        "apdex",
        "count",
        "cpm",
        "doubleAvg",
        "histogram",
        "labelAvg",
        "labelCount",
        "longAvg",
        "max",
        "maxDouble",
        "min",
        "minDouble",
        "percent",
        "percentile",
        "percentile2",
        "rate",
        "sum",
    ]
