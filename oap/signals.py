"""SIGTERM and Ctrl-C: the first asks the server to stop, a second one ends it at once. SIGHUP asks it to look anew."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final

_ECHO_S: Final = 0.3  # whoever signals a group of processes and its members meant it once


class _Reason(Enum):
    """Why ``wait`` wakes up."""

    STOP = auto()
    LOOK_ANEW = auto()


class StopAsked(BaseException):
    """A signal came before the server had started. Not an Exception, so that nobody takes it for a failure."""


class StopSignals:
    """Catches the signals inside its ``with`` block, which must be in the main thread.

    Until ``wait`` is called the first signal raises StopAsked, so that a slow start ends too. ``give_up`` is called
    before a second signal ends the process, with 128 and its number. A SIGHUP that comes because the terminal was closed
    asks to stop; any other calls what ``wait`` was given, and does nothing before.
    """

    def __init__(self, give_up: Callable[[], None] = lambda: None) -> None:
        self._give_up = give_up
        # A handler may run in the middle of anything; putting into this queue is safe there, setting an Event is not.
        self._reasons: SimpleQueue[_Reason] = SimpleQueue()
        self._had_terminal = sys.stderr.isatty()
        self._first_s = 0.0
        self._is_waiting = False
        self._before: dict[signal.Signals, Any] = {}

    @property
    def was_asked(self) -> bool:
        """Whether a signal came."""
        return self._first_s > 0

    def wait(self, look_anew: Callable[[], object] = lambda: None) -> None:
        """Block until a signal comes that asks to stop, or ``stop`` is called. SIGHUP calls ``look_anew``."""
        self._is_waiting = True
        while self._reasons.get() is _Reason.LOOK_ANEW:
            look_anew()

    def stop(self) -> None:
        """Let ``wait`` return. Any thread."""
        self._reasons.put(_Reason.STOP)

    def __enter__(self) -> "StopSignals":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP and not (self._had_terminal and not os.isatty(sys.stderr.fileno())):
            if self._is_waiting:
                self._reasons.put(_Reason.LOOK_ANEW)
            return
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
