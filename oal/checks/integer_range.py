"""E208: numbers fit 63 bits."""

from collections.abc import Iterator

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.syntax import LARGEST, LiteralList, Number


def integer_range(rule: BoundRule, report: Report) -> None:
    """Every number of the rule is at most 2^63 - 1."""
    for number in _numbers(rule):
        if not number.fits:
            shown = number.digits if len(number.digits) < 40 else f"{number.digits[:37]}..."
            report.error("E208", f"the number {shown} is out of range", number.span, f"the largest is {LARGEST}")


def _numbers(rule: BoundRule) -> Iterator[Number]:
    for condition in rule.conditions:
        literal = condition.syntax.literal
        items = literal.items if isinstance(literal, LiteralList) else (literal,)
        yield from (item for item in items if isinstance(item, Number))
    yield from (argument for argument in rule.arguments if isinstance(argument, Number))
