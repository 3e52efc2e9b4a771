"""From cells to entities: the columns of each metric, for all entities of its scope (design 3.4, 3.5)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Tables
from oal.functions.grouping import add_by_label, add_by_number
from oal.functions.tables import NO_LIMIT, add_tables, empty_tables
from oal.plan import Compare, Fold, Metric, Part, Primitive
from oap.window.state import TableState, roll_up
from oap.window.tally import Tally
from oap.window.window import CellSource, TableKey, Window

_LABELLED = frozenset({Fold.LABEL_COUNT, Fold.LABEL_SUM})


class RollUp:
    """Adds a window's cells up to the entities of one scope. Equal sums are formed once.

    ``entities`` is the number of entities of the scope; all columns have that length.
    """

    def __init__(self, window: Window, scope: str, grain: str, cells: CellSource, entities: int) -> None:
        self._window = window
        self._grain = grain
        self._cells = cells
        self._entity_of = cells.entity_of[scope]()
        self._entities = entities
        self._sums: dict[tuple[TableKey, tuple[Compare, ...]], tuple[npt.NDArray, npt.NDArray]] = {}

    def columns(self, metric: Metric) -> list[Column]:
        """The primitives of a metric in the order its function expects them, summed over its parts, all labels kept."""
        parts = [self._part(part) for part in metric.parts]
        if len(parts) == 1:
            return parts[0]
        return [
            added(fold, columns) for fold, columns in zip(self.folds(metric), zip(*parts, strict=True), strict=True)
        ]

    def folds(self, metric: Metric) -> list[Fold]:
        """How each column of ``columns`` adds up."""
        primitives = self._primitives(metric.parts[0])
        return [primitives[index].fold for index in metric.parts[0].primitives]

    def presence(self, metric: Metric) -> npt.NDArray[np.int64]:
        """int64[entities]: how many rows each entity's record of this metric has taken in."""
        counts = [self._number(part, part.primitives[0]) for part in metric.parts]
        return sum(counts[1:], start=counts[0]) if counts else np.zeros(self._entities, np.int64)

    def _part(self, part: Part) -> list[Column]:
        return [self._number(part, i) if self._is_number(part, i) else self._table(part, i) for i in part.primitives]

    def _primitives(self, part: Part) -> Sequence[Primitive]:
        return self._window.tables[(self._grain, part.table)].fold.primitives

    def _is_number(self, part: Part, index: int) -> bool:
        fold = self._window.tables[(self._grain, part.table)].fold
        return index in fold.integers or index in fold.doubles

    def _number(self, part: Part, index: int) -> npt.NDArray:
        key = (self._grain, part.table)
        integers, doubles = self._summed(key, part.cell_where)
        fold = self._window.tables[key].fold
        return integers[:, fold.integers[index]] if index in fold.integers else doubles[:, fold.doubles[index]]

    def _summed(self, key: TableKey, where: tuple[Compare, ...]) -> tuple[npt.NDArray, npt.NDArray]:
        if (key, where) not in self._sums:
            self._sums[key, where] = self._sum(self._window.tables[key], where)
        return self._sums[key, where]

    def _sum(self, table: TableState, where: tuple[Compare, ...]) -> tuple[npt.NDArray, npt.NDArray]:
        wanted = self._cells.facts.masks(where, len(table.counts))
        entity_of = self._entity_of[: len(table.counts)]
        integers = np.tile(table.fold.start, (self._entities, 1))
        roll_up(table.integers, table.fold.kinds, table.counts, entity_of, wanted, integers)
        doubles = np.tile(table.fold.double_start, (self._entities, 1))
        if table.fold.doubles:
            roll_up(table.doubles, table.fold.double_kinds, table.counts, entity_of, wanted, doubles)
        return integers, doubles

    def _table(self, part: Part, index: int) -> Tables:
        table = self._window.tables[(self._grain, part.table)]
        tally: Tally = table.tallies[index]
        size = int(tally.size[0])
        labels = tuple(table.labels[index]) if table.fold.primitives[index].fold in _LABELLED else None
        if not size:
            return empty_tables(self._entities, labels)
        cells = tally.cells[:size]
        wanted = self._cells.facts.masks(part.cell_where, len(table.counts))
        rows = np.where(wanted[cells], self._entity_of[cells], -1)
        chosen = rows >= 0
        rows, keys, counts = rows[chosen].astype(np.int64), tally.keys[:size][chosen], tally.counts[:size][chosen]
        if labels is None:
            return add_by_number(rows, keys, counts, self._entities)
        return add_by_label(rows, keys, counts, self._entities, labels=labels, limit=NO_LIMIT)


def added(fold: Fold, columns: Sequence[Column]) -> Column:
    """Columns of equal length, entity by entity, by the rule of their fold."""
    tables = [column for column in columns if isinstance(column, Tables)]
    if tables:
        return add_tables(tables)
    numbers = [column for column in columns if not isinstance(column, Tables)]
    merge: Mapping[Fold, np.ufunc] = {
        Fold.MAX: np.maximum,
        Fold.MAX_DOUBLE: np.maximum,
        Fold.MIN: np.minimum,
        Fold.MIN_DOUBLE: np.minimum,
    }
    return merge.get(fold, np.add).reduce(numbers)  # type: ignore[no-any-return]
