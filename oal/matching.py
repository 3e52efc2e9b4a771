"""Conditions on single values: the meaning of every operator (spec oal 2.2-2.4)."""

import re

Value = str | int | float | bool | tuple[str, ...] | None
MatchLiteral = str | int | bool | tuple[int, ...] | tuple[str, ...] | None

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DIGITS = 19


def matches(value: Value, operator: str, literal: MatchLiteral) -> bool:
    """Whether ``value operator literal`` holds. Null is unequal to every literal but null, and matches nothing else."""
    if operator in {"==", "!="}:
        return (value == literal) == (operator == "==")
    if value is None or literal is None:
        return False
    if isinstance(literal, tuple):
        return value in literal
    if isinstance(literal, str):
        return _matches_text(value, operator, literal)
    return isinstance(value, int | float) and _in_order(value, operator, literal)


def like(text: str, pattern: str) -> bool:
    """``%x%`` contains, ``%x`` ends with, ``x%`` starts with; a pattern without ``%`` at an end matches nothing."""
    if pattern == "%":
        return True
    starts, ends = pattern.startswith("%"), pattern.endswith("%")
    if starts and ends:
        return pattern[1:-1] in text
    if starts:
        return text.endswith(pattern[1:])
    return ends and text.startswith(pattern[:-1])


def parsed_integer(text: str) -> int | None:
    """The 64-bit integer that a cast makes of a text; None when it is none."""
    digits = text.lstrip("+-").lstrip("0") or "0"
    if not _INTEGER.fullmatch(text) or len(digits) > _DIGITS:
        return None
    number = -int(digits) if text.startswith("-") else int(digits)
    return number if -(2**63) <= number < 2**63 else None


def _matches_text(value: Value, operator: str, literal: str) -> bool:
    if operator == "like":
        return isinstance(value, str) and like(value, literal)
    if not isinstance(value, tuple):
        return False
    return (literal in value) == (operator == "contain")


def _in_order(value: float, operator: str, literal: int) -> bool:
    if operator == ">":
        return value > literal
    if operator == "<":
        return value < literal
    return value >= literal if operator == ">=" else value <= literal
