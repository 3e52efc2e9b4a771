"""Rules that replace others while windows are open."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oap.window.calls import Call, day, hour, minute
from tests.oap.window.pipeline_rig import EVERY_FUNCTION, PipelineRig, stored_at_once
from tests.oap.window.row_fold import Records

SAME = "same = from(K8SService.protocol.http.latency).longAvg();"
OLD = "old = from(K8SService.*).count();"
NEW = "new = from(K8SService.protocol.http.latency).sum();"
SLOW = "turned = from(K8SService.*).filter(protocol.http.latency > 100).count();"
FAST = "turned = from(K8SService.*).filter(protocol.http.latency <= 100).count();"
BEFORE, AFTER = SAME + OLD + SLOW, SAME + NEW + FAST


def values(records: Records, metric: str) -> dict[int, object]:
    """Value of a metric by bucket, of the one service."""
    return {bucket: record["value"] for (name, _, bucket), record in records.items() if name == metric}


def sums(records: Records, metric: str) -> dict[int, object]:
    return {bucket: record["summation"] for (name, _, bucket), record in records.items() if name == metric}


def test_the_edge_is_the_first_minute_that_no_row_has_come_for() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0), Call(3), Call(1))
    assert rig.change(AFTER) == 4


def test_each_row_is_folded_by_the_rules_of_its_minute() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 10), Call(1, 200))
    rig.hand_over()
    assert rig.change(AFTER) == 2
    rig.accept(Call(2, 30), Call(1, 300), Call(2, 400), Call(3, 50))  # minute 1 is not over when the rules change
    stored = rig.stored()
    assert values(stored, "old") == {minute(0): 1, minute(1): 2, hour(0): 3, day(0): 3}
    assert values(stored, "new") == {minute(2): 430, minute(3): 50, hour(0): 480, day(0): 480}
    assert sums(stored, "same") == {
        minute(0): 10, minute(1): 500, minute(2): 430, minute(3): 50, hour(0): 990, day(0): 990
    }  # fmt: skip


def test_a_metric_that_changed_starts_with_the_edge_and_replaces_what_the_hour_had() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 200), Call(1, 200), Call(1, 200))
    rig.hand_over()
    rig.change(AFTER)
    rig.accept(Call(2, 30), Call(1, 200))
    stored = rig.stored()
    assert values(stored, "turned") == {minute(0): 1, minute(1): 3, minute(2): 1, hour(0): 1, day(0): 1}


def test_hours_and_days_are_whole_after_every_hand_over() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 1))
    rig.hand_over()
    rig.change(AFTER)
    for expected, call in ((3, Call(1, 2)), (7, Call(0, 4)), (15, Call(1, 8)), (31, Call(2, 16))):
        rig.accept(call)
        rig.hand_over()
        assert sums(rig.store.records, "same")[hour(0)] == expected


def test_a_later_hour_belongs_to_the_newer_rules_alone() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(59, 1))
    rig.hand_over()
    assert rig.change(AFTER) == 60
    rig.accept(Call(60, 2), Call(59, 4), Call(60, 8))
    rig.hand_over()
    rig.accept(Call(59, 16), Call(61, 32))
    stored = rig.stored()
    assert sums(stored, "same") == {
        minute(59): 21, minute(60): 10, minute(61): 32, hour(59): 21, hour(60): 42, day(0): 63
    }  # fmt: skip
    assert values(stored, "old") == {minute(59): 3, hour(59): 3, day(0): 3}
    assert values(stored, "new") == {minute(60): 10, minute(61): 32, hour(60): 42, day(0): 42}


def test_the_older_rules_end_when_nothing_comes_for_them() -> None:
    rig = PipelineRig(BEFORE, lateness_s=60)
    rig.accept(Call(0, 1))
    rig.change(AFTER)
    rig.accept(Call(1, 2))
    rig.hand_over()
    assert len(list(rig.pipeline.windows)) == 2
    rig.accept(Call(3, 4))
    closed = rig.hand_over().closed
    assert len(list(rig.pipeline.windows)) == 1
    assert {minute(0), minute(1), minute(3), hour(0), day(0)} == set(closed)
    rig.accept(Call(3, 8), Call(0, 16))
    stored = rig.stored()
    assert sums(stored, "same")[hour(0)] == 31
    assert values(stored, "new") == {minute(1): 2, minute(3): 12, hour(0): 30, day(0): 30}


def test_the_older_rules_end_though_time_stands_still() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0))
    rig.change(AFTER)
    rig.accept(Call(1))
    counts = []
    for _ in range(4):
        rig.hand_over()
        counts.append(len(list(rig.pipeline.windows)))
    assert counts == [2, 2, 2, 1]


def test_a_second_change_waits_for_a_hand_over_when_both_rules_have_rows() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 1))
    rig.change(AFTER)
    assert rig.change(SAME) == 1  # AFTER never had a row
    waits = [rig.pipeline.wants_hand_over]
    rig.accept(Call(1, 2))
    assert rig.change(AFTER) is None
    waits.append(rig.pipeline.wants_hand_over)
    rig.hand_over()
    waits.append(rig.pipeline.wants_hand_over)
    assert waits == [False, True, False]
    assert rig.change(AFTER) == 2
    rig.accept(Call(1, 4), Call(0, 8), Call(2, 16))
    stored = rig.stored()
    assert sums(stored, "same")[hour(0)] == 31
    assert values(stored, "new") == {minute(2): 16, hour(0): 16, day(0): 16}
    assert values(stored, "old") == {minute(0): 1, hour(0): 1, day(0): 1}


def test_rules_that_change_before_the_first_row_begin_at_once() -> None:
    rig = PipelineRig(BEFORE)
    assert rig.change(AFTER) == 0
    rig.accept(Call(0, 7))
    assert values(rig.stored(), "new") == {minute(0): 7, hour(0): 7, day(0): 7}


def test_changed_thresholds_count_from_the_edge() -> None:
    rules = "score = from(K8SService.protocol.http.latency).apdex(name, protocol.success);"
    rig = PipelineRig(rules)
    rig.accept(Call(0, 300))
    rig.change(rules, {"default": 10})
    rig.accept(Call(0, 300), Call(1, 300))
    stored = rig.stored()
    tolerated = {key[2]: (record["s_num"], record["t_num"]) for key, record in stored.items()}
    assert tolerated == {minute(0): (2, 0), minute(1): (0, 0), hour(0): (2, 0), day(0): (2, 0)}


def test_a_restart_between_two_hand_overs_of_both_rules_loses_nothing() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 1))
    rig.change(AFTER)
    rig.accept(Call(1, 2), Call(0, 4))
    rig.hand_over()
    crashed = PipelineRig(AFTER, store=rig.store)  # what was handed over is all that is left
    crashed.accept(Call(1, 8), Call(0, 16))
    stored = crashed.stored()
    assert sums(stored, "same") == {minute(0): 21, minute(1): 10, hour(0): 31, day(0): 31}


def test_routes_that_are_given_up_keep_both_rules_right() -> None:
    rig = PipelineRig(BEFORE)
    rig.accept(Call(0, 1), Call(0, 1, server=30))
    rig.hand_over()
    rig.change(AFTER)
    rig.accept(Call(1, 2))
    rig.pipeline.compact()
    rig.accept(Call(0, 4), Call(1, 8, server=30))
    stored = rig.stored()
    assert {key[1]: record["summation"] for key, record in stored.items() if key[::2] == ("same", hour(0))} == {
        "czEuc2hvcA==.1": 7, "czMuc2hvcA==.1": 9
    }  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> Sequence[Call | str]:
    """Calls whose minutes go forwards with some disorder, and between them hand-overs and changes of rules."""
    steps: list[Call | str] = []
    for at in range(draw(st.integers(1, 25))):
        at_minute = max(0, at // 3 - draw(st.integers(0, 3))) + draw(st.sampled_from([0, 0, 58]))
        steps.append(Call(at_minute, draw(st.integers(0, 900)), server=draw(st.sampled_from([10, 11, 30]))))
        steps += draw(st.lists(st.sampled_from(["hand over", "more", "fewer", "compact"]), max_size=2))
    return steps


@settings(max_examples=60, deadline=None)
@given(runs())
def test_unchanged_metrics_are_those_of_a_run_without_changes(steps: Sequence[Call | str]) -> None:
    more = EVERY_FUNCTION + NEW
    rig = PipelineRig(lateness_s=60)
    for step in steps:
        if isinstance(step, Call):
            rig.accept(step)
        elif step == "hand over":
            rig.hand_over()
        elif step == "compact":
            rig.pipeline.compact()
        elif rig.change(more if step == "more" else EVERY_FUNCTION) is None:
            rig.hand_over()
    unchanged = {key: record for key, record in rig.stored().items() if key[0] != "new"}
    assert unchanged == stored_at_once([step for step in steps if isinstance(step, Call)])


def test_an_hour_is_the_sum_of_its_minutes_however_often_rules_change() -> None:
    rig = PipelineRig(BEFORE)
    for at in range(6):
        rig.accept(Call(at, 1 << at))
        rig.change(AFTER if at % 2 else BEFORE)
        rig.hand_over()
    stored = sums(rig.stored(), "same")
    assert stored == {minute(at): 1 << at for at in range(6)} | {hour(0): 63, day(0): 63}
