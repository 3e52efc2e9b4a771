"""Giving up numbers of what is gone changes no row, and keeps memory flat."""

from collections.abc import Sequence

import numpy as np

from oap.receiver.block import Block, StreamEvent
from oap.storage.contract import HandOver
from tests.oap.window.calls import BOOT_S, DAY, Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.oracle.fixture import connection, http, message, node, pod

DAYS = 5
_RULES = """
times = from(K8SService.protocol.http.latency).percentile2(10);
methods = from(K8SService.*).labelCount(protocol.http.method);
writes = from(K8SServiceInstance.write.duration).filter(type == "write").longAvg();
relations = from(K8SServiceRelation.*).filter(detectPoint == DetectPoint.SERVER).count();
least = from(K8SServiceInstanceRelation.protocol.http.latency).minDouble();
endpoints = from(K8SEndpoint.*).percent(success == true);
"""


def _of_a_day(number: int) -> list[list[Call]]:
    """Batches of a day: pods, services and paths that no other day has, and some that all days have."""
    batches = []
    for hour in range(0, 24, 6):
        at = number * DAY + hour * 60
        own = 1000 * (number + 1)
        batches.append(
            [
                *(Call(at, 5 + pod_, server=own + pod_, client=own + 100, path=f"/{number}") for pod_ in range(30)),
                Call(at, 700, code=500, method="Post"),
                Call(at + 1, 3, kind="write", client=own + 200, role="client"),
            ]
        )
    return batches


def _sizes(rig: PipelineRig) -> list[int]:
    """How many numbers of each kind are in use, and how many cells the windows have room for."""
    pipeline = rig.pipeline
    windows = (*pipeline.book.minutes.values(), *pipeline.book.longer.values())
    states = [state for opened in windows for state in opened.window.tables.values()]
    return [
        len(pipeline.routes),
        len(pipeline.endpoints),
        *(len(table) for table in pipeline.routes.entities.values()),
        len(pipeline.routes.local_services),
        len(pipeline.connections),
        len(pipeline.placer.instance_first),
        max((len(state.counts) for state in states), default=0),
    ]


def _everything_written(rig: PipelineRig) -> tuple[object, ...]:
    """Traffic and relations as a store would have them in the end."""
    written: Sequence[HandOver] = rig.store.written
    services = {row.service_id: row for handed in written for row in reversed(handed.services)}
    relations = {row for handed in written for row in handed.service_relations}
    between = {row for handed in written for row in handed.instance_relations}
    seen = {row.instance_id: row.last_ping for handed in written for row in handed.instances}
    endpoints = {row.endpoint_id: row.last_ping for handed in written for row in handed.endpoints}
    return set(services), relations, between, seen, endpoints


def _stream(*parts: str, begins: bool = False, ends: bool = False) -> Block:
    """One message of one stream, which may have begun earlier and end later."""
    raw = message(*parts)
    events = [(0, 0, StreamEvent.BEGIN)] * begins + [(1, 0, StreamEvent.END)] * ends
    return Block(np.frombuffer(raw, np.uint8), np.array([0, len(raw)]), np.zeros(1, np.int32), tuple(events))


def test_memory_stays_flat_over_days_of_ever_new_pods_and_rows_are_the_same() -> None:
    rig, whole = PipelineRig(_RULES), PipelineRig(_RULES)
    sizes = []
    for number in range(DAYS):
        for batch in _of_a_day(number):
            rig.accept(*batch)
            rig.hand_over()
            rig.hand_over()
            whole.accept(*batch)
        sizes.append(_sizes(rig))
    first, *later = sizes
    highest = [max(column) for column in zip(*later, strict=True)]
    assert [most <= 1.5 * size for most, size in zip(highest, first, strict=True)] == [True] * len(first)
    assert len(rig.pipeline.routes) < len(whole.pipeline.routes) / 2
    assert rig.stored() == whole.stored()
    assert _everything_written(rig) == _everything_written(whole)


def test_many_unused_numbers_are_given_up_within_a_day() -> None:
    rig = PipelineRig(_RULES, few_cells=50)
    calls = [Call(number, server=1000 + number, client=1) for number in range(100)]
    for call in calls:
        rig.accept(call)
        rig.hand_over(everything=True)
        rig.hand_over()
        assert len(rig.pipeline.routes) + len(rig.pipeline.endpoints) <= 52
    assert rig.stored() == stored_at_once(calls, _RULES)


def test_what_windows_need_is_kept() -> None:
    rig = PipelineRig()
    calls = [Call(0, 10), Call(0, 20, server=30, path="/a"), Call(70, 5, kind="write", client=20)]
    rig.accept(*calls)
    before = _sizes(rig)
    rig.pipeline.compact()
    assert _sizes(rig) == [*before[:7], 0, *before[8:]]
    assert rig.stored() == stored_at_once(calls)


def test_handed_totals_are_not_handed_over_again() -> None:
    rig = PipelineRig()
    rig.accept(Call(0, server=30), Call(1, server=10))
    rig.hand_over(everything=True)
    rig.accept(Call(1, server=10), Call(2, server=20))
    rig.hand_over()
    rig.pipeline.compact()
    assert len(rig.pipeline.routes) == 2
    assert rig.hand_over().states == []


def test_traffic_that_was_not_handed_over_is_kept() -> None:
    rig = PipelineRig('m = from(K8SService.*).filter(type == "connect").count();')
    rig.accept(Call(0))
    rig.pipeline.compact()
    rig.hand_over()
    (handed,) = rig.store.written
    assert [row.name for row in handed.services] == ["s1.shop"]
    assert [row.name for row in handed.instances] == ["p10"]
    assert [row.name for row in handed.endpoints] == ["GET:/"]
    rig.pipeline.compact()
    assert _sizes(rig) == [0] * 10


def test_open_streams_keep_their_connection() -> None:
    rig = PipelineRig("m = from(K8SService.*).count();")
    rig.accept(Call(0, client=30), Call(0, client=40))
    local, remote = pod("s1.shop", "p10"), pod("s2.shop", "p20")
    boot = node(boot=f"bootTime {{ seconds: {BOOT_S} }}")
    rig.pipeline.accept(_stream(boot, connection(local, remote, "server"), begins=True), BOOT_S)
    rig.hand_over(everything=True)
    rig.pipeline.compact()
    assert len(rig.pipeline.routes) == 1
    rig.pipeline.accept(_stream(http("/", 200, 0), ends=True), BOOT_S)
    counts = {key[2]: record["value"] for key, record in rig.stored().items()}
    assert counts == {202405010000: 3, 2024050100: 3, 20240501: 3}
    rig.pipeline.compact()
    assert len(rig.pipeline.routes) == 0


def test_thresholds_and_conditions_follow_the_cells() -> None:
    rules = 'm = from(K8SService.*).filter(name == "s3.shop").count(); n = from(K8SService.*).filter(name != "s3.shop").count();'
    rig = PipelineRig(rules)
    rig.accept(Call(0, server=10))
    rig.hand_over(everything=True)
    rig.accept(Call(1, server=30))
    rig.hand_over()
    rig.pipeline.compact()
    calls = [Call(2, server=20), Call(2, server=30)]
    rig.accept(*calls)
    assert rig.stored() == stored_at_once([Call(0, server=10), Call(1, server=30), *calls], rules)
