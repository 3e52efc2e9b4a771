"""SIGTERM and Ctrl-C: the first asks the server to stop, a second one ends it at once."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final

_ECHO_S: Final = 0.3  # whoever signals a group of processes and its members meant it once


class StopAsked(BaseException):
    """A signal came before the server had started. Not an Exception, so that nobody takes it for a failure."""


class StopSignals:
    """Catches both signals inside its ``with`` block, which must be in the main thread.

    Until ``wait`` is called the first signal raises StopAsked, so that a slow start ends too. ``give_up`` is called
    before a second signal ends the process, with 128 and its number.
    """

    def __init__(self, give_up: Callable[[], None] = lambda: None) -> None:
        self._give_up = give_up
        # A handler may run in the middle of anything; putting into this queue is safe there, setting an Event is not.
        self._reasons: SimpleQueue[str] = SimpleQueue()
        self._first_s = 0.0
        self._is_waiting = False
        self._before: dict[signal.Signals, Any] = {}

    @property
    def was_asked(self) -> bool:
        """Whether a signal came."""
        return self._first_s > 0

    def wait(self) -> None:
        """Block until a signal comes or ``stop`` is called."""
        self._is_waiting = True
        self._reasons.get()

    def stop(self) -> None:
        """Let ``wait`` return. Any thread."""
        self._reasons.put("")

    def __enter__(self) -> "StopSignals":
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _: FrameType | None) -> None:
        now_s = time.monotonic()
        if not self.was_asked:
            self._first_s = now_s
            self.stop()
            if not self._is_waiting:
                raise StopAsked
        elif now_s - self._first_s > _ECHO_S:
            self._end_at_once(number)

    def _end_at_once(self, number: int) -> None:
        with suppress(Exception):
            self._give_up()
        print("ended at once; what was not stored is lost", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(128 + number)
