"""Tree of an expression to its result (spec query 2)."""

from collections.abc import Mapping

from oap.query.mqe.errors import MqeError
from oap.query.mqe.pairing import combine
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.points import aggregate, round_points
from oap.query.mqe.series import Subject, read_metric
from oap.query.mqe.syntax import (
    Aggregate,
    AggregateLabels,
    Baseline,
    Binary,
    Change,
    Expression,
    FirstPresent,
    IsPresent,
    Metric,
    Number,
    Relabels,
    Rounding,
    SortLabelValues,
    SortValues,
    TopN,
    TopNOf,
)
from oap.query.mqe.top_n import read_top_n
from oap.query.mqe.value import Result, ResultType, single
from oap.storage.contract import StorageUnavailable


def execute(text: str, subject: Subject, parser: MqeParser) -> Result:
    """Value of an expression. What is wrong with the text, or with the store, is told in ``error`` and never raised.

    Raises QueryError for a range that no series can have. May block on storage.
    """
    subject.duration.points()
    try:
        return evaluate(parser.parse(text), subject)
    except MqeError as error:
        return Result(ResultType.UNKNOWN, error=str(error))
    except RecursionError:
        return Result(ResultType.UNKNOWN, error="the expression is nested too deeply")
    except StorageUnavailable as error:
        return Result(ResultType.UNKNOWN, error=f"the storage cannot answer now: {error}")


def evaluate(expression: Expression, subject: Subject) -> Result:
    """Value of a tree. Raises MqeError where it has none."""
    match expression:
        case Number(value):
            return Result(ResultType.SINGLE_VALUE, (single(value),))
        case Metric():
            return read_metric(expression, subject)
        case Binary(operator, left, right):
            return combine(operator, evaluate(left, subject), evaluate(right, subject))
        case Aggregate(function, operand):
            return aggregate(function, evaluate(operand, subject))
        case Rounding(function_name, operand, places):
            return round_points(function_name, places, evaluate(operand, subject))
        case TopN():
            return read_top_n(expression, subject)
    name = expression.function if isinstance(expression, Change) else _LATER[type(expression)]
    raise MqeError(f"the function '{name}' is not available yet")


_LATER: Mapping[type, str] = {
    TopNOf: "top_n_of",
    FirstPresent: "view_as_seq",
    IsPresent: "is_present",
    Relabels: "relabels",
    AggregateLabels: "aggregate_labels",
    SortValues: "sort_values",
    SortLabelValues: "sort_label_values",
    Baseline: "baseline",
}
