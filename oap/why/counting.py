"""How many rows of a minute are left after each stage, read off the state that its window holds anyway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oal.plan import Compare
from oap.window.window import CellSource, TableKey, Window

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counter:
    """Rows of one (grain, table): of the cells that have an entity of ``scope`` ("": whatever they have) and meet
    ``cell_where``, as the primitive ``count`` counts them (None: all rows)."""

    key: TableKey
    scope: str = ""
    cell_where: tuple[Compare, ...] = ()
    count: int | None = None


class Counting:
    """Counters of one plan, arranged so that all of a table are read at once; equal ones are read once."""

    def __init__(self, counters: Sequence[Counter]) -> None:
        self._position = {counter: position for position, counter in enumerate(dict.fromkeys(counters))}
        tables: dict[TableKey, list[Counter]] = {}
        for counter in self._position:
            tables.setdefault(counter.key, []).append(counter)
        self._tables = [_TableCounting(key, own) for key, own in tables.items()]
        self._order = np.array([self._position[counter] for own in tables.values() for counter in own], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._position)

    def position(self, counter: Counter) -> int:
        """Where a counter is in what ``read`` gives."""
        return self._position[counter]

    def read(
        self, window: Window, cells: Mapping[str, CellSource], chosen: Mapping[str, Mask] | None = None
    ) -> npt.NDArray[np.int64]:
        """int64[counters]: the counts of a window; with ``chosen``, bool[cells] by grain, only of these cells."""
        result = np.zeros(len(self), dtype=np.int64)
        if self._tables:
            found = [table.read(window, cells[table.key[0]], chosen) for table in self._tables]
            result[self._order] = np.concatenate(found)
        return result


class _TableCounting:
    """The counters of one table: which groups of cells there are, and which columns of state."""

    def __init__(self, key: TableKey, counters: Sequence[Counter]) -> None:
        self.key = key
        groups = {(counter.scope, counter.cell_where): 0 for counter in counters}
        self._groups = {group: number for number, group in enumerate(groups)}
        self._counts = tuple(dict.fromkeys(counter.count for counter in counters if counter.count is not None))
        self._group_of = np.array([self._groups[counter.scope, counter.cell_where] for counter in counters])
        # Column 0 is the count of all rows.
        self._column_of = np.array([0 if c.count is None else 1 + self._counts.index(c.count) for c in counters])

    def read(self, window: Window, source: CellSource, chosen: Mapping[str, Mask] | None) -> npt.NDArray[np.int64]:
        """int64[counters]."""
        table = window.tables[self.key]
        cells = len(table.counts)
        groups = np.empty((len(self._groups), cells), dtype=np.bool_)
        for (scope, where), number in self._groups.items():
            groups[number] = source.facts.masks(where, cells)
            if scope:
                groups[number] &= source.entity_of[scope]()[:cells] >= 0
        if chosen is not None:
            groups &= chosen[self.key[0]][:cells]
        own = [table.fold.integers[count] for count in self._counts]
        columns = np.column_stack((table.counts, table.integers[:, own]))
        # As floating point numbers, exact below 2**53, the product is computed twenty times faster.
        totals = groups.astype(np.float64) @ columns.astype(np.float64)
        counts: npt.NDArray[np.int64] = totals[self._group_of, self._column_of].astype(np.int64)
        return counts
