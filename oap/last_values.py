"""The newest value of every metric, for whoever looks at the rules; kept in memory, so that nobody asks the store for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Tables
from oap.storage.contract import HandOver, MetricColumns, MetricRows
from oap.timebucket import Precision, precision_of

Scores = npt.NDArray[np.float64]

# Logs of the minute before arrive while the newest one fills; older minutes change too rarely to be worth their memory.
_OPEN_MINUTES: Final = 2


@dataclass(frozen=True, slots=True)
class LastValue:
    """What is known of a metric in the newest minute that has records of it.

    ``entities`` have a record. For regular metrics ``entity_id`` is the one with the greatest ``value``; for metrics with
    labels ``value`` holds the entries of one entity by stored key.
    """

    bucket: int
    entities: int
    entity_id: str
    value: int | float | Mapping[str, int]


class LastValues:
    """Last values by metric. One thread takes, any thread may ask for the snapshot.

    Holds 8 bytes per metric and entity of the two newest minutes of each scope.
    """

    def __init__(self) -> None:
        self._minutes: dict[str, dict[int, _Minute]] = {}
        self._latest: dict[str, dict[str, LastValue]] = {}
        self._snapshot: Mapping[str, LastValue] = MappingProxyType({})

    @property
    def snapshot(self) -> Mapping[str, LastValue]:
        """The last value of each metric that has had a record; does not change any more."""
        return self._snapshot

    def take(self, stored: HandOver) -> None:
        """Learn from what was just stored: running totals of the entities that changed. Hours and days are passed over."""
        minutes = [rows for rows in stored.metrics if precision_of(rows.bucket) is Precision.MINUTE]
        for rows in sorted(minutes, key=lambda rows: rows.bucket):
            self._take_minute(rows)
        latest = {name: value for values in self._latest.values() for name, value in values.items()}
        self._snapshot = MappingProxyType(latest)

    def _take_minute(self, rows: MetricRows) -> None:
        minutes = self._minutes.setdefault(rows.scope, {})
        is_new = rows.bucket not in minutes
        values = minutes.setdefault(rows.bucket, _Minute(rows.bucket)).take(rows)
        latest = self._latest.setdefault(rows.scope, {})
        for name, value in values.items():
            known = latest.get(name)
            # A minute that had been let go begins anew with less than it had.
            if known is None or value.bucket > known.bucket or (value.bucket == known.bucket and not is_new):
                latest[name] = value
        if rows.bucket == max(minutes):
            names = {metric.model.name for metric in rows.metrics}
            self._latest[rows.scope] = {name: value for name, value in latest.items() if name in names}
        for bucket in sorted(minutes)[:-_OPEN_MINUTES]:
            del minutes[bucket]


class _Minute:
    """Values of the entities of one scope in one minute: an array per metric, NaN where there is no record."""

    def __init__(self, bucket: int) -> None:
        self._bucket = bucket
        self._numbers: dict[str, int] = {}
        self._scores: dict[str, Scores] = {}
        self._shown: dict[str, tuple[int, Mapping[str, int]]] = {}

    def take(self, rows: MetricRows) -> Mapping[str, LastValue]:
        """The last values of the metrics that have a record, with these rows in the place of earlier ones."""
        numbers = self._numbers
        places = np.array([numbers.setdefault(entity, len(numbers)) for entity in rows.entity_ids], dtype=np.int64)
        entity_ids = list(numbers)
        found = {metric.model.name: self._last(metric, places, entity_ids) for metric in rows.metrics}
        return {name: value for name, value in found.items() if value is not None}

    def _last(
        self, metric: MetricColumns, places: npt.NDArray[np.int64], entity_ids: Sequence[str]
    ) -> LastValue | None:
        name, column = metric.model.name, metric.columns[metric.model.value_column]
        now = np.where(metric.present, _scores(column), np.nan)
        scores = self._grown(name, len(entity_ids))
        scores[places] = now
        count = int(np.count_nonzero(~np.isnan(scores)))
        if not count:
            return None
        if isinstance(column, Tables):
            best, entries = self._shown[name] = self._table(name, column, now, places)
            return LastValue(self._bucket, count, entity_ids[best], entries)
        best = int(np.nanargmax(scores))
        value = float(scores[best])
        # Integers beyond 2**53 lose their last digits here, which nobody reads on a page.
        is_whole = np.issubdtype(column.dtype, np.integer)
        return LastValue(self._bucket, count, entity_ids[best], int(value) if is_whole else value)

    def _grown(self, name: str, count: int) -> Scores:
        scores = self._scores.get(name)
        if scores is None or len(scores) < count:
            grown = np.full(count, np.nan)
            if scores is not None:
                grown[: len(scores)] = scores
            scores = self._scores[name] = grown
        return scores

    def _table(
        self, name: str, tables: Tables, now: Scores, places: npt.NDArray[np.int64]
    ) -> tuple[int, Mapping[str, int]]:
        """Number and entries of an entity with a great entry: only those of these rows and the one shown are at hand."""
        shown = self._shown.get(name)
        if np.isnan(now).all():
            assert shown is not None  # noqa: S101  (some entity has a record, so an earlier row had it)
            return shown
        best = int(np.nanargmax(now))
        if shown is not None and not (places == shown[0]).any() and self._scores[name][shown[0]] >= now[best]:
            return shown
        return int(places[best]), _entries(tables, best)


def _scores(column: Column) -> Scores:
    """What records are compared by: their value, or their greatest entry."""
    if not isinstance(column, Tables):
        return column.astype(np.float64)
    greatest = np.full(len(column), -np.inf)
    filled = np.flatnonzero(np.diff(column.offsets))
    if len(filled):
        greatest[filled] = np.maximum.reduceat(column.values, column.offsets[filled])
    return greatest


def _entries(tables: Tables, at: int) -> Mapping[str, int]:
    entries = slice(int(tables.offsets[at]), int(tables.offsets[at + 1]))
    keys = tables.keys[entries].tolist()
    texts = [str(key) if tables.labels is None else tables.labels[key] for key in keys]
    return dict(zip(texts, tables.values[entries].tolist(), strict=True))
