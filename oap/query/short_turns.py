"""Letting the threads that receive in between while queries are answered."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# A thread that receives takes the interpreter's lock for every message, for some microseconds. Behind one that computes
# an answer it gets it only when a turn is over, which by default is after 5 ms, long enough to decode hundreds of them.
TURN_S: Final = 0.0005


class ShortTurns:
    """Shortens the turns of all threads of the process while at least one thread is inside ``taken``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._usual_s = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take short turns in this block."""
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._usual_s = sys.getswitchinterval()
                sys.setswitchinterval(min(TURN_S, self._usual_s))
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    sys.setswitchinterval(self._usual_s)
