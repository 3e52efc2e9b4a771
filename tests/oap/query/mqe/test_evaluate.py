"""What holds for whole expressions: entities, ranges, several findings (spec query 3, 7)."""

from zoneinfo import ZoneInfo

import pytest

from oap.query.entity import EntityInput
from oap.query.errors import QueryError
from tests.oap.query.mqe.conformance_store import NOTHING, Evaluator, texts_of


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("m1", NOTHING),
        ("m1", EntityInput(service_name="svc")),
        ("pods", EntityInput(service_name="svc", normal=True)),
        ("pods", EntityInput(service_name="svc", normal=True, service_instance_name=None)),
    ],
)
def test_entity_without_a_needed_member_is_unknown_and_no_error(
    text: str, entity: EntityInput, evaluator: Evaluator
) -> None:
    result = evaluator.run(text, entity)
    assert (result.type, result.series, result.error) == ("UNKNOWN", (), None)


@pytest.mark.parametrize("entity", [EntityInput("", normal=True), EntityInput("svc", normal=False)])
def test_entity_that_is_not_stored_has_empty_points(entity: EntityInput, evaluator: Evaluator) -> None:
    assert evaluator.texts("m1", entity) == [[None] * 4]


def test_series_is_as_long_as_the_range_whatever_is_stored(evaluator: Evaluator) -> None:
    result = evaluator.run("m1", start="2024-01-01 0002", end="2024-01-01 0005")
    assert texts_of(result) == [[None, "30", None, None]]
    assert len(evaluator.run("m1", start="2023-12-31 1543").series[0].values) == 501
    assert texts_of(evaluator.run("m1", start="2024-01-01 0001", end="2024-01-01 0001")) == [["20"]]


def test_heatmap_is_unknown_and_no_error(evaluator: Evaluator) -> None:
    result = evaluator.run("heat")
    assert (result.type, result.series, result.error) == ("UNKNOWN", (), None)
    assert evaluator.run("top_n(heat,1,des)").error == (
        "line 1, column 1: 'top_n' needs a metric of single values, 'heat' is HEATMAP; "
        "show it as a series, or list another metric"
    )


def test_no_points_exist_by_second(evaluator: Evaluator) -> None:
    result = evaluator.run("m1", start="2024-01-01 000000", end="2024-01-01 000002", step="SECOND")
    assert texts_of(result) == [[None, None, None]]


def test_days_over_the_end_of_a_month_are_points(evaluator: Evaluator) -> None:
    result = evaluator.run("m1", start="2024-02-28", end="2024-03-01", step="DAY")
    assert result.series[0].ids == ("1709078400000", "1709164800000", "1709251200000")


def test_ids_follow_the_zone_of_the_server(evaluator: Evaluator) -> None:
    result = evaluator.run("m1", zone=ZoneInfo("Asia/Kolkata"))
    assert (result.series[0].ids[0], texts_of(result)) == ("1704047400000", [["10", "20", None, "30"]])


@pytest.mark.parametrize(("start", "end"), [("2024-01-01 0003", "2024-01-01 0002"), ("2023-12-31 1541", None)])
def test_range_that_is_none_fails_the_request(start: str, end: str | None, evaluator: Evaluator) -> None:
    with pytest.raises(QueryError):
        evaluator.run("m1", start=start, end=end or "2024-01-01 0002")


def test_findings_of_both_sides_are_told_at_once(evaluator: Evaluator) -> None:
    assert evaluator.run("avg(nosuch1) / increase(m1, 0)").error == (
        "line 1, column 5: there is no metric 'nosuch1'\n"
        "line 1, column 16: 'increase' needs at least 1 step, not 0; write increase(m1,1)"
    )


def test_unknown_metric_suggests_the_nearest_one(evaluator: Evaluator) -> None:
    assert evaluator.run("1 + ptc").error == "line 1, column 5: there is no metric 'ptc'; did you mean 'pct'?"


def test_an_unknown_metric_is_shown_where_it_stands(evaluator: Evaluator) -> None:
    text = "baseline(nosuch1,value) + rate(nosuch2,1) * max(top_n(nosuch3{a='b'},1,des))"
    assert evaluator.run(text).error == (
        "line 1, column 10: there is no metric 'nosuch1'\n"
        "line 1, column 32: there is no metric 'nosuch2'\n"
        "line 1, column 55: there is no metric 'nosuch3'"
    )


def test_baseline_is_empty_and_named_by_buckets(evaluator: Evaluator) -> None:
    [series] = evaluator.run("baseline(m1, upper)").series
    assert (series.ids, series.present.tolist()) == (
        ("202401010000", "202401010001", "202401010002", "202401010003"),
        [False] * 4,
    )


def test_presence_counts_errors_as_absent(evaluator: Evaluator) -> None:
    assert evaluator.texts("is_present(nosuch, avg(lab0), latest(1))") == [["0"]]
    assert evaluator.texts("view_as_seq(latest(1), relabels(pct,p='1,2',q='3'), one)") == [["2", "2", "2", "2"]]
    assert evaluator.run("view_as_seq(latest(1), none)").error == (
        "line 1, column 13: 'latest' needs a time series; leave it out"
    )


@pytest.mark.parametrize("text", ["(m1 > 1) * 1 && m1 > 1", "avg(m1 > 1) && m1 > 1", "view_as_seq(m1 > 1) || m1 > 1"])
def test_boolean_operators_need_comparisons(text: str, evaluator: Evaluator) -> None:
    error = evaluator.run(text).error
    assert error is not None
    assert "must be comparisons" in error
