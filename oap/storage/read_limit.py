"""A bound on the reads of one piece of work, and how reads that run too long are stopped for real."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final

from oap.storage.contract import StorageError


class ReadStopped(StorageError):  # noqa: N818  (what somebody wanted, not a mistake)
    """The read was stopped before it had an answer, since nobody waits for it any more."""


class ReadLimit:
    """How long the reads under this limit may take together. Any thread may call any method.

    Whoever sets it calls ``stop`` when the time is over, again and again until the work has ended: a read that is just
    beginning may miss it once.
    """

    def __init__(self, seconds: float, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._ends_at_s = monotonic_s() + seconds
        self._lock = threading.Lock()
        self._running: dict[object, Callable[[], None]] = {}
        self._is_stopped = False

    @property
    def remaining_s(self) -> float:
        """Seconds until the time is over, 0 afterwards."""
        return 0.0 if self._is_stopped else max(0.0, self._ends_at_s - self._monotonic_s())

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has called ``stop``."""
        return self._is_stopped

    def stop(self) -> None:
        """Stop the reads that run, and let none begin. May block while a database is told."""
        # A read that has ended takes itself off the list under the same lock, so a later one is never hit instead.
        with self._lock:
            self._is_stopped = True
            for stop in self._running.values():
                stop()

    @contextmanager
    def running(self, stop: Callable[[], None]) -> Iterator[None]:
        """A read that ``stop`` stops from another thread. Raises ReadStopped when the time is over already."""
        key = object()
        with self._lock:
            if self._is_stopped:
                raise ReadStopped("the time for reading is over")
            self._running[key] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]


_CURRENT: Final[ContextVar[ReadLimit | None]] = ContextVar("read_limit", default=None)


@contextmanager
def limited_by(limit: ReadLimit) -> Iterator[None]:
    """All reads of this thread inside the block are under the limit."""
    token = _CURRENT.set(limit)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_limit() -> ReadLimit | None:
    """The limit that reads of this thread are under."""
    return _CURRENT.get()


def stoppable(stop: Callable[[], None]) -> AbstractContextManager[None]:
    """For backends: a read that ``stop`` stops from another thread when its limit wants that."""
    limit = _CURRENT.get()
    return nullcontext() if limit is None else limit.running(stop)
