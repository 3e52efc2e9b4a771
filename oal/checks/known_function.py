"""E203: the function exists."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.functions.registry import FUNCTIONS
from oal.nearest import suggestion


def known_function(rule: BoundRule, report: Report) -> None:
    """The rule calls one of the aggregation functions."""
    if rule.function is not None:
        return
    name = rule.syntax.call.name
    hint = f"{suggestion(name.text, FUNCTIONS)}  (known: {', '.join(FUNCTIONS)})".strip()
    report.error("E203", f"unknown function '{name.text}'", name.span, hint)
