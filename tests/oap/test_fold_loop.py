"""The thread between transport and storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import numpy as np

from oap.clock import SystemClock
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.registries import FirstKnown
from oap.entity.scopes import k8s_catalog
from oap.fold_loop import FoldLoop
from oap.pipeline import Pipeline, PipelineSettings
from oap.receiver.block import Block, StreamEvent
from oap.storage.contract import HandOver, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from oap.telemetry.health import Health, HealthBoard
from oap.window.placement import TimeBounds
from oap.window.writer import RecordWriter, WriterThread
from tests.oap.pipeline_run import shipped_plan

PATIENCE_S = 60.0


class Source:
    """Hands out what a test puts in."""

    def __init__(self) -> None:
        self.blocks: SimpleQueue[Block | Exception] = SimpleQueue()
        self.acknowledged: SimpleQueue[Block] = SimpleQueue()

    def take(self, timeout_s: float) -> Block | None:
        if self.blocks.empty():
            return None
        block = self.blocks.get(timeout=timeout_s)
        if isinstance(block, Exception):
            raise block
        return block

    def acknowledge(self, block: Block) -> None:
        self.acknowledged.put(block)


class FullStorage(TimedStorage):
    """Takes nothing."""

    def write(self, rows: HandOver) -> None:
        raise StorageUnavailable(f"no room for {len(rows.metrics)} scopes", retry_after=0.01)


class Rig:
    """A loop over a real pipeline."""

    def __init__(self, storage: TimedStorage) -> None:
        self.board = HealthBoard()
        self.source = Source()
        self.failures: SimpleQueue[bool] = SimpleQueue()
        clock = SystemClock()
        settings = PipelineSettings(TimeBounds(ZoneInfo("UTC")))
        self.pipeline = Pipeline(
            shipped_plan(), k8s_catalog(), FirstKnown(()), EndpointNames(), lambda _: 500, settings
        )
        storage.prepare(list(self.pipeline.models.values()))
        self.writer = WriterThread(RecordWriter(storage), clock, self.board.component("storage"))
        self.loop = FoldLoop(
            self.pipeline, self.writer, clock, self.board.component("fold"), lambda: self.failures.put(True), 0.01
        )


@contextmanager
def looping(storage: type[TimedStorage] = TimedStorage) -> Iterator[Rig]:
    rig = Rig(storage(DuckdbStorage(StorageSettings(":memory:", threads=1))))
    rig.writer.start()
    rig.loop.start(rig.source)
    try:
        yield rig
    finally:
        rig.loop.drain(0)
        rig.writer.stop()
        rig.loop.drain(PATIENCE_S)


def block(*messages: bytes) -> Block:
    offsets = np.cumsum([0, *map(len, messages)], dtype=np.int64)
    payload = np.frombuffer(bytearray(b"".join(messages)), np.uint8)
    return Block(payload, offsets, np.zeros(len(messages), np.int32), ((0, 0, StreamEvent.BEGIN),))


def test_blocks_are_acknowledged_in_order_once_folded() -> None:
    with looping() as rig:
        sent = [block(b"", b""), block(b"\xff")]
        for one in sent:
            rig.source.blocks.put(one)
        assert [rig.source.acknowledged.get(timeout=PATIENCE_S) for _ in sent] == sent
        assert rig.loop.drain(PATIENCE_S)
        assert (rig.pipeline.accounts.messages, rig.pipeline.accounts.malformed) == (3, 1)


def test_what_arrives_before_the_end_is_folded() -> None:
    with looping() as rig:
        for _ in range(50):
            rig.source.blocks.put(block(b""))
        assert rig.loop.drain(PATIENCE_S)
        assert rig.pipeline.accounts.messages == 50


def test_a_bug_in_the_fold_is_told_once_and_nothing_more_is_acknowledged() -> None:
    with looping() as rig:
        rig.source.blocks.put(ValueError("a bug"))
        assert rig.failures.get(timeout=PATIENCE_S)
        rig.source.blocks.put(block(b""))
        assert not rig.loop.drain(PATIENCE_S)
        assert rig.board.health() == Health(1, "fold: folding failed; see the log")
        assert (rig.failures.empty(), rig.source.acknowledged.empty()) == (True, True)


def test_folding_goes_on_while_storage_takes_nothing() -> None:
    with looping(FullStorage) as rig:
        for _ in range(20):
            rig.source.blocks.put(block(b""))
            rig.source.acknowledged.get(timeout=PATIENCE_S)
        assert not rig.loop.drain(0)
