"""Conditions of rules over rows and cells (spec oal 2.2-2.4), vectorised.

Numbers are compared as vectors. Anything else is decided once per distinct value and looked up per row.
"""

import operator
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from oal.catalog import CellColumn, Kind
from oal.plan import ApdexTier, Compare, HasValue, Operand, Predicate
from oap.growing import GrowingArray
from oap.window.rows import Rows

Mask = npt.NDArray[np.bool_]

_NUMERIC = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def matches(condition: Compare, value: object) -> bool:
    """Whether one value meets a condition, null semantics included."""
    value = picked(condition.operand, value)
    literal = condition.literal
    if condition.operator in {"==", "!="}:
        return (value == literal) is (condition.operator == "==")
    if value is None:
        return False
    if condition.operator in {"contain", "not contain"}:
        return (literal in value) is (condition.operator == "contain")  # type: ignore[operator]
    if condition.operator == "in":
        return value in literal  # type: ignore[operator]
    if condition.operator == "like":
        return _is_like(str(value), str(literal))
    return bool(_NUMERIC[condition.operator](value, literal))


def picked(operand: Operand, value: object) -> object:
    """The operand's value within a column's value: a map's entry, a cast to an integer; None where there is none."""
    if operand.key is not None:
        value = value.get(operand.key) if isinstance(value, dict) else None
    if operand.cast and value is not None:
        try:
            value = int(str(value))
        except ValueError:
            return None
    return value


def _is_like(text: str, pattern: str) -> bool:
    """``%x%`` contains, ``%x`` ends with, ``x%`` starts with; without an outer % nothing matches, not even equal text."""
    starts, ends = pattern.startswith("%"), pattern.endswith("%")
    body = pattern.strip("%") if pattern in {"%", "%%"} else pattern[starts : len(pattern) - ends]
    if starts and ends:
        return body in text
    if starts:
        return text.endswith(body)
    return ends and text.startswith(body)


class CellFacts:
    """Decisions that hold for a cell whatever its rows are, made once per cell. One object per grain."""

    def __init__(self, value: Callable[[str, int], object], threshold: Callable[[str], int]) -> None:
        self._value = value
        self._threshold = threshold
        self._masks: dict[Compare, GrowingArray] = {}
        self._thresholds: dict[Operand, GrowingArray] = {}

    def mask(self, condition: Compare, cells: int) -> Mask:
        """bool[cells]: which of the first so many cells meet the condition."""
        known = self._masks.setdefault(condition, GrowingArray(np.bool_))
        for cell in range(len(known), cells):
            known.append(matches(condition, self._value(condition.operand.column.name, cell)))
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
            known.append(self._threshold(str(self._value(name.column.name, cell))))
        return known.view[:cells]

    def forget_thresholds(self) -> None:
        """Look thresholds up anew from now on."""
        self._thresholds.clear()


class RowConditions:
    """Evaluates predicates over the rows of a table; equal ones are evaluated once."""

    def __init__(self, rows: Rows, facts: CellFacts, cells: int, threshold: Callable[[str], int]) -> None:
        self._rows = rows
        self._facts = facts
        self._cells = cells
        self._threshold = threshold
        self._known: dict[Predicate, Mask] = {}

    def all(self, predicates: Sequence[Predicate]) -> Mask:
        """bool[n]: rows that meet every predicate."""
        masks = [self.one(predicate) for predicate in predicates]
        return masks[0] if len(masks) == 1 else np.logical_and.reduce(masks)

    def one(self, predicate: Predicate) -> Mask:
        """bool[n]: rows that meet the predicate."""
        if predicate not in self._known:
            self._known[predicate] = self._evaluate(predicate)
        return self._known[predicate]

    def numbers(self, operand: Operand) -> npt.NDArray[np.int64]:
        """int64[n]: a numeric operand; rows without a value hold 0 (HasValue tells them)."""
        if self._is_vector(operand):
            return self._rows.numbers[:, list(self._rows.columns).index(operand.column.name)]
        looked_up = self._look_up(operand.column.name, lambda value: _number(picked(operand, value)), np.int64)
        return looked_up

    def _evaluate(self, predicate: Predicate) -> Mask:
        if isinstance(predicate, HasValue):
            return self._has_value(predicate.operand)
        if isinstance(predicate, ApdexTier):
            return self._apdex(predicate)
        operand = predicate.operand
        if isinstance(operand.column, CellColumn):
            decided = self._facts.mask(predicate, self._cells)
            return decided[self._rows.cell] & (self._rows.cell >= 0)
        if not self._is_vector(operand):
            return self._look_up(operand.column.name, lambda value: matches(predicate, value), np.bool_)
        return self._compare(self.numbers(operand), predicate)

    def _compare(self, values: npt.NDArray[np.int64], condition: Compare) -> Mask:
        if condition.operator == "in":
            return np.isin(values, np.array(condition.literal, dtype=np.int64))
        result: Mask = _NUMERIC[condition.operator](values, int(condition.literal))  # type: ignore[arg-type]
        return result

    def _has_value(self, operand: Operand) -> Mask:
        if self._is_vector(operand):
            return np.ones(len(self._rows), dtype=np.bool_)
        return self._look_up(operand.column.name, lambda value: picked(operand, value) is not None, np.bool_)

    def _apdex(self, tier: ApdexTier) -> Mask:
        values = self.numbers(tier.value)
        limit = self._thresholds(tier.name)
        mask = values <= limit if tier.satisfied else (values > limit) & (values <= 4 * limit)
        if isinstance(tier.status, bool):
            return mask & tier.status
        return mask & self.one(tier.status)

    def _thresholds(self, name: Operand) -> npt.NDArray[np.int64]:
        if isinstance(name.column, CellColumn):
            return self._facts.thresholds(name, self._cells)[self._rows.cell]
        return self._look_up(name.column.name, lambda value: self._threshold(str(picked(name, value))), np.int64)

    def _is_vector(self, operand: Operand) -> bool:
        plain = operand.kind.is_numeric or operand.kind is Kind.BOOL
        return plain and not operand.cast and operand.column.name in self._rows.columns

    def _look_up(self, column: str, decide: Callable[[object], object], dtype: type) -> npt.NDArray:
        codes, values = self._rows.codes(column)
        table = np.array([*(decide(value) for value in values), decide(None)], dtype=dtype)
        return table[codes]  # -1, null, finds the last entry


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
