"""What the types inside an expression forbid (spec query 2.3 to 2.5)."""

from collections.abc import Iterator

from oap.dashboards.codes import Code
from oap.dashboards.expressions import ExpressionUse
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.outcomes import outcomes
from oap.dashboards.report import Report
from oap.dashboards.trees import parts_of
from oap.query.mqe.errors import Finding, MqeError, Place
from oap.query.mqe.syntax import Expression, IsPresent


def check_misuse(file: str, use: ExpressionUse, expression: Expression, metrics: KnownMetrics, report: Report) -> None:
    """No function and no operator has an operand that it never takes. Unknown metrics count as what they resemble."""
    for finding in dict.fromkeys(_findings(expression, metrics)):
        message = f"cannot be evaluated: {finding.message}"
        report.error(Code.MISUSE, message, file, use.token(finding.place or Place()), finding.hint)


def _findings(expression: Expression, metrics: KnownMetrics) -> Iterator[Finding]:
    found = outcomes(expression, metrics)
    for outcome in found:
        if isinstance(outcome, MqeError):
            yield from outcome.findings
    # Of what nobody can know parts may be known; and is_present takes a mistake for absence.
    for part in _told_nothing_of(expression) if found else parts_of(expression):
        yield from _findings(part, metrics)


def _told_nothing_of(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, IsPresent):
        yield from expression.operands
    else:
        for part in parts_of(expression):
            yield from _told_nothing_of(part)
