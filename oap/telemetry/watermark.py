"""Whether memory runs short, so that agents have to come back later (spec receiver-protocol 4.7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from oap.clock import Clock
from oap.telemetry import catalogue
from oap.telemetry.logs import RateLimited
from oap.telemetry.memory import MemoryUse, memory_use
from oap.telemetry.meters import Meter

SAMPLE_PERIOD_S: Final = 10
_LOG_PERIOD_S: Final = 60.0
_LISTENER: Final = "gRPC-Watermark-Interceptor"
_PERCENT: Final = "HEAP_MEMORY_USAGE_PERCENTAGE"
_BYTES: Final = "DIRECT_HEAP_MEMORY_USAGE"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MemoryBounds:
    """Above these, memory is short: whole percent of the limit, and bytes resident (0 or less for no such bound)."""

    percent: int = 96
    resident: int = -1


class Watermark:
    """Looks at memory when told to, and remembers. One thread samples, any thread asks.

    There is no hysteresis: the first sample within the bounds ends the shortage.
    """

    def __init__(self, bounds: MemoryBounds, clock: Clock, read: Callable[[], MemoryUse] = memory_use) -> None:
        self._bounds = bounds
        self._read = read
        self._log = RateLimited(_log, _LOG_PERIOD_S, clock)
        self._is_exceeded = False
        self._breaks = {_PERCENT: 0, _BYTES: 0}
        self._recoveries = 0

    def is_exceeded(self) -> bool:
        """What the last sample said; False before the first."""
        return self._is_exceeded

    def sample(self) -> None:
        """Look at memory now."""
        use = self._read()
        event = self._event(use)
        if event and not self._is_exceeded:
            self._breaks[event] += 1
        if self._is_exceeded and not event:
            self._recoveries += 1
        self._is_exceeded = bool(event)
        if event:
            self._log.warning(
                "memory runs short, agents are refused",
                resident_bytes=use.resident,
                limit_bytes=use.limit,
                percent=use.percent,
            )

    def meters(self) -> Iterator[Meter]:
        """Readings for the exposition."""
        for event, count in self._breaks.items():
            yield Meter(catalogue.WATERMARK_BREAKS, count, (_LISTENER, event))
        yield Meter(catalogue.WATERMARK_RECOVERIES, self._recoveries, (_LISTENER,))

    def _event(self, use: MemoryUse) -> str:
        if use.percent > self._bounds.percent:
            return _PERCENT
        return _BYTES if 0 < self._bounds.resident < use.resident else ""
