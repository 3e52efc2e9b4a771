"""State of one table in one window: primitives by cell, and the fold that fills them (design 3, 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oal.catalog import CellColumn, Constant, RowColumn
from oal.plan import Fold, Operand, Predicate, Primitive
from oap.compiled import njit
from oap.growing import GrowingArray
from oap.renumbering import Kept, renumbered
from oap.window.conditions import CellFacts, RowConditions, picked
from oap.window.rows import Rows
from oap.window.tally import Tally, merged, new_tally, quotients

COUNT, SUM, MAX, MIN = 0, 1, 2, 3
_KINDS = {Fold.COUNT: COUNT, Fold.SUM: SUM, Fold.MAX: MAX, Fold.MIN: MIN}
_DOUBLE_KINDS = {Fold.SUM_DOUBLE: SUM, Fold.MAX_DOUBLE: MAX, Fold.MIN_DOUBLE: MIN}
_TALLIES = frozenset({Fold.TALLY, Fold.LABEL_COUNT, Fold.LABEL_SUM})
_START = {MIN: np.iinfo(np.int64).max}
_DOUBLE_START = {MIN: np.finfo(np.float64).max}
_INT64 = np.iinfo(np.int64)


class TableFold:
    """How the rows of one (grain, table) are folded: the primitives of a plan, arranged for compiled code.

    ``integers`` and ``doubles`` map a primitive's index to its state column, ``tallies`` lists the indices of tables.
    """

    def __init__(self, primitives: Sequence[Primitive]) -> None:
        self.primitives = tuple(primitives)
        numeric = [i for i, p in enumerate(primitives) if p.fold in _KINDS]
        # Plain sums first and side by side: the inner loop over them has no branch.
        numeric.sort(key=lambda i: (bool(primitives[i].where), _KINDS[primitives[i].fold] != SUM))
        self.integers = {index: column for column, index in enumerate(numeric)}
        doubles = [i for i, p in enumerate(primitives) if p.fold in _DOUBLE_KINDS]
        self.doubles = {index: column for column, index in enumerate(doubles)}
        self.tallies = [i for i, p in enumerate(primitives) if p.fold in _TALLIES]
        self.kinds = np.array([_KINDS[primitives[i].fold] for i in numeric], dtype=np.int32)
        self.double_kinds = np.array([_DOUBLE_KINDS[primitives[i].fold] for i in doubles], dtype=np.int32)
        self.plain_sums = sum(1 for i in numeric if not primitives[i].where and primitives[i].fold is Fold.SUM)
        self.start = np.array([_START.get(kind, 0) for kind in self.kinds.tolist()], dtype=np.int64)
        self.double_start = np.array([_DOUBLE_START.get(kind, 0.0) for kind in self.double_kinds.tolist()])
        # Numbered here because hashing conditions for every batch costs more than folding two hundred rows.
        numbers: dict[tuple[Predicate, ...], int] = {}
        masked = [primitives[i].where for i in numeric]
        self._mask_of = np.array([numbers.setdefault(w, len(numbers)) if w else -1 for w in masked], dtype=np.int32)
        self._conjunctions = tuple(numbers)
        self._sources_of: dict[tuple[str, ...], _Sources] = {}
        self._numeric = numeric
        self._doubles = doubles

    def prepare(self, rows: Rows, facts: CellFacts, cells: int, threshold: Callable[[str], int]) -> "FoldInput":
        """Evaluate conditions and values for a batch, once for all its windows."""
        conditions = RowConditions(rows, facts, cells, threshold)
        sources, operands = self._sources(tuple(rows.columns))
        extra = np.empty((len(rows), len(operands)), dtype=np.int64)
        for number, operand in enumerate(operands):
            extra[:, number] = conditions.numbers(operand)
        masks = np.empty((len(self._conjunctions), len(rows)), dtype=np.bool_)
        for number, conjunction in enumerate(self._conjunctions):
            masks[number] = conditions.all(conjunction)
        return FoldInput(rows, cells, conditions, sources, extra, masks, self._mask_of)

    def _sources(self, columns: tuple[str, ...]) -> "_Sources":
        """Where the integer primitives find their values in a table of these columns."""
        known = self._sources_of.get(columns)
        if known is None:
            known = self._sources_of[columns] = _sources([self.primitives[i].value for i in self._numeric], columns)
        return known

    def double_values(self, conditions: RowConditions) -> list[npt.NDArray[np.float64]]:
        """float64[n] per double primitive."""
        return [conditions.numbers(_given(self.primitives[i].value)).astype(np.float64) for i in self._doubles]

    @property
    def double_primitives(self) -> list[Primitive]:
        """Primitives of the double columns, in column order."""
        return [self.primitives[i] for i in self._doubles]


class _Sources(NamedTuple):
    """Per value the table's column (int32), or from its width on the position in ``operands``, which need computing."""

    columns: npt.NDArray[np.int32]
    operands: Sequence[Operand]


def _sources(values: Sequence[Operand | None], columns: Sequence[str]) -> _Sources:
    own = {name: number for number, name in enumerate(columns)}
    sources: list[int] = []
    operands: list[Operand] = []
    for value in values:
        if value is None:
            sources.append(0)
        elif isinstance(value.column, RowColumn) and value.column.name in own and not value.cast:
            sources.append(own[value.column.name])
        else:
            sources.append(len(own) + len(operands))
            operands.append(value)
    return _Sources(np.array(sources, dtype=np.int32), operands)


@dataclass(frozen=True, slots=True)
class FoldInput:
    """A batch's rows of one table, ready to be folded into any window.

    ``sources`` int32 and ``mask_of`` int32 hold, per integer primitive, the column of its value (those past the
    table's own are columns of ``extra``) and the row of its mask in ``masks`` bool[masks, n], -1 for none.
    """

    rows: Rows
    cells: int
    conditions: RowConditions
    sources: npt.NDArray[np.int32]
    extra: npt.NDArray[np.int64]
    masks: npt.NDArray[np.bool_]
    mask_of: npt.NDArray[np.int32]

    def selection(self, minute: int, where: tuple[Predicate, ...]) -> npt.NDArray[np.bool_]:
        """bool[n]: rows of a minute that are folded and meet all conditions."""
        chosen: npt.NDArray[np.bool_] = (self.rows.minute == minute) & (self.rows.cell >= 0)
        return chosen & self.conditions.all(where) if where else chosen


@njit(boundscheck=False)
def _fold(
    minutes: npt.NDArray[np.int32],
    minute: int,
    cells: npt.NDArray[np.int32],
    numbers: npt.NDArray[np.int64],
    extra: npt.NDArray[np.int64],
    masks: npt.NDArray[np.bool_],
    kinds: npt.NDArray[np.int32],
    sources: npt.NDArray[np.int32],
    mask_of: npt.NDArray[np.int32],
    plain_sums: int,
    counts: npt.NDArray[np.int64],
    state: npt.NDArray[np.int64],
) -> int:
    own = numbers.shape[1]
    folded = 0
    for row in range(len(minutes)):
        cell = cells[row]
        if minutes[row] != minute or cell < 0:
            continue
        folded += 1
        counts[cell] += 1
        for column in range(plain_sums):
            source = sources[column]
            state[cell, column] += numbers[row, source] if source < own else extra[row, source - own]
        for column in range(plain_sums, len(kinds)):
            mask = mask_of[column]
            if mask >= 0 and not masks[mask, row]:
                continue
            kind = kinds[column]
            if kind == COUNT:
                state[cell, column] += 1
                continue
            source = sources[column]
            value = numbers[row, source] if source < own else extra[row, source - own]
            if kind == SUM:
                state[cell, column] += value
            elif kind == MAX:
                state[cell, column] = max(state[cell, column], value)
            else:
                state[cell, column] = min(state[cell, column], value)
    return folded


@njit(boundscheck=False)
def roll_up(
    state: npt.NDArray,
    kinds: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
    entity_of: npt.NDArray[np.int32],
    wanted: npt.NDArray[np.bool_],
    totals: npt.NDArray,
) -> None:
    """Add the cells of each entity up into ``totals`` [entities, columns], but for those without rows or not wanted."""
    for cell in range(len(counts)):
        entity = entity_of[cell]
        if counts[cell] == 0 or entity < 0 or not wanted[cell]:
            continue
        for column in range(len(kinds)):
            value = state[cell, column]
            if kinds[column] == MAX:
                totals[entity, column] = max(totals[entity, column], value)
            elif kinds[column] == MIN:
                totals[entity, column] = min(totals[entity, column], value)
            else:
                totals[entity, column] += value


class TableState:
    """Primitives of one (grain, table) by cell. ``counts`` int64[cells] is the number of rows folded into each cell."""

    def __init__(self, fold: TableFold) -> None:
        self.fold = fold
        self._counts = GrowingArray(np.int64)
        self._integers = GrowingArray(np.int64, (len(fold.kinds),), fill=fold.start)
        self._doubles = GrowingArray(np.float64, (len(fold.double_kinds),), fill=fold.double_start)
        self.tallies: dict[int, Tally] = {index: new_tally() for index in fold.tallies}
        self.labels: dict[int, dict[str, int]] = {index: {} for index in fold.tallies}

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Rows folded into each cell."""
        return self._counts.view

    @property
    def integers(self) -> npt.NDArray[np.int64]:
        """int64[cells, columns], columns as ``fold.integers`` maps them."""
        return self._integers.view

    @property
    def doubles(self) -> npt.NDArray[np.float64]:
        """float64[cells, columns], columns as ``fold.doubles`` maps them."""
        return self._doubles.view

    @property
    def nbytes(self) -> int:
        """Bytes that the filled part takes."""
        tallies = sum(array.nbytes for tally in self.tallies.values() for array in tally)
        return self.counts.nbytes + self.integers.nbytes + self.doubles.nbytes + tallies

    def resize(self, cells: int) -> None:
        """Have room for so many cells."""
        for array in (self._counts, self._integers, self._doubles):
            array.resize(cells)

    def add(self, given: FoldInput, minute: int) -> int:
        """Fold the rows of one minute; return how many there were."""
        self.resize(given.cells)
        folded = _fold(
            given.rows.minute,
            minute,
            given.rows.cell,
            given.rows.numbers,
            given.extra,
            given.masks,
            self.fold.kinds,
            given.sources,
            given.mask_of,
            self.fold.plain_sums,
            self.counts,
            self.integers,
        )
        if folded and self.fold.doubles:
            self._add_doubles(given, minute)
        if folded:
            for index in self.fold.tallies:
                self._add_tally(index, given, minute)
        return int(folded)

    def merge(self, other: "TableState") -> None:
        """Take in another state of the same plan, cell by cell."""
        self.resize(len(other.counts))
        size = len(other.counts)
        self.counts[:size] += other.counts
        _merge_numbers(self.integers[:size], other.integers, self.fold.kinds)
        _merge_numbers(self.doubles[:size], other.doubles, self.fold.double_kinds)
        for index, tally in other.tallies.items():
            entries = int(tally.size[0])
            keys = self._shared_labels(index, tally.keys[:entries], other.labels[index])
            self.tallies[index] = merged(self.tallies[index], tally.cells[:entries], keys, tally.counts[:entries])

    def keep(self, cells: Kept) -> None:
        """Follow a renumbering of the cells; all that have rows stay."""
        for array in (self._counts, self._integers, self._doubles):
            array.keep(cells)
        for index, tally in self.tallies.items():
            size = int(tally.size[0])
            moved = renumbered(tally.cells[:size], cells)
            self.tallies[index] = merged(new_tally(), moved, tally.keys[:size], tally.counts[:size])

    def copy(self) -> "TableState":
        """An independent state with equal content."""
        result = TableState(self.fold)
        result.merge(self)
        return result

    def _shared_labels(
        self, index: int, keys: npt.NDArray[np.int64], labels: Mapping[str, int]
    ) -> npt.NDArray[np.int64]:
        if self.fold.primitives[index].fold is Fold.TALLY:
            return keys
        own = self.labels[index]
        mapping = np.array([own.setdefault(label, len(own)) for label in labels], dtype=np.int64)
        return mapping[keys] if len(keys) else keys

    def _add_doubles(self, given: FoldInput, minute: int) -> None:
        values = self.fold.double_values(given.conditions)
        for column, primitive in enumerate(self.fold.double_primitives):
            chosen = given.selection(minute, primitive.where)
            ufunc = {SUM: np.add, MAX: np.maximum, MIN: np.minimum}[int(self.fold.double_kinds[column])]
            ufunc.at(self.doubles[:, column], given.rows.cell[chosen], values[column][chosen])

    def _add_tally(self, index: int, given: FoldInput, minute: int) -> None:
        primitive = self.fold.primitives[index]
        chosen = given.selection(minute, primitive.where)
        cells = given.rows.cell[chosen]
        if not len(cells):
            return
        if primitive.fold is Fold.TALLY:
            low = _INT64.min if primitive.low is None else primitive.low
            high = _INT64.max if primitive.high is None else primitive.high
            keys = quotients(given.conditions.numbers(_given(primitive.value))[chosen], primitive.step, low, high)
        else:
            keys = self._label_keys(index, given, chosen)
        amounts = np.ones(len(cells), dtype=np.int64)
        if primitive.fold is Fold.LABEL_SUM:
            amounts = np.ascontiguousarray(given.conditions.numbers(_given(primitive.value))[chosen])
        self.tallies[index] = merged(self.tallies[index], cells, keys, amounts)

    def _label_keys(self, index: int, given: FoldInput, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        codes, value_of = _coded(_given(self.fold.primitives[index].label), given.rows)
        own = self.labels[index]
        distinct, first, which = np.unique(codes[chosen], return_index=True, return_inverse=True)
        numbers = np.zeros(len(distinct), dtype=np.int64)
        for at in np.argsort(first).tolist():  # new labels are numbered in order of arrival
            value = value_of(int(distinct[at]))
            text = "null" if value is None else str(value).replace("|", "_")
            numbers[at] = own.setdefault(text, len(own))
        return numbers[which]


def _coded(operand: Operand, rows: Rows) -> tuple[npt.NDArray[np.int32], Callable[[int], object]]:
    """A code for each row, and what value a code (-1: null) stands for."""
    column = operand.column
    if isinstance(column, Constant):
        return np.zeros(len(rows), dtype=np.int32), lambda _: column.value
    if isinstance(column, CellColumn):
        return rows.cell, lambda cell: picked(operand, rows.cell_value(column.name, cell))
    codes, values = rows.codes(column.name)
    return codes, lambda code: picked(operand, values[code]) if code >= 0 else None


def _merge_numbers(mine: npt.NDArray, other: npt.NDArray, kinds: npt.NDArray[np.int32]) -> None:
    adding = (kinds == COUNT) | (kinds == SUM)
    if adding.all():
        mine += other
        return
    for column, kind in enumerate(kinds.tolist()):
        merge = {MAX: np.maximum, MIN: np.minimum}.get(kind, np.add)
        mine[:, column] = merge(mine[:, column], other[:, column])


def _given(operand: Operand | None) -> Operand:
    if operand is None:
        raise AssertionError("a primitive lacks the operand that its fold reads")
    return operand
