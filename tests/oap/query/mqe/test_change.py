import pytest

from tests.oap.query.mqe.conformance_store import NOTHING, Evaluator, texts_of


def test_labelled_metric_changes_series_by_series(evaluator: Evaluator) -> None:
    result = evaluator.run("increase(pct{p='50,99'}, 1)")
    assert [one.labels for one in result.series] == [(("p", "50"),), (("p", "99"),)]
    assert texts_of(result) == [[None, "10", None, None], [None, "100", None, None]]


def test_rate_is_per_second_of_the_step(evaluator: Evaluator) -> None:
    assert evaluator.texts("rate(cum, 3)") == [[None, None, None, "0.222"]]
    by_hour = evaluator.run("rate(cum, 1)", start="2024-01-01 00", end="2024-01-01 01", step="HOUR")
    assert texts_of(by_hour) == [[None, None]]


def test_range_of_501_points_may_change_too(evaluator: Evaluator) -> None:
    result = evaluator.run("increase(cum, 500)", start="2023-12-31 1540", end="2024-01-01 0000")
    assert (result.error, len(result.series[0].values)) == (None, 501)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("rate(cum, 0)", "1: 'rate' needs at least 1 step, not 0; write rate(cum,1)"),
        ("increase(cum, 9999999999)", "15: 9999999999 is too large, integers have at most 9 digits"),
        ("increase(nosuch, 1)", "10: there is no metric 'nosuch'"),
    ],
)
def test_impossible_change_is_an_error(text: str, error: str, evaluator: Evaluator) -> None:
    assert evaluator.run(text).error == f"line 1, column {error}"


def test_change_that_reaches_before_the_calendar_is_an_error(evaluator: Evaluator) -> None:
    assert evaluator.run("increase(cum, 999999999)", step="DAY", start="2024-01-01", end="2024-01-01").error == (
        "line 1, column 1: 999999999 steps before the start there is no calendar"
    )
    assert evaluator.run("rate(cum, 999999999)").error == (
        "line 1, column 1: 999999999 steps before the start there is no calendar"
    )
    assert evaluator.texts("increase(cum, 9999)") == [[None] * 4]


def test_entity_without_series_cannot_change(evaluator: Evaluator) -> None:
    assert evaluator.run("increase(m1, 1)", NOTHING).error == (
        "line 1, column 1: 'increase' needs a time series, 'm1' is none for this entity"
    )
    assert evaluator.run("increase(pct, 1)", NOTHING).series == ()
