"""What an expression reads, before it is evaluated."""

from collections.abc import Iterator
from contextlib import suppress

from oap.query.errors import QueryError
from oap.query.mqe.errors import MqeError
from oap.query.mqe.evaluate import evaluate
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.series import Subject
from oap.query.mqe.syntax import (
    Aggregate,
    AggregateLabels,
    Binary,
    Change,
    Expression,
    FirstPresent,
    IsPresent,
    Metric,
    Relabels,
    Rounding,
    SortLabelValues,
    SortValues,
    TopN,
    TopNOf,
)

Reading = Metric | Change | TopN


def want(text: str, subject: Subject, parser: MqeParser) -> None:
    """Make all reads of an expression, for ``Reads.together`` to note; what is wrong with it is left to its evaluation.

    No operand decides whether another one is read: ``view_as_seq`` wants all of its operands at once.
    """
    with suppress(MqeError):
        for reading in _readings(parser.parse(text)):
            with suppress(MqeError, QueryError):
                evaluate(reading, subject)


def _readings(expression: Expression) -> Iterator[Reading]:
    match expression:
        case Metric() | Change() | TopN():
            yield expression
        case Binary(left=left, right=right):
            yield from _readings(left)
            yield from _readings(right)
        case (
            Aggregate(operand=operand)
            | Rounding(operand=operand)
            | Relabels(operand=operand)
            | AggregateLabels(operand=operand)
            | SortValues(operand=operand)
            | SortLabelValues(operand=operand)
        ):
            yield from _readings(operand)
        case FirstPresent(operands=operands) | IsPresent(operands=operands) | TopNOf(lists=operands):
            for operand in operands:
                yield from _readings(operand)
