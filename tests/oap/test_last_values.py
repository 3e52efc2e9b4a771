from collections.abc import Mapping

import numpy as np
import pytest

from oap.last_values import LastValue, LastValues
from oap.storage.contract import HandOver, MetricColumns, MetricModel, MetricRows
from tests.oap.query.rows import Values, metric, records

CPM = metric("http_cpm", "cpm")
RARE = metric("errors_cpm", "cpm")
RANKS = metric("percentile", "percentile2")
PODS = metric("pod_cpm", "cpm", "K8SServiceInstance", "SERVICE_INSTANCE")
BEFORE, NEWEST = 202601011229, 202601011230


@pytest.fixture
def values() -> LastValues:
    return LastValues()


def store(values: LastValues, bucket: int, rows: Mapping[str, Values]) -> None:
    known = {model.name: model for model in (CPM, RARE, RANKS)}
    values.take(HandOver([records(bucket, *((known[name], of) for name, of in rows.items()))]))


def test_nothing_is_known_at_first(values: LastValues) -> None:
    assert values.snapshot == {}


def test_entity_with_the_greatest_value_is_kept(values: LastValues) -> None:
    store(values, NEWEST, {"http_cpm": {"a": 5, "b": 70, "c": 6, "d": None}})
    assert values.snapshot == {"http_cpm": LastValue(NEWEST, 3, "b", 70)}


def test_metric_without_a_record_has_no_last_value(values: LastValues) -> None:
    store(values, NEWEST, {"http_cpm": {"a": 5}, "errors_cpm": {"a": None}})
    assert list(values.snapshot) == ["http_cpm"]


def test_later_totals_take_the_place_of_earlier_ones(values: LastValues) -> None:
    store(values, NEWEST, {"http_cpm": {"a": 5, "b": 70}})
    store(values, NEWEST, {"http_cpm": {"c": 3, "b": 4}})
    assert values.snapshot == {"http_cpm": LastValue(NEWEST, 3, "a", 5)}


def test_newer_minute_replaces_the_one_before(values: LastValues) -> None:
    store(values, BEFORE, {"http_cpm": {"a": 50, "b": 70}})
    store(values, NEWEST, {"http_cpm": {"a": 1}})
    assert values.snapshot == {"http_cpm": LastValue(NEWEST, 1, "a", 1)}


def test_metric_that_is_quiet_now_keeps_its_minute(values: LastValues) -> None:
    store(values, BEFORE, {"http_cpm": {"a": 5}, "errors_cpm": {"a": 2}})
    store(values, NEWEST, {"http_cpm": {"a": 1}, "errors_cpm": {"a": None}})
    assert values.snapshot["errors_cpm"] == LastValue(BEFORE, 1, "a", 2)


def test_late_rows_count_in_the_minute_before(values: LastValues) -> None:
    store(values, BEFORE, {"http_cpm": {"a": 5}, "errors_cpm": {"a": 2}})
    store(values, NEWEST, {"http_cpm": {"a": 1}, "errors_cpm": {"a": None}})
    store(values, BEFORE, {"http_cpm": {"b": 99}, "errors_cpm": {"b": 1}})
    assert values.snapshot == {
        "http_cpm": LastValue(NEWEST, 1, "a", 1),
        "errors_cpm": LastValue(BEFORE, 2, "a", 2),
    }


def test_very_late_rows_change_nothing(values: LastValues) -> None:
    store(values, 202601011100, {"http_cpm": {"a": None}, "errors_cpm": {"a": 8, "b": 9}})
    for bucket in (BEFORE, NEWEST):
        store(values, bucket, {"http_cpm": {"a": 1}, "errors_cpm": {"a": None}})
    store(values, 202601011100, {"http_cpm": {"a": None}, "errors_cpm": {"c": 1}})
    assert values.snapshot["errors_cpm"] == LastValue(202601011100, 2, "b", 9)


def test_hours_and_days_are_passed_over(values: LastValues) -> None:
    for bucket in (2026010112, 20260101):
        store(values, bucket, {"http_cpm": {"a": 5}})
    assert values.snapshot == {}


def test_removed_metric_is_forgotten_with_the_next_minute(values: LastValues) -> None:
    store(values, BEFORE, {"http_cpm": {"a": 5}, "errors_cpm": {"a": 2}})
    store(values, NEWEST, {"http_cpm": {"a": 1}})
    assert list(values.snapshot) == ["http_cpm"]


def test_scopes_have_minutes_of_their_own(values: LastValues) -> None:
    values.take(HandOver([records(NEWEST, (CPM, {"a": 5})), records(BEFORE, (PODS, {"a_p": 3}))]))
    assert values.snapshot == {"http_cpm": LastValue(NEWEST, 1, "a", 5), "pod_cpm": LastValue(BEFORE, 1, "a_p", 3)}


def test_labelled_metric_shows_the_entries_of_one_entity(values: LastValues) -> None:
    store(values, NEWEST, {"percentile": {"a": {"{p=50}": 3, "{p=99}": 9}, "b": {"{p=50}": 1, "{p=99}": 40}, "c": {}}})
    assert values.snapshot == {"percentile": LastValue(NEWEST, 3, "b", {"{p=50}": 1, "{p=99}": 40})}


def test_entries_shown_stay_while_none_is_greater(values: LastValues) -> None:
    store(values, NEWEST, {"percentile": {"a": {"{p=99}": 9}, "b": {"{p=99}": 40}}})
    store(values, NEWEST, {"percentile": {"a": {"{p=99}": 20}}})
    assert values.snapshot["percentile"] == LastValue(NEWEST, 2, "b", {"{p=99}": 40})
    store(values, NEWEST, {"percentile": {"b": {"{p=99}": 1}, "c": None}})
    assert values.snapshot["percentile"] == LastValue(NEWEST, 2, "b", {"{p=99}": 1})
    store(values, NEWEST, {"percentile": {"c": None}})
    assert values.snapshot["percentile"] == LastValue(NEWEST, 2, "b", {"{p=99}": 1})


def test_real_numbers_stay_real(values: LastValues) -> None:
    model = metric("ratio", "doubleAvg")
    columns = {column.name: np.array([0.5, 2.25]) for column in model.columns}
    values.take(HandOver([_rows(model, columns)]))
    assert values.snapshot == {"ratio": LastValue(NEWEST, 2, "b", 2.25)}


def test_snapshot_does_not_change_any_more(values: LastValues) -> None:
    store(values, NEWEST, {"http_cpm": {"a": 5}})
    before = values.snapshot
    store(values, NEWEST, {"http_cpm": {"a": 6}})
    assert before == {"http_cpm": LastValue(NEWEST, 1, "a", 5)}


def _rows(model: MetricModel, columns: Mapping[str, np.ndarray]) -> MetricRows:
    present = np.ones(2, dtype=np.bool_)
    return MetricRows(model.scope, NEWEST, ["a", "b"], None, [MetricColumns(model, present, columns)])
