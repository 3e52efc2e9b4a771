"""What an expression comes to, whatever is stored: its values over made-up rows (spec query 2.3 to 2.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.sample_reads import sample_subject
from oap.dashboards.trees import nodes_of, with_parts
from oap.query.mqe.errors import MqeError
from oap.query.mqe.evaluate import evaluate
from oap.query.mqe.series import Subject
from oap.query.mqe.syntax import Expression, FirstPresent
from oap.query.mqe.value import Result


def outcomes(expression: Expression, metrics: KnownMetrics) -> Sequence[Result | MqeError]:
    """Values or errors, one for each operand that a ``view_as_seq`` inside may choose; none if nobody can know."""
    subject = sample_subject(expression, metrics)
    return [] if subject is None else [_outcome(variant, subject) for variant in _variants(expression)]


def _outcome(expression: Expression, subject: Subject) -> Result | MqeError:
    try:
        return evaluate(expression, subject)
    except MqeError as error:
        return error


def _variants(expression: Expression) -> Iterator[Expression]:
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
