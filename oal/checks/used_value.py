"""W302: an attribute that is read is used."""

from oal.bind import BoundRule
from oal.checks.report import Report


def used_value(rule: BoundRule, report: Report) -> None:
    """Functions that count rows get no value path."""
    if rule.function is None or rule.function.needs_value or rule.value is None:
        return
    scope = rule.syntax.source.scope.text
    message = f"{rule.function.name} ignores the attribute '{rule.value.syntax.dotted}'"
    report.warning("W302", message, rule.value.syntax.span, f"write from({scope}.*)")
