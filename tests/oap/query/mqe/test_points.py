import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oap.query.mqe.number_text import rounded
from oap.query.mqe.points import round_points
from oap.query.mqe.value import Result, ResultType, single
from tests.oap.query.mqe.conformance_store import NOTHING, Evaluator


def test_rounding_keeps_type_ids_and_empty_points(evaluator: Evaluator) -> None:
    whole, tenths = evaluator.run("ceil(sr/1000)"), evaluator.run("round(sr/1000, 1)")
    assert evaluator.texts("ceil(sr/1000)") == [["10", "10", "5", None]]
    assert evaluator.texts("floor(sr/1000)") == [["9", "10", "5", None]]
    assert evaluator.texts("round(sr/1000, 1)") == [["9.9", "10", "5", None]]
    assert evaluator.texts("abs(m1-20)") == [["10", "0", None, "10"]]
    assert whole.type == tenths.type == "TIME_SERIES_VALUES"
    assert whole.series[0].ids == tenths.series[0].ids == evaluator.run("sr").series[0].ids


def test_rounding_what_is_not_finite_leaves_it(evaluator: Evaluator) -> None:
    assert evaluator.texts("round(m1/m2, 2)") == [["10", "∞", None, None]]
    assert evaluator.texts("round(z/z, 0)") == [["NaN"] * 4]
    assert evaluator.texts("round(0-1/0, 999999999)") == [["-∞"]]


def test_a_negative_zero_keeps_its_sign_when_it_is_chosen_and_loses_it_in_a_total(evaluator: Evaluator) -> None:
    assert [evaluator.texts(f"{function}(z*(0-1))") for function in ("max", "min", "latest", "sum", "avg")] == [
        [["-0"]],
        [["-0"]],
        [["-0"]],
        [["0"]],
        [["0"]],
    ]


@example(value=-0.0, places=0)
@given(
    value=st.one_of(st.floats(), st.integers(-(10**7), 10**7).map(lambda thousandths: thousandths / 1000)),
    places=st.one_of(st.integers(0, 4), st.integers(0, 40)),
)
def test_rounding_an_array_equals_rounding_each_number(value: float, places: int) -> None:
    result = round_points("round", places, Result(ResultType.SINGLE_VALUE, (single(value),)))
    np.testing.assert_array_equal(result.series[0].values, [rounded(value, places)])
    assert math.copysign(1, result.series[0].values[0]) == math.copysign(1, rounded(value, places))


def test_what_is_no_number_counts_as_the_greatest(evaluator: Evaluator) -> None:
    points = "(m1-20)/(m1-20)"
    assert evaluator.texts(points) == [["1", "NaN", None, "1"]]
    assert [evaluator.texts(f"{function}({points})") for function in ("min", "max")] == [[["1"]], [["NaN"]]]
    assert evaluator.texts("min(z/z)") == [["NaN"]]


@pytest.mark.parametrize("function", ["avg", "sum", "count", "max", "min"])
def test_totals_of_nothing_at_all_are_no_series_and_no_error(function: str, evaluator: Evaluator) -> None:
    result = evaluator.run(f"{function}(lab0)")
    assert (result.type, result.series, result.error) == ("SINGLE_VALUE", (), None)
    result = evaluator.run(f"{function}(m1)", NOTHING)
    assert (result.type, result.series, result.error) == ("SINGLE_VALUE", (), None)


def test_first_of_equal_points_is_chosen(evaluator: Evaluator) -> None:
    first = evaluator.run("z").series[0].ids[0]
    assert evaluator.run("max(z)").series[0].ids == (first,)
    assert evaluator.run("min(z)").series[0].ids == (first,)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("latest(latest(m1))", "leave it out"),
        ("latest(1)", "leave it out"),
        ("latest(top_n(t1,1,des))", "take max or min"),
        ("latest(heat)", "its metric has none for this kind of entity"),
    ],
)
def test_latest_needs_a_time_series(text: str, hint: str, evaluator: Evaluator) -> None:
    assert evaluator.run(text).error == f"line 1, column 1: 'latest' needs a time series; {hint}"
