"""What a benchmark found: readings, ratios within one run, and whether a ratio meets its target."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """Repeated readings of one quantity; the median is what is quoted."""

    name: str
    unit: str
    readings: tuple[float, ...]

    @property
    def median(self) -> float:
        """The quoted value."""
        return statistics.median(self.readings)


@dataclass(frozen=True, slots=True)
class Target:
    """What a ratio has to reach; a ``strict`` one has to exceed it, one with ``at_most`` must stay within it."""

    value: float
    strict: bool = False
    at_most: bool = False

    def is_met_by(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        if self.at_most:
            return ratio <= self.value
        return ratio > self.value if self.strict else ratio >= self.value

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">" if self.strict else ">="
        return f"{sign} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ratios of readings that were taken one right after the other, and the target for their median."""

    name: str
    readings: tuple[float, ...]
    target: Target | None = None

    @property
    def median(self) -> float:
        """The quoted value."""
        return statistics.median(self.readings)

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.target.is_met_by(self.median)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the benchmarks on one input."""

    part: str
    title: str
    given: Mapping[str, float | str]
    measures: Sequence[Measure]
    ratios: Sequence[Ratio] = ()
    notes: Sequence[str] = ()


def per_second(name: str, unit: str, count: float, seconds: Sequence[float]) -> Measure:
    """So many things a second, from the seconds that ``count`` of them took."""
    return Measure(name, unit, tuple(count / taken for taken in seconds))


def each_us(name: str, thing: str, count: float, seconds: Sequence[float]) -> Measure:
    """Microseconds for one of ``count`` things."""
    return Measure(name, f"us/{thing}", tuple(taken / count * 1e6 for taken in seconds))


def pairwise(name: str, over: Sequence[float], under: Sequence[float], target: Target | None = None) -> Ratio:
    """``over[i] / under[i]`` of readings taken in pairs."""
    return Ratio(name, tuple(a / b for a, b in zip(over, under, strict=True)), target)
