"""Records of two rule sets, compared one by one."""

from pathlib import Path

import pytest

from oap.emulator.recording import Recording
from oap.rules.comparison import Change, Comparison, MetricChange, RecordChange
from oap.rules.dry_run import PASSES, compare_plans
from oap.rules.records import Surroundings
from oap.timebucket import Precision
from tests.oap.rules.small import cases_of, plan_of

LOGS = """  - name: a
    logs:
      - {time: 12:34:05, read: {l2.totalPackageSize: 100, duration: 60us}}
      - {time: 12:34:06, read: {l2.totalPackageSize: 20, duration: 10us}}
      - {time: 12:35:06, read: {l2.totalPackageSize: 3, duration: 60us}}
      - {time: 12:35:06, local: cart.shop/cart-0, read: {l2.totalPackageSize: 40}}
      - {time: 12:35:06, http: {path: /, latency: 31}}
      - {time: 12:35:06, http: {path: /, latency: 55}}
    expect: [{metric: devices, value: no row}]
"""
BYTES = 'bytes = from(K8SService.read.l2.totalPackageSize).filter(type == "read"){}.{}();\n'


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return cases_of(tmp_path, LOGS).cases[0].logs


def compared(recording: Recording, old: str, new: str, most: int = 0) -> Comparison:
    plans = (plan_of(old), plan_of(new))
    names = list(dict.fromkeys(metric.name for plan in plans for metric in plan.metrics))
    return compare_plans(recording, plans, Surroundings(), names, most, lambda _: None).comparison


def changed(recording: Recording, old: str, new: str, most: int = 0) -> MetricChange:
    (change,) = compared(recording, old, new, most).changes
    return change


def test_equal_rules_have_equal_records(recording: Recording) -> None:
    assert compared(recording, plan_text(), plan_text()) == Comparison([], 7)


def plan_text() -> str:
    return "\n".join(f"{metric.text}" for metric in plan_of().metrics)


def test_changed_records_come_largest_first(recording: Recording) -> None:
    change = changed(recording, BYTES.format("", "sum"), BYTES.format(".filter(read.duration > 20000)", "sum"))
    assert (change.change, change.precision) == (Change.CHANGED, Precision.MINUTE)
    assert [(each.entity, each.bucket, each.old, each.new, each.difference) for each in change.extent.largest] == [
        ("cart.shop", 202405011235, 40, None, -40),
        ("api.shop", 202405011234, 120, 100, -20),
    ]


def test_counts_and_sums_of_a_changed_metric(recording: Recording) -> None:
    extent = changed(recording, BYTES.format("", "sum"), BYTES.format(".filter(read.duration > 20000)", "sum")).extent
    assert (extent.old_records, extent.new_records) == (3, 2)
    assert (extent.added, extent.removed, extent.changed, len(extent.entities)) == (0, 1, 1, 2)
    assert (extent.old_sum, extent.new_sum, extent.moved, extent.share) == (163, 103, 60, 60 / 163)


def test_another_function_is_compared_by_its_values(recording: Recording) -> None:
    extent = changed(recording, BYTES.format("", "sum"), BYTES.format("", "longAvg")).extent
    assert [(each.old, each.new) for each in extent.largest] == [(120, 60)]


def test_what_differs_in_hours_only_is_told_of_hours(recording: Recording) -> None:
    old, new = (f'calls = from(K8SService.*).filter(type == "read").{name}();' for name in ("cpm", "count"))
    change = changed(recording, old, new)
    assert change.precision is Precision.HOUR
    assert [(each.entity, each.bucket, each.old, each.new) for each in change.extent.largest] == [
        ("api.shop", 2024050112, 0, 3),
        ("cart.shop", 2024050112, 0, 1),
    ]


def test_equal_values_of_other_rows_differ(tmp_path: Path) -> None:
    logs = LOGS.replace("duration: 10us", "duration: 60us")
    mean = 'mean = from(K8SService.read.duration).filter(type == "read"){}.longAvg();'
    new = mean.format(".filter(read.l2.totalPackageSize != 20)")
    extent = changed(cases_of(tmp_path, logs).cases[0].logs, mean.format(""), new).extent
    assert (extent.changed, extent.share) == (1, 0)
    assert [(each.old, each.new, each.difference) for each in extent.largest] == [(60_000, 60_000, 0)]


def test_tables_differ_by_the_entry_that_differs_most(recording: Recording) -> None:
    rank = "rank = from(K8SEndpoint.http.latency).percentile2({});"
    (change,) = changed(recording, rank.format(10), rank.format(1)).extent.largest
    assert change == RecordChange(
        "api.shop GET:/",
        "YXBpLnNob3A=.1_R0VUOi8=",
        202405011235,
        {"p50": 30, "p75": 50, "p90": 50, "p95": 50, "p99": 50},
        {"p50": 31, "p75": 55, "p90": 55, "p95": 55, "p99": 55},
        5,
    )


def test_added_and_removed_metrics_are_told_with_their_records(recording: Recording) -> None:
    old = 'gone = from(K8SService.*).filter(type == "read").cpm(); never = from(K8SService.*).filter(type == "close").cpm();'
    new = "fresh = from(K8SServiceInstance.*).cpm();"
    changes = compared(recording, old, new, most=1).changes
    assert [(each.metric, each.change, each.extent.old_records, each.extent.new_records) for each in changes] == [
        ("gone", Change.REMOVED, 3, 0),
        ("never", Change.REMOVED, 0, 0),
        ("fresh", Change.ADDED, 0, 3),
    ]
    assert [len(each.extent.largest) for each in changes] == [1, 0, 1]


def test_a_metric_of_another_scope_changes_all_its_records(recording: Recording) -> None:
    extent = changed(recording, "m = from(K8SService.*).cpm();", "m = from(K8SServiceInstance.*).cpm();").extent
    assert (extent.removed, extent.added, extent.changed, extent.share) == (3, 3, 0, 2)


def test_metrics_are_ordered_by_how_much_of_them_changes(recording: Recording) -> None:
    text = (
        'a = from(K8SService.read.l2.totalPackageSize).filter(type == "read").filter(read.duration > {}).sum();'
        'b = from(K8SService.*).filter(type == "read").filter(read.duration > {}).cpm();'
    )
    changes = compared(recording, text.format(0, 0), text.format(20_000, 50_000)).changes
    assert [(each.metric, each.extent.share) for each in changes] == [("b", 1 / 3), ("a", 20 / 123)]


def test_progress_adds_up_to_all_passes(recording: Recording) -> None:
    told: list[int] = []
    compare_plans(recording, (plan_of(), plan_of()), Surroundings(), ["bytes_read"], 0, told.append)
    assert sum(told) == PASSES * 6
