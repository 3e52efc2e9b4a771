"""W303: a pattern can match."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.syntax import Text


def matching_pattern(rule: BoundRule, report: Report) -> None:
    """The text after ``like`` starts or ends with ``%``; without it nothing matches, not even equal text."""
    for condition in rule.conditions:
        literal = condition.syntax.literal
        if condition.syntax.operator != "like" or not isinstance(literal, Text):
            continue
        if not literal.value.startswith("%") and not literal.value.endswith("%"):
            wildcard = "the wildcard is %, not *: " if "*" in literal.value else ""
            hint = f"{wildcard}put % at an end, or compare with =="
            report.warning("W303", "this pattern never matches: no % at either end", literal.span, hint)
