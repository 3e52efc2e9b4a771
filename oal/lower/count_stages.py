"""Seventh pass: which rows are left after each filter, so that a server can tell where they vanish."""

from collections.abc import Iterator
from dataclasses import replace

from oal.bind import BoundCondition, BoundPath, BoundRule
from oal.catalog import CellColumn, Constant
from oal.lower.draft import Draft, DraftStage
from oal.lower.name_primitives import in_order
from oal.lower.read_operands import compare_on, operand_on
from oal.plan import Compare, HasValue, Predicate
from oal.printing import condition_text, path_text


def count_stages(draft: Draft) -> Draft:
    """One stage for each filter in the order of the text, and one more for a value or argument that may be missing."""
    cells: tuple[Compare, ...] = ()
    rows: tuple[Predicate, ...] = ()
    stages = []
    for condition in dict.fromkeys(draft.rule.filters):
        compare = compare_on(condition, draft.table)
        column = compare.operand.column
        if isinstance(column, CellColumn):
            cells = tuple(dict.fromkeys((*cells, compare)))
        elif not isinstance(column, Constant):
            rows = tuple(dict.fromkeys((*rows, compare)))
        text = condition_text(condition.syntax)
        stages.append(DraftStage(text, cells, in_order(rows), isinstance(column, Constant)))
    # What ``require_values`` added stands behind the filters.
    if required := [*draft.cell_where[len(cells) :], *draft.where[len(rows) :]]:
        text = " and ".join(_requirement(condition, draft) for condition in required)
        stages.append(DraftStage(text, draft.cell_where, in_order(draft.where), is_of_operation=False))
    return replace(draft, stages=tuple(stages))


def _requirement(condition: Predicate, draft: Draft) -> str:
    operand = condition.operand if isinstance(condition, Compare | HasValue) else None
    path = next((path for path in _read_paths(draft.rule) if operand_on(path, draft.table) == operand), None)
    text = path_text(path.syntax) if path is not None else "the value"
    return f"{text} is {'an integer' if operand is not None and operand.cast else 'there'}"


def _read_paths(rule: BoundRule) -> Iterator[BoundPath]:
    """The paths of value and arguments."""
    if rule.value is not None:
        yield rule.value
    for argument in rule.arguments:
        if isinstance(argument, BoundCondition):
            yield argument.path
        elif isinstance(argument, BoundPath):
            yield argument
