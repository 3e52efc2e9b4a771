"""What tests of storages that go away have in common: rows to hand over, a health that can be waited for, and kills."""

import threading
from collections.abc import Sequence

from structlog.testing import capture_logs

from oap.clock import SystemClock
from oap.storage.contract import MetricModel, Storage
from oap.telemetry.health import HealthBoard
from oap.window.writer import RecordWriter, WriterThread
from tests.oap.window.calls import Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.oap.window.row_fold import Records, records_in
from tests.servers.program import Program

PATIENCE_S = 120
ROUNDS = 3
LOST, BACK = "storage takes nothing now; results wait in memory", "storage takes results again"
CALLS = tuple(
    Call(number // 60, ms=number * 7 % 900, client=number % 40, server=10 * (number % 3), path=f"/{number % 5}")
    for number in range(60 * ROUNDS)
)


class Watched(HealthBoard):
    """Lets a test wait for the next refusal of the storage."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = threading.Event()

    def _report(self, name: str, reason: str) -> None:
        super()._report(name, reason)
        if reason:
            self.refused.set()


def stored_records(storage: Storage, models: Sequence[MetricModel], expected: Records) -> Records:
    """Everything that is stored in the buckets in which anything is expected."""
    found: Records = {}
    by_scope: dict[str, list[MetricModel]] = {}
    for model in models:
        by_scope.setdefault(model.scope, []).append(model)
    for bucket in sorted({key[-1] for key in expected if isinstance(key[-1], int)}):
        for members in by_scope.values():
            loaded = storage.load_metrics(members, bucket)
            found |= {} if loaded is None else records_in(loaded)
    return found


def hand_over_through_kills(storage: Storage, server: Program, place: str) -> None:
    """Hand rows over while the server is killed again and again, and find each of them stored once.

    ``place`` is how the health begins to tell of a storage that is away.
    """
    rig, board = PipelineRig(), Watched()
    models = list(rig.pipeline.models.values())
    storage.prepare(models)
    thread = WriterThread(RecordWriter(storage), SystemClock(), board.component("storage"))
    thread.start()
    with capture_logs() as logs:
        for round_ in range(ROUNDS):
            calls = CALLS[60 * round_ : 60 * (round_ + 1)]
            for call in calls[:20]:
                rig.accept(call)
            thread.offer(rig.pipeline.collect())
            # Before the rows are sent, while they are, or after it: all must come out the same.
            server.kill()
            for call in calls[20:]:
                rig.accept(call)
            while not board.refused.wait(0.05):
                if thread.is_idle:
                    thread.offer(rig.pipeline.collect())
            assert board.health().details.startswith(f"storage: {place}")
            server.start()
            assert thread.wait_idle(PATIENCE_S)
            board.refused.clear()
    thread.offer(rig.pipeline.collect(everything=True))
    assert thread.wait_idle(PATIENCE_S)
    thread.stop()
    assert board.health().is_healthy
    assert [entry["event"] for entry in logs] == [LOST, BACK] * ROUNDS
    expected = stored_at_once(CALLS)
    assert stored_records(storage, models, expected) == expected
