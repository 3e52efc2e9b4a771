"""Where time comes from: the core is handed a clock and never reads one itself."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings that must not be mixed: one tells when, the other tells how long."""

    def now_s(self) -> float:
        """Seconds since the Unix epoch; may jump when the machine's clock is set."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment; never goes back, only differences mean something."""


class SystemClock:
    """The machine's clock."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        return time.monotonic()
