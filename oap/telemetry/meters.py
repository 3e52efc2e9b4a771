"""What components keep and report: plain counts, read by the exposition whenever somebody scrapes."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from oap.telemetry.catalogue import Definition, Kind


class MeterError(Exception):
    """Root of the errors of this package: a reading that does not fit the catalogue, so a bug of ours."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One counter or gauge reading. ``labels`` holds the values in the order of the definition's label names."""

    definition: Definition
    value: float
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.definition.kind is Kind.HISTOGRAM:
            raise MeterError(f"{self.definition.name} is a histogram")
        _fitting_labels(self.definition, self.labels)


@dataclass(frozen=True, slots=True)
class HistogramMeter:
    """One histogram reading: ``counts`` per bucket, not cumulated, and one more for what exceeds the last bound."""

    definition: Definition
    counts: Sequence[int]
    sum: float
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.definition.buckets) + 1:
            raise MeterError(f"{self.definition.name} has {len(self.definition.buckets)} bucket bounds")
        _fitting_labels(self.definition, self.labels)


Reading = Meter | HistogramMeter


class MeterSource(Protocol):
    """A component that can be asked for its readings.

    Called from the HTTP thread while the component works, so it must not block, change anything or hold a hot lock.
    """

    def meters(self) -> Iterable[Reading]:
        """Readings of this moment, each name and label set once."""


class Histogram:
    """Observations sorted into the buckets of a definition. One thread observes, any thread reads."""

    def __init__(self, definition: Definition, labels: tuple[str, ...] = ()) -> None:
        if definition.kind is not Kind.HISTOGRAM:
            raise MeterError(f"{definition.name} is no histogram")
        self._definition = definition
        self._labels = labels
        self._counts = [0] * (len(definition.buckets) + 1)
        self._sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value, in the definition's unit, as if it had been observed so many times."""
        self._counts[bisect_left(self._definition.buckets, value)] += times
        self._sum += value * times

    def meter(self) -> HistogramMeter:
        """The reading of this moment."""
        return HistogramMeter(self._definition, tuple(self._counts), self._sum, self._labels)


def _fitting_labels(definition: Definition, labels: tuple[str, ...]) -> None:
    if len(labels) != len(definition.labels):
        raise MeterError(f"{definition.name} has labels {definition.labels}, got values {labels}")
