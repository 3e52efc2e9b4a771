"""Why a number is so, with rows through a real pipeline."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oap.emulator.playback import blocks
from oap.rules.newest import newest_second
from oap.rules.records import Surroundings
from oap.rules.tracing import Tracer
from oap.why.error import UnknownMetric, UnknownService
from tests.oap.rules.small import cases_of
from tests.oap.why.watched import Watched
from tests.oap.window.calls import BOOT_S, FIRST_MINUTE, Call, block_of, minute
from tests.oap.window.pipeline_rig import plan_of

FAILED = 'failed = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 500).cpm();'
MIXED = """
mixed = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 400)
    .filter(detectPoint == DetectPoint.SERVER).filter(protocol.http.statusCode < 500).cpm();
"""
RELATION = "edges = from(K8SServiceRelation.*).filter(detectPoint == DetectPoint.CLIENT).cpm();"
RULES = f"""{FAILED}{MIXED}{RELATION}
slow_reads = from(K8SServiceInstance.read.duration).filter(read.duration > 5000000).sum();
both = from(K8SService.*).filter(type in ["read", "write"]).filter(name != "s2.shop").cpm();
endpoint_calls = from(K8SEndpoint.*).filter(http.method == "GET").filter(http.latency >= 10).cpm();
never = from(K8SService.*).filter(type == "close").cpm();
"""

CALLS = (
    Call(0),
    Call(0, code=404),
    Call(0, code=404, server=20),
    Call(0, code=503),
    Call(1, code=404, role="client"),
    Call(1, kind="write"),
    Call(1, kind="read", ms=9),
    Call(1, kind="read", ms=1, server=21),
)


@pytest.fixture
def watched() -> Watched:
    """A pipeline that took in the calls."""
    rig = Watched(RULES)
    rig.accept(*CALLS)
    return rig


def test_rows_are_counted_stage_by_stage(watched: Watched) -> None:
    assert watched.rows("mixed") == [
        ("rows of all operations", 8),
        ('after type == "protocol"', 5),
        ("of a known service", 5),
        ("after protocol.http.statusCode >= 400", 4),
        ("after detectPoint == DetectPoint.SERVER", 3),
        ("after protocol.http.statusCode < 500", 2),
    ]
    answer = watched.why("mixed")
    assert answer.vanishes_at is None
    assert answer.minutes == (minute(0), minute(1))
    assert [stage.by_minute for stage in answer.stages] == [(4, 4), (4, 1), (4, 1), (3, 1), (3, 0), (2, 0)]
    (part,) = answer.parts
    assert (part.operation, part.folded, part.late) == ("http", 2, 0)
    assert [(stage.text, stage.rows) for stage in part.stages[:2]] == [("http rows", 5), ("of a known service", 5)]


def test_where_rows_vanish_is_the_first_stage_without_any(watched: Watched) -> None:
    assert watched.why("failed").vanishes_at is None
    assert watched.why("failed", "s2.shop").vanishes_at == "after protocol.http.statusCode >= 500"
    assert watched.why("never").vanishes_at == 'after type == "close"'


def test_rows_of_one_service_are_those_that_it_reports(watched: Watched) -> None:
    assert watched.rows("mixed", "s2.shop") == [
        ("rows of all operations", 2),
        ('after type == "protocol"', 1),
        ("of a known service", 1),
        ("after protocol.http.statusCode >= 400", 1),
        ("after detectPoint == DetectPoint.SERVER", 1),
        ("after protocol.http.statusCode < 500", 1),
    ]
    assert watched.rows("endpoint_calls", "s1.shop")[1:3] == [
        ("http rows", 3),
        ("of an endpoint, told by the side that was called", 3),
    ]


def test_rows_of_a_relation_belong_to_both_ends(watched: Watched) -> None:
    assert [rows for _, rows in watched.rows("edges", "s0.shop")] == [8, 8, 8, 1]
    assert [rows for _, rows in watched.rows("edges", "s2.shop")] == [2, 2, 2, 0]


def test_rows_without_an_entity_of_the_scope_vanish_before_the_filters(tmp_path: Path) -> None:
    logs = """  - name: a peer without a pod
    logs:
      - {time: 12:34:05, remote: web.shop, read: {duration: 60us}}
      - {time: 12:34:05, read: {duration: 60us}}
    expect:
      - {metric: bytes_read, value: no row}
"""
    (case,) = cases_of(tmp_path, logs).cases
    rig = Watched("calls = from(K8SServiceInstanceRelation.*).filter(detectPoint == DetectPoint.CLIENT).cpm();")
    for block in blocks(case.logs, 10):
        rig.pipeline.accept(block, newest_second([block]))
    assert [(stage.text, stage.rows) for stage in rig.why("calls").stages[1:]] == [
        ("connect, accept, close, read, write and http rows", 2),
        ("between two pods", 1),
        ("after detectPoint == DetectPoint.CLIENT", 0),
    ]


def test_operations_are_told_one_by_one_and_together(watched: Watched) -> None:
    answer = watched.why("both")
    assert [stage.rows for stage in answer.stages] == [8, 3, 3, 2]
    assert {part.operation: [stage.rows for stage in part.stages] for part in answer.parts} == {
        "read": [2, 2, 1],
        "write": [1, 1, 1],
    }


def test_late_rows_count_for_their_minute_and_operation() -> None:
    rig = Watched(FAILED)
    rig.accept(Call(0), Call(9))
    rig.accept(Call(0, code=500), Call(0), Call(0, kind="read"))
    (part,) = rig.why("failed", minutes=60).parts
    assert (part.folded, part.late) == (1, 2)
    assert rig.why("failed", minutes=60).received.late == 3
    assert rig.why("failed", minutes=5).parts[0].late == 0


def test_what_no_rule_saw_is_told_by_reason() -> None:
    rig = Watched(FAILED)
    rig.accept(Call(0), Call(0, server=0), Call(0, server=1, client=2), Call(0, role="client"))
    received = rig.why("failed").received
    assert (received.logs, received.dropped, received.refused) == (4, {"same_service": 2}, 0)


def test_closed_minutes_are_remembered_for_all_services_together() -> None:
    rig = Watched(MIXED)
    rig.accept(*CALLS)
    rig.pipeline.collect()
    rig.accept(Call(8))
    rig.pipeline.collect()
    rig.pipeline.collect()
    assert list(rig.pipeline.workings.windows) == [FIRST_MINUTE + 8]
    answer = rig.why("mixed")
    assert answer.minutes == (minute(0), minute(1), minute(8))
    assert [stage.by_minute for stage in answer.stages][-1] == (2, 0, 0)
    assert rig.why("mixed", "s1.shop").minutes == (minute(8),)


def test_a_minute_that_opens_again_counts_its_rows_once() -> None:
    rig = Watched(FAILED)
    rig.accept(Call(0, code=500), Call(8))
    for _ in range(3):
        rig.pipeline.collect()
    rig.accept(Call(0, code=500), Call(0))
    assert rig.why("failed").stages[-1].by_minute == (2, 0)
    for _ in range(3):
        rig.pipeline.collect()
    assert [stage.by_minute for stage in rig.why("failed").stages] == [(3, 1), (3, 1), (3, 1), (2, 0)]


def test_only_the_newest_minutes_are_looked_at(watched: Watched) -> None:
    assert watched.why("failed", minutes=1).minutes == (minute(1),)
    assert watched.why("failed", minutes=1).stages[0].rows == 4


def test_nothing_received_is_no_error() -> None:
    answer = Watched(FAILED).why("failed")
    assert (answer.minutes, answer.vanishes_at, answer.received.logs) == (
        (),
        "rows of the operations that rules read",
        0,
    )


def test_changed_rules_answer_for_their_own_minutes() -> None:
    rig = Watched(FAILED)
    rig.accept(Call(0, code=500))
    changed = plan_of(FAILED.replace("500", "400") + RELATION)
    rig.pipeline.change_rules(changed, lambda _: 500)
    rig.accept(Call(0, code=500), Call(1, code=404), Call(1, code=500))
    assert rig.why("failed").stages[-1].by_minute == (0, 2)
    assert rig.why("edges").stages[0].by_minute == (0, 2)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("faild", "there is no metric 'faild'; did you mean 'failed'?"),
        ("calls", "there is no metric 'calls'; names with it: endpoint_calls"),
        ("zzz", "there is no metric 'zzz'"),
    ],
)
def test_an_unknown_metric_gets_a_near_one(watched: Watched, metric: str, said: str) -> None:
    with pytest.raises(UnknownMetric) as raised:
        watched.why(metric)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("s1.shp", "there is no service 's1.shp'; did you mean 's1.shop'?"),
        ("nobody.there", "there is no service 'nobody.there'; there are: s0.shop, s1.shop, s2.shop"),
    ],
)
def test_an_unknown_service_gets_a_near_one(watched: Watched, service: str, said: str) -> None:
    with pytest.raises(UnknownService) as raised:
        watched.why("failed", service)
    assert str(raised.value) == said


def test_a_service_is_unknown_before_any_row() -> None:
    with pytest.raises(UnknownService, match="no service is known yet"):
        Watched(FAILED).why("failed", "a.b")


def calls() -> st.SearchStrategy[list[Call]]:
    """Calls of all kinds, some of them senseless."""
    call = st.builds(
        Call,
        minute=st.integers(0, 3),
        ms=st.sampled_from([0, 5, 10, 500]),
        kind=st.sampled_from(["http", "read", "write", "connect", "close"]),
        client=st.sampled_from([0, 1, 10, 20]),
        server=st.sampled_from([10, 11, 20]),
        code=st.sampled_from([200, 404, 500, 503]),
        method=st.sampled_from(["Get", "Post"]),
        role=st.sampled_from(["server", "client"]),
    )
    return st.lists(call, min_size=1, max_size=25)


@settings(max_examples=40, deadline=None)
@given(calls(), st.integers(1, 4))
def test_the_last_stage_is_what_the_records_took_in(taken: Sequence[Call], cuts: int) -> None:
    rig = Watched(RULES)
    for at in range(cuts):
        if part := taken[at::cuts]:
            rig.accept(*part)
    plan = plan_of(RULES)
    for metric in plan.metrics:
        traced = list(Tracer(plan, metric, Surroundings()).rows([block_of(taken)], BOOT_S + 300))
        answer = rig.why(metric.name)
        counted = sum(row.is_counted for row in traced)
        assert answer.stages[-1].rows == sum(part.folded for part in answer.parts) == counted
        assert answer.stages[2].rows == len(traced)
        assert answer.stages[0].rows <= len(taken)
        rows = [stage.rows for stage in answer.stages]
        assert rows == sorted(rows, reverse=True)
