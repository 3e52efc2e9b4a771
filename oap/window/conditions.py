"""Conditions of rules over rows and cells (spec oal 2.2-2.4), vectorised.

Numbers are compared as vectors. Anything else is decided once per distinct value and looked up per row.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from oal.catalog import CellColumn, Constant, Kind
from oal.matching import Value, parsed_integer
from oal.matching import matches as value_matches
from oal.plan import ApdexTier, Compare, HasValue, Operand, Predicate
from oap.growing import GrowingArray
from oap.window.rows import Rows

Mask = npt.NDArray[np.bool_]

_NUMERIC: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def matches(condition: Compare, value: object) -> bool:
    """Whether one value meets a condition, null semantics included. What a cast cannot read meets none."""
    value = picked(condition.operand, value)
    if condition.operand.cast and value is None:
        return False
    return value_matches(cast("Value", value), condition.operator, condition.literal)


def picked(operand: Operand, value: object) -> object:
    """The operand's value within a column's value: a map's entry, a cast to an integer; None where there is none."""
    if operand.key is not None:
        value = value.get(operand.key) if isinstance(value, dict) else None
    if operand.cast and value is not None:
        return parsed_integer(str(value))
    return value


def column_name(operand: Operand) -> str:
    """Name of the column that an operand reads; it must not be a constant."""
    if isinstance(operand.column, Constant):
        raise TypeError(f"{operand} reads no column")
    return operand.column.name


class CellFacts:
    """Decisions that hold for a cell whatever its rows are, made once per cell. One object per grain and thresholds."""

    def __init__(
        self,
        value: Callable[[str, int], object],
        threshold: Callable[[str], int],
        masks: dict[Compare, GrowingArray] | None = None,
    ) -> None:
        self._value = value
        self._threshold = threshold
        self._masks = {} if masks is None else masks
        self._thresholds: dict[Operand, GrowingArray] = {}

    def mask(self, condition: Compare, cells: int) -> Mask:
        """bool[cells]: which of the first so many cells meet the condition."""
        known = self._masks.setdefault(condition, GrowingArray(np.bool_))
        for cell in range(len(known), cells):
            known.append(matches(condition, self._value(column_name(condition.operand), cell)))
        return known.view[:cells]

    def masks(self, conditions: Sequence[Compare], cells: int) -> Mask:
        """Which cells meet all conditions."""
        result = np.ones(cells, dtype=np.bool_)
        for condition in conditions:
            result &= self.mask(condition, cells)
        return result

    def thresholds(self, name: Operand, cells: int) -> npt.NDArray[np.int64]:
        """Apdex threshold in ms of each cell, by the service that ``name`` yields."""
        known = self._thresholds.setdefault(name, GrowingArray(np.int64))
        for cell in range(len(known), cells):
            known.append(self._threshold(str(self._value(column_name(name), cell))))
        return known.view[:cells]

    def with_thresholds(self, threshold: Callable[[str], int]) -> "CellFacts":
        """The same decisions, shared, with other thresholds."""
        return CellFacts(self._value, threshold, self._masks)

    def forget(self) -> None:
        """Decide everything anew from now on, because cells have other numbers."""
        self._masks.clear()
        self._thresholds.clear()


class RowConditions:
    """Evaluates predicates over the rows of a table; equal ones are evaluated once.

    Rows without a cell get some value or verdict that nobody may use.
    """

    def __init__(self, rows: Rows, facts: CellFacts, cells: int, threshold: Callable[[str], int]) -> None:
        self._rows = rows
        self._facts = facts
        self._cells = cells
        self._threshold = threshold
        self._known: dict[Predicate, Mask] = {}

    def all(self, predicates: Sequence[Predicate]) -> Mask:
        """bool[n]: rows that meet every predicate, of which there is at least one."""
        masks = [self.one(predicate) for predicate in predicates]
        return masks[0] if len(masks) == 1 else np.logical_and.reduce(masks)

    def one(self, predicate: Predicate) -> Mask:
        """bool[n]: rows that meet the predicate."""
        known = self._known.get(predicate)
        if known is None:
            known = self._known[predicate] = self._evaluate(predicate)
        return known

    def numbers(self, operand: Operand) -> npt.NDArray[np.int64]:
        """int64[n]: a numeric operand; rows without a value hold 0 (HasValue tells them)."""
        if self._is_vector(operand):
            return self._rows.numbers[:, self._rows.columns.index(column_name(operand))]
        return self._look_up(operand, _number, np.int64)

    def _evaluate(self, predicate: Predicate) -> Mask:
        if isinstance(predicate, HasValue):
            return self._has_value(predicate.operand)
        if isinstance(predicate, ApdexTier):
            return self._apdex(predicate)
        operand = predicate.operand
        if isinstance(operand.column, CellColumn):
            return self._of_rows(self._facts.mask(predicate, self._cells))
        if self._is_vector(operand):
            return self._compare(self.numbers(operand), predicate)
        # The condition, not only its operand, knows what a value that cannot be cast means.
        return self._decide(operand, lambda value: matches(predicate, value), np.bool_)

    def _compare(self, values: npt.NDArray[np.int64], condition: Compare) -> Mask:
        if isinstance(condition.literal, tuple):
            return np.isin(values, np.array(condition.literal, dtype=np.int64))
        result: Mask = _NUMERIC[condition.operator](values, condition.literal)
        return result

    def _has_value(self, operand: Operand) -> Mask:
        if self._is_vector(operand):
            return np.ones(len(self._rows), dtype=np.bool_)
        return self._look_up(operand, lambda value: value is not None, np.bool_)

    def _apdex(self, tier: ApdexTier) -> Mask:
        values = self.numbers(tier.value)
        limit = self._thresholds(tier.name)
        mask: Mask = values <= limit if tier.satisfied else (values > limit) & (values <= 4 * limit)
        return mask & (tier.status if isinstance(tier.status, bool) else self.one(tier.status))

    def _thresholds(self, name: Operand) -> npt.NDArray[np.int64]:
        if isinstance(name.column, CellColumn):
            return self._of_rows(self._facts.thresholds(name, self._cells))
        return self._look_up(name, lambda value: self._threshold(str(value)), np.int64)

    def _is_vector(self, operand: Operand) -> bool:
        if isinstance(operand.column, Constant) or operand.cast:
            return False
        return (operand.kind.is_numeric or operand.kind is Kind.BOOL) and operand.column.name in self._rows.columns

    def _look_up(self, operand: Operand, decide: Callable[[object], object], dtype: npt.DTypeLike) -> npt.NDArray:
        """A decision about the operand's value, for each row."""
        return self._decide(operand, lambda value: decide(picked(operand, value)), dtype)

    def _decide(self, operand: Operand, decide: Callable[[object], object], dtype: npt.DTypeLike) -> npt.NDArray:
        """A decision about the value of the operand's column, for each row."""
        column = operand.column
        if isinstance(column, Constant):
            return np.full(len(self._rows), decide(column.value), dtype=dtype)
        if isinstance(column, CellColumn):
            cells = [self._rows.cell_value(column.name, cell) for cell in range(self._cells)]
            return self._of_rows(np.array([decide(value) for value in cells], dtype=dtype))
        codes, values = self._rows.codes(column.name)
        table = np.array([*(decide(value) for value in values), decide(None)], dtype=dtype)
        return table[codes]  # -1, null, finds the last entry

    def _of_rows(self, of_cells: npt.NDArray) -> npt.NDArray:
        """A column of the cells, for each row."""
        if not self._cells:
            return np.zeros(len(self._rows), dtype=of_cells.dtype)
        return of_cells[self._rows.cell]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
