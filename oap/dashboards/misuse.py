"""What the types inside an expression forbid: found by evaluating it over made-up rows (spec query 2.3 to 2.5)."""

from collections.abc import Iterator
from dataclasses import replace

from oap.dashboards.codes import Code
from oap.dashboards.expressions import ExpressionUse
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.report import Report
from oap.dashboards.sample_reads import sample_subject
from oap.dashboards.trees import nodes_of, parts_of, with_parts
from oap.query.mqe.errors import Finding, MqeError, Place
from oap.query.mqe.evaluate import evaluate
from oap.query.mqe.series import Subject
from oap.query.mqe.syntax import Expression, FirstPresent, IsPresent


def check_misuse(file: str, use: ExpressionUse, expression: Expression, metrics: KnownMetrics, report: Report) -> None:
    """No function and no operator has an operand that it never takes. Unknown metrics count as what they resemble."""
    found: dict[Finding, None] = {}
    for part, subject in _readable_parts(expression, metrics):
        for variant in _variants(part):
            found |= dict.fromkeys(_findings(variant, subject))
    for finding in found:
        message = f"cannot be evaluated: {finding.message}"
        report.error(Code.MISUSE, message, file, use.token(finding.place or Place()), finding.hint)


def _readable_parts(expression: Expression, metrics: KnownMetrics) -> Iterator[tuple[Expression, Subject]]:
    """The largest parts whose metrics are known, and what is evaluated in vain inside them."""
    subject = sample_subject(expression, metrics)
    if subject is None:
        for part in parts_of(expression):
            yield from _readable_parts(part, metrics)
        return
    yield expression, subject
    for node in nodes_of(expression):
        if isinstance(node, IsPresent):  # takes a mistake for absence
            yield from ((operand, subject) for operand in node.operands)


def _variants(expression: Expression) -> Iterator[Expression]:
    """The expression with each operand that its ``view_as_seq`` may come to."""
    counts = [len(node.operands) for node in nodes_of(expression) if isinstance(node, FirstPresent)]
    if not counts:
        yield expression
    for number in range(max(counts, default=0)):
        yield _choosing(expression, number)


def _choosing(expression: Expression, number: int) -> Expression:
    if isinstance(expression, FirstPresent):
        chosen = expression.operands[min(number, len(expression.operands) - 1)]
        expression = replace(expression, operands=(chosen,))
    return with_parts(expression, lambda part: _choosing(part, number))


def _findings(expression: Expression, subject: Subject) -> tuple[Finding, ...]:
    try:
        evaluate(expression, subject)
    except MqeError as error:
        return error.findings
    return ()
