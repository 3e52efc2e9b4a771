"""Fifth pass: rows whose value or argument is null, or no integer after a cast, are skipped (spec oal 2.3)."""

from dataclasses import replace

from oal.catalog import CellColumn, Constant, Kind
from oal.functions.contract import Takes
from oal.lower.draft import Draft
from oal.plan import Compare, HasValue, Operand

_NULLABLE = frozenset({Kind.STRING, Kind.ENUM, Kind.LIST, Kind.MAP, Kind.OBJECT})


def require_values(draft: Draft) -> Draft:
    """Add the conditions that value and arguments are there."""
    for operand in dict.fromkeys(_needed(draft)):
        if isinstance(operand.column, CellColumn) and not operand.cast:
            condition = Compare(operand, "!=", literal=None)
            if condition not in draft.cell_where:
                draft = replace(draft, cell_where=(*draft.cell_where, condition))
        else:
            draft = replace(draft, where=(*draft.where, HasValue(operand)))
    return draft


def _needed(draft: Draft) -> list[Operand]:
    operands = [draft.value] if draft.value is not None else []
    declared = draft.rule.function.arguments if draft.rule.function is not None else ()
    for parameter, argument in zip(declared, draft.arguments, strict=True):
        # A null label has a text of its own, and conditions have a meaning for null; but a cast must give an integer.
        if isinstance(argument, Operand) and not (parameter.takes is Takes.STRING_PATH and parameter.name == "label"):
            operands.append(argument)
        elif isinstance(argument, Compare) and argument.operand.cast:
            operands.append(argument.operand)
    return [operand for operand in operands if _can_fail(operand)]


def _can_fail(operand: Operand) -> bool:
    if isinstance(operand.column, Constant):
        return False
    return operand.cast or operand.kind in _NULLABLE
