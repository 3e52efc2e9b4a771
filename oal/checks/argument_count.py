"""E204: the function gets as many arguments as it declares."""

from oal.bind import BoundRule
from oal.checks.report import Report


def argument_count(rule: BoundRule, report: Report) -> None:
    """No argument is missing and none is too many."""
    if rule.function is None:
        return
    declared = rule.function.arguments
    least = sum(parameter.default is None for parameter in declared)
    given = len(rule.arguments)
    if least <= given <= len(declared):
        return
    takes = str(least) if least == len(declared) else f"{least} to {len(declared)}"
    message = f"{rule.function.name} takes {takes} argument{'' if takes == '1' else 's'}, got {given}"
    report.error("E204", message, rule.syntax.call.span, f"it is declared as {rule.function.signature}")
