"""E213: steps, precisions and limits are at least 1."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.functions.contract import Takes
from oal.syntax import Number


def positive_parameter(rule: BoundRule, report: Report) -> None:
    """No integer parameter is 0 (there are no negative literals)."""
    if rule.function is None:
        return
    for parameter, argument in zip(rule.function.arguments, rule.arguments, strict=False):
        if parameter.takes is Takes.INTEGER and isinstance(argument, Number) and argument.fits and argument.value < 1:
            message = f"parameter '{parameter.name}' of {rule.function.name} is {argument.value}"
            report.error("E213", message, argument.span, "it has to be 1 or more")
