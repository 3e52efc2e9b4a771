"""Counts of minutes whose windows are gone."""

from oap.why.history import KEPT_MINUTES
from tests.oap.why.watched import Watched
from tests.oap.window.calls import FIRST_MINUTE, Call
from tests.oap.window.pipeline_rig import plan_of

RULE = 'calls = from(K8SService.*).filter(type == "protocol").cpm();'


def _closed(rig: Watched) -> Watched:
    for _ in range(3):
        rig.pipeline.collect()
    return rig


def test_the_newest_minutes_are_kept() -> None:
    rig = Watched(RULE)
    for number in range(KEPT_MINUTES + 10):
        rig.accept(Call(number))
        rig.pipeline.collect()
    kept = _closed(rig).pipeline.workings.history.minutes
    # The last windows wait for latecomers.
    assert kept == list(range(FIRST_MINUTE + 10, FIRST_MINUTE + KEPT_MINUTES + 7))


def test_an_open_minute_is_not_among_the_closed_ones() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0))
    rig.pipeline.collect()
    assert rig.pipeline.workings.history.minutes == []


def test_everything_closes_with_the_last_hand_over() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0), Call(1))
    rig.pipeline.collect(everything=True)
    history, (metric,) = rig.pipeline.workings.history, plan_of(RULE).metrics
    assert history.minutes == [FIRST_MINUTE, FIRST_MINUTE + 1]
    counts = history.closed(FIRST_MINUTE, metric)
    assert counts is not None
    assert counts.total.tolist() == [1, 1, 1]


def test_a_rule_that_is_written_otherwise_has_no_counts() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0), Call(9))
    (changed,) = plan_of(RULE.replace("cpm", "count")).metrics
    history = _closed(rig).pipeline.workings.history
    assert history.closed(FIRST_MINUTE, changed) is None
    assert history.closed(FIRST_MINUTE + 5, plan_of(RULE).metrics[0]) is None


def test_rules_and_their_successors_each_have_their_minutes() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0))
    longer = plan_of(RULE + "reads = from(K8SService.read.duration).sum();")
    rig.pipeline.change_rules(longer, lambda _: 500)
    rig.accept(Call(1), Call(1), Call(1, kind="read"), Call(2))
    rig.pipeline.collect(everything=True)
    answer = rig.why("calls")
    assert [stage.by_minute for stage in answer.stages] == [(1, 3, 1), (1, 2, 1), (1, 2, 1)]
    assert [stage.by_minute for stage in rig.why("reads").stages] == [(0, 3, 1), (0, 1, 0), (0, 1, 0)]


def test_renumbered_cells_do_not_matter() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0, server=20), Call(0), Call(9))
    _closed(rig).pipeline.compact()
    rig.accept(Call(9, server=30))
    assert [stage.by_minute for stage in rig.why("calls").stages] == [(2, 2), (2, 2), (2, 2)]
