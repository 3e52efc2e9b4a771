"""Hand-overs reach the store, however often it refuses."""

import pytest
from structlog.testing import capture_logs
from tenacity import Future, RetryCallState, Retrying

from oap.storage.contract import HandOver, StorageUnavailable
from oap.telemetry import catalogue
from oap.telemetry.health import HealthBoard
from oap.telemetry.meters import Meter
from oap.window.writer import RecordWriter, WriterThread, _pause_s
from tests.clock import HandClock
from tests.oap.window.calls import Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.oap.window.record_store import RecordStore

PATIENCE_S = 60
SERVICE_1, SERVICE_2 = "czEuc2hvcA==.1", "czIuc2hvcA==.1"
CALLS = (Call(0, 10), Call(1, 700, code=500, method="Post"), Call(60, 5, kind="write"))


def thread_of(store: RecordStore) -> tuple[WriterThread, HealthBoard, HandClock]:
    board, clock = HealthBoard(), HandClock()
    thread = WriterThread(RecordWriter(store.as_storage()), clock, board.component("storage"))
    thread.start()
    return thread, board, clock


def readings(thread: WriterThread) -> dict[tuple[object, ...], float]:
    meters = [meter for meter in thread.meters() if isinstance(meter, Meter)]
    return {(meter.definition, *meter.labels): meter.value for meter in meters}


def test_refused_hand_overs_are_tried_again_and_count_once() -> None:
    rig = PipelineRig()
    store = RecordStore(refusals=3)
    thread, board, _ = thread_of(store)
    for call in CALLS:
        rig.accept(call)
        thread.offer(rig.pipeline.collect())
        assert thread.wait_idle(PATIENCE_S)
    thread.stop()
    assert store.records == stored_at_once(CALLS)
    assert readings(thread)[catalogue.HANDOVER_FAILURES,] == 3
    assert board.health().is_healthy


def test_the_log_tells_once_of_each_time_that_the_store_is_away() -> None:
    rig = PipelineRig()
    store = RecordStore()
    thread, _, _ = thread_of(store)
    with capture_logs() as logs:
        for refusals in (3, 0, 2):
            store.refusals = refusals
            rig.accept(CALLS[0])
            thread.offer(rig.pipeline.collect())
            assert thread.wait_idle(PATIENCE_S)
    thread.stop()
    refused = {
        "event": "storage takes nothing now; results wait in memory",
        "log_level": "warning",
        "reason": "not now",
    }
    back = {"event": "storage takes results again", "log_level": "info", "away_s": 0.0}
    assert logs == [refused, back, refused, back]


def test_write_that_succeeded_and_was_reported_as_refused_counts_once() -> None:
    class Forgetful(RecordStore):
        def write(self, rows: HandOver) -> None:
            is_first = not self.written
            super().write(rows)
            if is_first:
                self.refusals = 1
                self._may_refuse()

    rig = PipelineRig()
    store = Forgetful()
    thread, _, _ = thread_of(store)
    for call in CALLS:
        rig.accept(call)
        thread.offer(rig.pipeline.collect())
        assert thread.wait_idle(PATIENCE_S)
    thread.stop()
    assert store.records == stored_at_once(CALLS)


def test_rows_and_age_are_counted() -> None:
    rig = PipelineRig("m = from(K8SService.*).cpm(); n = from(K8SService.*).count();")
    rig.accept(Call(0, 10))
    thread, _, clock = thread_of(RecordStore())
    thread.offer(rig.pipeline.collect())
    assert thread.wait_idle(PATIENCE_S)
    clock.advance(100)
    thread.stop()
    expected = {
        (catalogue.HANDOVER_ROWS, "metrics"): 6,
        (catalogue.HANDOVER_ROWS, "traffic"): 3,
        (catalogue.HANDOVER_ROWS, "relations"): 6,
        (catalogue.HANDOVER_FAILURES,): 0,
        (catalogue.HANDOVER_OLDEST_AGE,): 0,
    }
    assert readings(thread) == expected


def test_stopping_gives_up_what_the_store_refuses() -> None:
    rig = PipelineRig()
    rig.accept(Call(0, 10))
    store = RecordStore(refusals=10**9)
    thread, board, clock = thread_of(store)
    thread.offer(rig.pipeline.collect())
    clock.advance(7)
    assert readings(thread)[catalogue.HANDOVER_OLDEST_AGE,] == 7
    thread.stop()
    assert not thread.is_idle
    assert store.records == {}
    assert board.health().details == "storage: not now"


def test_a_row_costs_one_write_at_each_hand_over_in_which_it_changed() -> None:
    rig = PipelineRig("m = from(K8SService.*).cpm();")
    writer, store = RecordWriter(rig.store.as_storage()), rig.store

    def written(*calls: Call) -> list[tuple[int, str]]:
        """Buckets and services of the rows that a hand-over writes after these calls."""
        if calls:
            rig.accept(*calls)
        writer.write(rig.pipeline.collect())
        return sorted((rows.bucket, entity) for rows in store.written[-1].metrics for entity in rows.entity_ids)

    buckets = (20240501, 2024050100, 202405010000)
    called, other = (Call(0, server=server) for server in (10, 20))
    (first, second) = ([(bucket, service) for bucket in buckets] for service in (SERVICE_1, SERVICE_2))
    assert [written(called), written(called, called), written(other), written()] == [first, first, second, []]
    # Nothing is written because a minute has settled, and a late log costs one write more.
    assert written(Call(9, server=20))[2:] == [(202405010009, SERVICE_2)]
    assert [written(), written()] == [[], []]
    assert written(called) == first


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_bug_in_the_storage_makes_health_fail() -> None:
    rig = PipelineRig()
    rig.accept(Call(0, 10))
    thread, board, _ = thread_of(RecordStore(failure=ZeroDivisionError("a bug")))
    with capture_logs() as logs:
        thread.offer(rig.pipeline.collect())
        thread.stop()
    assert not thread.is_idle
    assert [entry["event"] for entry in logs] == ["the storage writer failed"]
    assert board.health().details == "storage: the storage writer failed; see the log"


def test_longest_wait_is_bounded() -> None:
    def pause(attempt: int) -> float:
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = attempt
        state.outcome = Future.construct(attempt, StorageUnavailable("no", retry_after=0.5), has_exception=True)
        return _pause_s(state)

    assert [pause(attempt) for attempt in (1, 2, 3, 7, 10**6)] == [0.5, 1.0, 2.0, 30.0, 30.0]
