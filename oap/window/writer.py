"""Finishes hand-overs and stores them, one after the other, in a thread of its own."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set
from tenacity.nap import sleep_using_event

from oal.functions.contract import Column, Tables
from oap.clock import Clock
from oap.storage.contract import HandOver, MetricModel, MetricRows, Storage, StorageUnavailable
from oap.telemetry import catalogue
from oap.telemetry.health import ComponentHealth
from oap.telemetry.meters import Histogram, Meter, Reading
from oap.window.records import Base, Pending, ScopeState, finished

_log = structlog.get_logger(__name__)
_LONGEST_WAIT_S: Final = 30.0
_MOST_DOUBLINGS: Final = 10


class RecordWriter:
    """Merges hand-overs with what the store held and writes them. One thread at a time.

    The stored records of a bucket are loaded when its first hand-over arrives and kept until the bucket's window has
    closed: totals that come later are merged with them, never with what was written meanwhile, so nothing counts twice.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._bases: dict[tuple[str, int], Base] = {}

    def write(self, pending: Pending) -> HandOver:
        """Store a hand-over and return what was stored.

        Raises StorageUnavailable, and may then be called again with the same hand-over.
        """
        metrics = [self._finished(state) for state in pending.states]
        rows = replace(pending.rows, metrics=metrics)
        self._storage.write(rows)
        for key in [key for key in self._bases if key[1] in set(pending.closed)]:
            del self._bases[key]
        return rows

    def _finished(self, state: ScopeState) -> MetricRows:
        return finished(state, self._base(state.source.name, state.bucket, state.source.models))

    def _base(self, scope: str, bucket: int, models: Sequence[MetricModel]) -> Base:
        key = (scope, bucket)
        if key not in self._bases:
            self._bases[key] = Base(self._storage.load_metrics(models, bucket))
        return self._bases[key]


class WriterThread:
    """Takes hand-overs one by one and tries each until it is stored. ``is_idle`` before ``offer``.

    ``stored`` is told of each, in the writer's thread. Between attempts it waits as long as the storage asks for, and
    twice as long after each further refusal, half a minute at most. The log tells of the first refusal and of the end.
    """

    def __init__(
        self,
        writer: RecordWriter,
        clock: Clock,
        health: ComponentHealth,
        stored: Callable[[HandOver], None] = lambda _: None,
    ) -> None:
        self._writer = writer
        self._stored = stored
        self._clock = clock
        self._health = health
        self._queue: queue.Queue[Pending | None] = queue.Queue(maxsize=1)
        self._idle = threading.Event()
        self._idle.set()
        self._given_up = threading.Event()
        self._offered_at = 0.0
        self._waiting_bytes = 0
        self._seconds = Histogram(catalogue.HANDOVER_SECONDS)
        self._rows = dict.fromkeys(("metrics", "traffic", "relations"), 0)
        self._failures = 0
        self._away_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._health.ok()
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether everything offered so far is stored."""
        return self._idle.is_set()

    @property
    def is_refused(self) -> bool:
        """Whether storage refused the last attempt."""
        return self._away_since is not None

    @property
    def waiting_bytes(self) -> int:
        """Bytes of state in the hand-over that was offered last."""
        return self._waiting_bytes

    @property
    def has_ended(self) -> bool:
        """Whether nothing will be stored any more."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def offer(self, pending: Pending) -> None:
        """Give a hand-over to the thread, which must be idle."""
        self._idle.clear()
        self._offered_at = self._clock.monotonic_s()
        self._waiting_bytes = _nbytes(pending)
        self._queue.put(pending)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until everything is stored; false when that took too long."""
        return self._idle.wait(timeout_s)

    def stop(self) -> None:
        """End the thread; what is being tried is given up."""
        self._given_up.set()
        self._queue.put(None)
        self._thread.join()

    def meters(self) -> Sequence[Reading]:
        """Readings for the exposition."""
        age = 0.0 if self.is_idle else self._clock.monotonic_s() - self._offered_at
        return [
            self._seconds.meter(),
            *(Meter(catalogue.HANDOVER_ROWS, count, (kind,)) for kind, count in self._rows.items()),
            Meter(catalogue.HANDOVER_FAILURES, self._failures),
            Meter(catalogue.HANDOVER_OLDEST_AGE, age),
        ]

    def _run(self) -> None:
        while (pending := self._queue.get()) is not None:
            started = self._clock.monotonic_s()
            attempts = Retrying(
                retry=retry_if_exception_type(StorageUnavailable),
                wait=_pause_s,
                stop=stop_when_event_set(self._given_up),
                sleep=sleep_using_event(self._given_up),
                reraise=True,
            )
            try:
                stored = attempts(self._attempt, pending)
            except StorageUnavailable as error:
                _log.error("results were not stored before the server stopped", reason=str(error))
                return
            except Exception:
                # A bug of ours: the server must not go on as if rows were being stored.
                self._health.failing("the storage writer failed; see the log")
                _log.exception("the storage writer failed")
                raise
            self._count(stored)
            self._stored(stored)
            self._seconds.observe(self._clock.monotonic_s() - started)
            self._idle.set()

    def _attempt(self, pending: Pending) -> HandOver:
        try:
            stored = self._writer.write(pending)
        except StorageUnavailable as error:
            self._failures += 1
            self._health.failing(str(error))
            if self._away_since is None:
                self._away_since = self._clock.monotonic_s()
                _log.warning("storage takes nothing now; results wait in memory", reason=str(error))
            raise
        self._health.ok()
        if self._away_since is not None:
            away_s = self._clock.monotonic_s() - self._away_since
            self._away_since = None
            _log.info("storage takes results again", away_s=round(away_s, 1))
        return stored

    def _count(self, stored: HandOver) -> None:
        self._rows["metrics"] += sum(int(m.present.sum()) for rows in stored.metrics for m in rows.metrics)
        self._rows["traffic"] += len(stored.services) + len(stored.instances) + len(stored.endpoints)
        self._rows["relations"] += len(stored.service_relations) + len(stored.instance_relations)


def _pause_s(state: RetryCallState) -> float:
    """Seconds until the next attempt."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after if isinstance(error, StorageUnavailable) else 0.0
    doublings = min(state.attempt_number - 1, _MOST_DOUBLINGS)
    return min(_LONGEST_WAIT_S, asked * (1 << doublings))


def _nbytes(pending: Pending) -> int:
    return sum(
        sum(flags.nbytes for flags in state.presence)
        + sum(_column_bytes(column) for columns in state.state for column in columns.values())
        for state in pending.states
    )


def _column_bytes(column: Column) -> int:
    if isinstance(column, Tables):
        return column.offsets.nbytes + column.keys.nbytes + column.values.nbytes
    return column.nbytes
