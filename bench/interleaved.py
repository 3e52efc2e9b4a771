"""Times contenders in turns, so that whatever else the machine does meets all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Reading = TypeVar("Reading")


def interleaved(contenders: Mapping[str, Callable[[], Reading]], repetitions: int) -> Mapping[str, Sequence[Reading]]:
    """Call each contender in turn, so many times (A B A B), and return what they gave. No warm-up."""
    given: dict[str, list[Reading]] = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name, run in contenders.items():
            given[name].append(run())
    return given


def seconds(work: Callable[[], object], rounds: int = 1) -> Callable[[], float]:
    """A contender that does the work without pauses for garbage collection and returns how long one round took."""

    def timed() -> float:
        gc.collect()
        gc.disable()
        try:
            started = time.perf_counter()
            for _ in range(rounds):
                work()
            return (time.perf_counter() - started) / rounds
        finally:
            gc.enable()

    return timed
