"""Primitive columns in words."""

from oal.catalog import Constant, Kind
from oal.plan import ApdexTier, Compare, Fold, HasValue, Operand, Predicate, Primitive
from oal.printing import quoted

_FOLDS = {
    Fold.COUNT: "rows",
    Fold.SUM: "sum of {value}",
    Fold.MAX: "largest {value}",
    Fold.MIN: "smallest {value}",
    Fold.SUM_DOUBLE: "sum of {value} with fractions",
    Fold.MAX_DOUBLE: "largest {value} with fractions",
    Fold.MIN_DOUBLE: "smallest {value} with fractions",
    Fold.TALLY: "rows by {value} / {step}",
    Fold.LABEL_COUNT: "rows by {label}, the first {limit}",
    Fold.LABEL_SUM: "sum of {value} by {label}, the first {limit}",
}


def primitive_text(primitive: Primitive) -> str:
    """``sum of write.duration where write.l4.duration > 5``; operands have the names of their columns."""
    text = _FOLDS[primitive.fold].format(
        value=_operand_text(primitive.value),
        step=primitive.step,
        label=_operand_text(primitive.label),
        limit=primitive.limit,
    )
    conditions = " and ".join(map(_predicate_text, primitive.where))
    return f"{text} where {conditions}" if conditions else text


def _operand_text(operand: Operand | None) -> str:
    if operand is None:
        return ""
    if isinstance(operand.column, Constant):
        return _literal_text(operand.column.value)
    key = f"[{quoted(operand.key)}]" if operand.key is not None else ""
    return f"{'(long)' if operand.cast else ''}{operand.column.name}{key}"


def _predicate_text(predicate: Predicate) -> str:
    match predicate:
        case Compare(operand=operand, operator=operator, literal=literal):
            # Constants of an enum are kept by their bare names.
            shown = str(literal) if operand.kind is Kind.ENUM and isinstance(literal, str) else _literal_text(literal)
            return f"{_operand_text(operand)} {operator} {shown}"
        case HasValue(operand=operand):
            return f"{_operand_text(operand)} is {'an integer' if operand.cast else 'there'}"
        case ApdexTier(satisfied=satisfied, value=value, name=name, status=status):
            bounds = "<= T" if satisfied else "in T..4T"
            met = (
                "" if status is True else f" and {_predicate_text(status)}" if isinstance(status, Compare) else " never"
            )
            return f"{_operand_text(value)} {bounds}{met}, T of {_operand_text(name)}"


def _literal_text(literal: object) -> str:
    if isinstance(literal, bool):
        return "true" if literal else "false"
    if isinstance(literal, tuple):
        return f"[{', '.join(map(_literal_text, literal))}]"
    return quoted(literal) if isinstance(literal, str) else "null" if literal is None else str(literal)
