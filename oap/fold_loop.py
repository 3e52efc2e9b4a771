"""The thread that owns the pipeline: takes blocks, folds them, answers them, hands over when it is time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final, TypeVar

import structlog

from oap.accounting import Outcome
from oap.clock import Clock
from oap.entity.routes import ENDPOINT
from oap.pipeline import Pipeline
from oap.receiver.block import Block, BlockSource
from oap.telemetry import catalogue
from oap.telemetry.health import ComponentHealth
from oap.telemetry.meters import Histogram, Meter, Reading
from oap.window.writer import WriterThread

_log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
_TAKE_TIMEOUT_S: Final = 0.1
_MEASURE_PERIOD_S: Final = 1.0
_FIRST_S: Final = 5.0  # so that a page opened at once shows something, and soon after rules have changed


class FoldLoop:
    """Runs a pipeline in a thread of its own. A block is acknowledged once it is folded.

    Some seconds after the start or after changed rules have begun, and else every ``period_s``, what changed is handed to
    the writer; a hand-over waits for the one before it. Folding does not wait, until more minutes are open than memory
    may hold: then agents wait too. ``failed`` is called when the thread, or the writer, dies of a bug.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        writer: WriterThread,
        clock: Clock,
        health: ComponentHealth,
        failed: Callable[[], None],
        period_s: float = 25.0,
    ) -> None:
        self._pipeline = pipeline
        self._writer = writer
        self._clock = clock
        self._health = health
        self._failed = failed
        self._period_s = period_s
        self._due_s = clock.monotonic_s() + min(_FIRST_S, period_s)
        self._latency = Histogram(catalogue.ALS_LATENCY)
        self._errors = 0
        self._source: BlockSource | None = None
        self._source_is_closed = threading.Event()
        self._window_bytes = self._changed_bytes = 0
        self._measured_s = clock.monotonic_s()
        self._has_stored_everything = False
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="fold", daemon=True)

    def start(self, source: BlockSource) -> None:
        """Begin to take blocks."""
        self._source = source
        self._health.ok()
        self._thread.start()

    def ask(self, question: Callable[[Pipeline], Answer]) -> "Future[Answer]":
        """Have the thread that owns the pipeline call a function with it between two blocks. Any thread may ask.

        The future also carries what the function raises; it is never done when the loop has ended before.
        """
        future: Future[Answer] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(question(self._pipeline))
            except Exception as error:  # noqa: BLE001  (for whoever asked)
                future.set_exception(error)

        self._asked.put(answer)
        return future

    def drain(self, patience_s: float) -> bool:
        """Fold what the source, which was closed, still has, store everything and end; false when that failed.

        Blocks as long as storage takes what it is given, and for ``patience_s`` when it refuses.
        """
        self._source_is_closed.set()
        give_up_s = self._clock.monotonic_s() + patience_s
        while self._thread.is_alive():
            self._thread.join(_TAKE_TIMEOUT_S)
            if not self._writer.is_refused:
                give_up_s = self._clock.monotonic_s() + patience_s
            elif self._clock.monotonic_s() >= give_up_s:
                return False
        return self._has_stored_everything

    def _run(self) -> None:
        try:
            self._fold_until_closed()
            if self._writer_is_ready():
                self._writer.offer(self._pipeline.collect(everything=True))
                self._has_stored_everything = self._writer_is_ready()
        except Exception:  # noqa: BLE001  (logged with its trace, and the server stops)
            # Only a bug of ours ends here. Going on would count wrongly in silence, so the server stops.
            self._errors += 1
            self._health.failing("folding failed; see the log")
            _log.exception("folding failed, the server stops")
            self._failed()

    @property
    def _backlog_bytes(self) -> int:
        return 0 if self._writer.is_idle else self._writer.waiting_bytes + self._changed_bytes

    def _writer_is_ready(self) -> bool:
        """Wait until everything offered is stored; false when it never will be."""
        while not self._writer.wait_idle(_TAKE_TIMEOUT_S):
            if self._writer.has_ended:
                return False
        return True

    def _fold_until_closed(self) -> None:
        source = self._source
        if source is None:
            raise AssertionError("started without a source")
        while not self._writer.has_ended:
            while not self._asked.empty():
                self._asked.get()()
            if self._writer.is_idle and self._wants_hand_over():
                self._hand_over()
            self._measure()
            if self._pipeline.needs_hand_over and not self._writer.wait_idle(_TAKE_TIMEOUT_S):
                continue
            was_closed = self._source_is_closed.is_set()
            block = source.take(_TAKE_TIMEOUT_S)
            if block is not None:
                self._fold(source, block)
            elif was_closed:
                return
        # The writer has said why. Taking more would promise agents what cannot be kept.
        self._failed()

    def _hand_over(self) -> None:
        self._due_s = self._clock.monotonic_s() + self._period_s
        self._writer.offer(self._pipeline.collect())

    def _measure(self) -> None:
        """Look at the size of the windows, which costs too much to do it for every block."""
        now_s = self._clock.monotonic_s()
        if now_s - self._measured_s >= _MEASURE_PERIOD_S:
            self._measured_s = now_s
            self._window_bytes = self._pipeline.windows.nbytes
            self._changed_bytes = self._pipeline.windows.changed_nbytes

    def _wants_hand_over(self) -> bool:
        pipeline = self._pipeline
        return self._clock.monotonic_s() >= self._due_s or pipeline.needs_hand_over or pipeline.wants_hand_over

    def _fold(self, source: BlockSource, block: Block) -> None:
        started = self._clock.monotonic_s()
        self._pipeline.accept(block, self._clock.now_s())
        source.acknowledge(block)
        if self._pipeline.windows.has_news:
            self._due_s = min(self._due_s, started + _FIRST_S)
        if len(block):
            self._latency.observe((self._clock.monotonic_s() - started) / len(block), times=len(block))

    def meters(self) -> list[Reading]:
        """Readings for the exposition; approximate while a block is being folded."""
        pipeline, accounts = self._pipeline, self._pipeline.accounts
        outcomes = accounts.outcomes.tolist()
        dropped = accounts.dropped
        entities = {scope: len(table) for scope, table in pipeline.routes.entities.items()}
        watermark = pipeline.placer.watermark_s
        return [
            Meter(catalogue.ALS_IN, accounts.received - accounts.without_connection),
            Meter(catalogue.ALS_DROP, accounts.without_connection),
            Meter(catalogue.ALS_ERRORS, self._errors),
            self._latency.meter(),
            Meter(catalogue.MESSAGES_RECEIVED, accounts.messages),
            Meter(catalogue.MESSAGES_MALFORMED, accounts.malformed, ("undecodable",)),
            Meter(catalogue.LOGS_RECEIVED, accounts.received),
            Meter(catalogue.LOGS_FOLDED, outcomes[Outcome.FOLDED]),
            *(Meter(catalogue.LOGS_DROPPED, count, (reason,)) for reason, count in dropped.items()),
            Meter(catalogue.LOGS_LATE, outcomes[Outcome.LATE], ("merged",)),
            Meter(catalogue.LOGS_REFUSED, outcomes[Outcome.REFUSED]),
            Meter(catalogue.TIMESTAMPS_MISSING, accounts.timestamps_missing),
            Meter(catalogue.CONNECTIONS_CACHED, len(pipeline.connections)),
            Meter(catalogue.ROUTES, len(pipeline.routes)),
            Meter(catalogue.ENDPOINTS, len(pipeline.endpoints)),
            *(Meter(catalogue.ENTITIES, count, (scope,)) for scope, count in entities.items()),
            Meter(catalogue.ENTITIES, len(pipeline.endpoints), (ENDPOINT,)),
            Meter(catalogue.WINDOWS_OPEN, pipeline.windows.open_minutes),
            Meter(catalogue.WINDOW_BYTES, self._window_bytes),
            Meter(catalogue.HANDOVER_BACKLOG_BYTES, self._backlog_bytes),
            Meter(catalogue.WATERMARK_LAG, max(0.0, self._clock.now_s() - watermark) if watermark > 0 else 0.0),
            Meter(catalogue.OAL_RULES, len(pipeline.models)),
        ]
