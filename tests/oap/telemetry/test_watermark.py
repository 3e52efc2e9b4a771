from dataclasses import dataclass, field

from structlog.testing import capture_logs

from oap.telemetry import catalogue
from oap.telemetry.memory import MemoryUse
from oap.telemetry.meters import Meter
from oap.telemetry.watermark import MemoryBounds, Watermark
from tests.clock import HandClock

LISTENER = "gRPC-Watermark-Interceptor"


@dataclass
class Memory:
    """What the watermark is told."""

    use: MemoryUse = field(default_factory=lambda: MemoryUse(0, 1000))

    def read(self) -> MemoryUse:
        return self.use


def sampled(watermark: Watermark, memory: Memory, *resident: int) -> list[bool]:
    found = []
    for used in resident:
        memory.use = MemoryUse(used, 1000)
        watermark.sample()
        found.append(watermark.is_exceeded())
    return found


def test_nothing_is_exceeded_before_the_first_sample() -> None:
    assert not Watermark(MemoryBounds(), HandClock()).is_exceeded()


def test_more_than_the_percentage_is_a_shortage_until_the_first_better_sample() -> None:
    memory = Memory()
    watermark = Watermark(MemoryBounds(96), HandClock(), memory.read)
    assert sampled(watermark, memory, 969, 970, 1000, 969) == [False, True, True, False]
    assert list(watermark.meters()) == [
        Meter(catalogue.WATERMARK_BREAKS, 1, (LISTENER, "HEAP_MEMORY_USAGE_PERCENTAGE")),
        Meter(catalogue.WATERMARK_BREAKS, 0, (LISTENER, "DIRECT_HEAP_MEMORY_USAGE")),
        Meter(catalogue.WATERMARK_RECOVERIES, 1, (LISTENER,)),
    ]


def test_more_than_the_bytes_is_a_shortage_of_the_other_kind() -> None:
    memory = Memory()
    watermark = Watermark(MemoryBounds(100, 500), HandClock(), memory.read)
    assert sampled(watermark, memory, 500, 501) == [False, True]
    assert Meter(catalogue.WATERMARK_BREAKS, 1, (LISTENER, "DIRECT_HEAP_MEMORY_USAGE")) in watermark.meters()


def test_without_a_bound_on_bytes_none_is_too_many() -> None:
    memory = Memory()
    watermark = Watermark(MemoryBounds(100), HandClock(), memory.read)
    assert sampled(watermark, memory, 1000) == [False]


def test_a_shortage_is_logged_once_in_a_minute() -> None:
    memory, clock = Memory(), HandClock()
    watermark = Watermark(MemoryBounds(50), clock, memory.read)
    with capture_logs() as logs:
        for _ in range(7):
            sampled(watermark, memory, 900)
            clock.advance(10)
    assert [(entry["log_level"], entry["percent"], entry.get("held_back")) for entry in logs] == [
        ("warning", 90, None),
        ("warning", 90, 5),
    ]
