"""W301: the function is not deprecated."""

from oal.bind import BoundRule
from oal.checks.report import Report


def current_function(rule: BoundRule, report: Report) -> None:
    """The rule does not call a deprecated function."""
    if rule.function is not None and rule.function.deprecated:
        name = rule.syntax.call.name
        report.warning("W301", f"the function {name.text} is deprecated", name.span, rule.function.deprecated)
