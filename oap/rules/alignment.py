"""Records of two rule sets side by side: one scope and bucket, entity by entity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Tables
from oal.functions.tables import render_tables
from oap.rules.records import selected
from oap.rules.values import Value, values_of
from oap.storage.contract import MetricColumns, MetricRows

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Side:
    """Records of one metric under one rule set; ``at`` int64[entities] is their position, -1 without a record."""

    metric: MetricColumns | None
    at: Indices

    @property
    def present(self) -> Mask:
        """bool[entities]: which have a record."""
        present: Mask = self.at >= 0
        return present

    def totals(self) -> npt.NDArray[np.float64]:
        """float64[entities]: the values, tables as the sum of their entries, 0 without a record."""
        if self.metric is None:
            return np.zeros(len(self.at))
        column = self.metric.columns[self.metric.model.value_column]
        numbers = _sums(column) if isinstance(column, Tables) else column
        return np.where(self.present, numbers.astype(np.float64)[self.at], 0.0)

    def values(self, entities: Indices) -> list[Value | None]:
        """The values of some entities."""
        if self.metric is None:
            return [None] * len(entities)
        found = iter(values_of(self._column(self.metric.model.value_column, entities[self.present[entities]])))
        return [next(found) if is_present else None for is_present in self.present[entities].tolist()]

    def columns(self, names: Sequence[str], entities: Indices) -> list[Column]:
        """Columns of entities that all have a record."""
        return [self._column(name, entities) for name in names]

    def _column(self, name: str, entities: Indices) -> Column:
        assert self.metric is not None  # noqa: S101  (only records that exist are asked for)
        return selected(self.metric.columns[name], self.at[entities])


class Alignment:
    """The rows of one scope and bucket under both rule sets, None where there are none."""

    def __init__(self, old: MetricRows | None, new: MetricRows | None) -> None:
        sides = (old, new)
        ids = [list(rows.entity_ids) if rows is not None else [] for rows in sides]
        self.entity_ids: Sequence[str] = ids[0] if ids[0] == ids[1] else list(dict.fromkeys(ids[0] + ids[1]))
        self._at = [_positions(own, self.entity_ids) for own in ids]
        self._metrics: list[Mapping[str, MetricColumns]] = [
            {metric.model.name: metric for metric in rows.metrics} if rows is not None else {} for rows in sides
        ]

    @property
    def names(self) -> list[str]:
        """All metrics of both sides."""
        return list(dict.fromkeys((*self._metrics[1], *self._metrics[0])))

    def sides(self, name: str) -> tuple[Side, Side]:
        """The old and the new records of a metric."""
        return self._side(0, name), self._side(1, name)

    def _side(self, number: int, name: str) -> Side:
        metric, at = self._metrics[number].get(name), self._at[number]
        if metric is None:
            return Side(None, np.full(len(at), -1, dtype=np.int64))
        has_record = (at >= 0) & metric.present[at]
        return Side(metric, np.where(has_record, at, -1))


def differing(old: Side, new: Side) -> Mask:
    """bool[entities]: which have a record on one side only, or records that are not equal."""
    result: Mask = old.present != new.present
    both = np.flatnonzero(old.present & new.present)
    if old.metric is None or new.metric is None or not len(both):
        return result
    was, now = old.metric.model, new.metric.model
    if (was.function, was.columns) == (now.function, now.columns):
        names = [[column.name for column in was.columns]] * 2
    else:
        names = [[was.value_column], [now.value_column]]
    for first, second in zip(old.columns(names[0], both), new.columns(names[1], both), strict=True):
        result[both] |= _unequal(first, second)
    return result


def _positions(own: Sequence[str], all_ids: Sequence[str]) -> Indices:
    if own is all_ids:
        return np.arange(len(own), dtype=np.int64)
    numbers = {entity: number for number, entity in enumerate(own)}
    return np.array([numbers.get(entity, -1) for entity in all_ids], dtype=np.int64)


def _unequal(first: Column, second: Column) -> Mask:
    if isinstance(first, Tables) and isinstance(second, Tables):
        if _are_same(first, second):
            return np.zeros(len(first), dtype=np.bool_)
        texts = zip(render_tables(first), render_tables(second), strict=True)
        return np.array([was != now for was, now in texts], dtype=np.bool_)
    if isinstance(first, Tables) or isinstance(second, Tables):
        return np.ones(len(first), dtype=np.bool_)
    unequal: Mask = first != second
    return unequal


def _are_same(first: Tables, second: Tables) -> bool:
    """Whether all records are equal for sure: the usual case, and told at once."""
    return first.labels == second.labels and all(
        np.array_equal(was, now)
        for was, now in (
            (first.offsets, second.offsets),
            (first.keys, second.keys),
            (first.values, second.values),
        )
    )


def _sums(tables: Tables) -> npt.NDArray[np.int64]:
    reached = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(tables.values)))
    return reached[tables.offsets[1:]] - reached[tables.offsets[:-1]]
