"""Fourth pass: conditions on identity are decided once per cell, not per row."""

from dataclasses import replace

from oal.catalog import CellColumn
from oal.lower.draft import Draft
from oal.plan import Compare


def hoist_cell_conditions(draft: Draft) -> Draft:
    """Filters on cell columns become ``cell_where``, the others ``where``; a repeated one is kept once."""
    by_cell = [condition for condition in draft.filters if _is_by_cell(condition)]
    by_row = [condition for condition in draft.filters if not _is_by_cell(condition)]
    return replace(draft, filters=(), cell_where=_distinct(by_cell), where=_distinct(by_row))


def _is_by_cell(condition: Compare) -> bool:
    return isinstance(condition.operand.column, CellColumn)


def _distinct(conditions: list[Compare]) -> tuple[Compare, ...]:
    return tuple(dict.fromkeys(conditions))
