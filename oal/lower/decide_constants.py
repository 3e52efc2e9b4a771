"""Third pass: conditions on what is the same in every row of the table are decided now."""

from dataclasses import replace

from oal.catalog import Constant, Kind
from oal.functions.contract import Takes
from oal.lower.draft import Argument, Draft
from oal.matching import matches, parsed_integer
from oal.plan import Compare, Operand


def decide_constants(draft: Draft) -> Draft | None:
    """Drop filters that always hold; drop the table when one never holds, or a constant that needs a value has none."""
    decided = [_decided(condition) for condition in draft.filters]
    if any(verdict is False for verdict in decided):
        return None
    value = _settled(draft.value) if draft.value is not None else None
    arguments = tuple(_argument(draft, at) for at in range(len(draft.arguments)))
    if (value is None) != (draft.value is None) or None in arguments:
        return None
    return replace(
        draft,
        filters=tuple(condition for condition, verdict in zip(draft.filters, decided, strict=True) if verdict is None),
        value=value,
        arguments=tuple(argument for argument in arguments if argument is not None),
    )


def _decided(condition: Compare) -> bool | None:
    """Whether a condition holds in all rows (True), in none (False), or depends on the row (None)."""
    column = condition.operand.column
    if not isinstance(column, Constant):
        return None
    value = column.value
    if condition.operand.cast:
        value = parsed_integer(value) if isinstance(value, str) else None
        if value is None:
            return False
    return matches(value, condition.operator, condition.literal)


def _argument(draft: Draft, at: int) -> Argument | None:
    argument = draft.arguments[at]
    if isinstance(argument, Compare):
        decided = _decided(argument)
        return argument if decided is None else decided
    if not isinstance(argument, Operand) or not isinstance(argument.column, Constant):
        return argument
    declared = draft.rule.function.arguments[at] if draft.rule.function is not None else None
    if declared is not None and declared.takes is Takes.BOOL:
        return argument.column.value is True
    if declared is not None and declared.name == "label" and argument.column.value is None:
        # A null label counts under the text "null" (spec oal 2.3).
        return replace(argument, column=Constant("null"))
    return _settled(argument)


def _settled(operand: Operand) -> Operand | None:
    """The operand with a constant's cast carried out; None when the constant is null or no integer."""
    if not isinstance(operand.column, Constant):
        return operand
    value = operand.column.value
    if operand.cast:
        number = parsed_integer(value) if isinstance(value, str) else None
        return None if number is None else Operand(Constant(number), Kind.LONG)
    return None if value is None else operand
