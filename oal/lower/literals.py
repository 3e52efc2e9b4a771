"""Literals as values."""

from oal.matching import MatchLiteral
from oal.syntax import EnumConstant, Literal, LiteralList, Number, Text, Truth


def literal_value(literal: Literal) -> MatchLiteral:
    """What a literal stands for; an enum constant is its bare name, null is None."""
    match literal:
        case Number() | Text() | Truth():
            return literal.value
        case EnumConstant():
            return literal.constant.text
        case LiteralList():
            return tuple(literal_value(item) for item in literal.items)  # type: ignore[return-value]
        case _:
            return None
