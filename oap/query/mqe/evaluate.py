"""Tree of an expression to its result (spec query 2)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from oap.query.mqe.change import read_change
from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.labels import aggregate_by_labels, relabel, sort_by_labels, sort_by_value
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
from oap.query.mqe.top_n import merge_top_n, read_top_n
from oap.query.mqe.value import Misuse, Result, ResultType, Series, single
from oap.storage.contract import StorageUnavailable


def execute(text: str, subject: Subject, parser: MqeParser) -> Result:
    """Value of an expression. What is wrong with the text, or with the store, is told in ``error`` and never raised.

    Raises QueryError for a range that no series can have. May block on storage.
    """
    subject.duration.points()
    try:
        return evaluate(parser.parse(text), subject)
    except Misuse as misuse:
        return replace(misuse.result, error=str(misuse))
    except MqeError as error:
        return Result(ResultType.UNKNOWN, error=str(error))
    except StorageUnavailable as error:
        return Result(ResultType.UNKNOWN, error=f"the storage cannot answer now: {error}")


def evaluate(expression: Expression, subject: Subject) -> Result:
    """Value of a tree. Raises MqeError, with places, where it has none."""
    try:
        return _evaluate(expression, subject)
    except MqeError as error:
        error.locate(expression.at)
        raise


def _evaluate(expression: Expression, subject: Subject) -> Result:  # noqa: PLR0911, PLR0912, C901  (a case for each node)
    match expression:
        case Number(value):
            return Result(ResultType.SINGLE_VALUE, (single(value),))
        case Metric():
            return read_metric(expression, subject)
        case Binary(operator, left, right):
            return combine(operator, *_all([left, right], subject))
        case Aggregate(function, operand):
            return aggregate(function, _operand(operand, subject))
        case Rounding(function_name, operand, places):
            return round_points(function_name, places, _operand(operand, subject))
        case Change():
            return read_change(expression, subject)
        case TopN():
            return read_top_n(expression, subject)
        case TopNOf(lists):
            return merge_top_n(expression, [evaluate(one, subject) for one in lists])
        case FirstPresent(operands):
            return _first_present(operands, subject)
        case IsPresent(operands):
            return _is_present(operands, subject)
        case Relabels(operand):
            return relabel(expression, _operand(operand, subject))
        case AggregateLabels(operand):
            return aggregate_by_labels(expression, _operand(operand, subject))
        case SortValues(operand):
            return sort_by_value(expression, _operand(operand, subject))
        case SortLabelValues(operand):
            return sort_by_labels(expression, _operand(operand, subject))
        case Baseline(metric):
            return _baseline(metric, subject)


def _operand(expression: Expression, subject: Subject) -> Result:
    """Value of a part. The data beside a misuse are the answer to the misuse alone, not to what is made of them."""
    try:
        return evaluate(expression, subject)
    except Misuse as misuse:
        raise MqeError(*misuse.findings) from None


def _all(expressions: Sequence[Expression], subject: Subject) -> list[Result]:
    """Their values. Raises MqeError with what is wrong in all of them, not only in the first."""
    values: list[Result] = []
    findings: list[Finding] = []
    for expression in expressions:
        try:
            values.append(evaluate(expression, subject))
        except MqeError as error:
            findings += error.findings
    if findings:
        raise MqeError(*findings)
    return values


def _first_present(operands: Sequence[Expression], subject: Subject) -> Result:
    first: Result | MqeError | None = None
    for operand in operands:
        outcome = _attempt(operand, subject)
        if isinstance(outcome, Result) and outcome.has_points:
            return replace(outcome, boolean=False)
        first = first or outcome
    if isinstance(first, MqeError):
        raise first
    assert first is not None  # noqa: S101  (the grammar asks for one operand at least)
    return replace(first, boolean=False)


def _is_present(operands: Sequence[Expression], subject: Subject) -> Result:
    outcomes = (_attempt(operand, subject) for operand in operands)
    is_present = any(isinstance(outcome, Result) and outcome.has_points for outcome in outcomes)
    return Result(ResultType.SINGLE_VALUE, (single(float(is_present)),))


def _attempt(expression: Expression, subject: Subject) -> Result | MqeError:
    try:
        return evaluate(expression, subject)
    except MqeError as error:
        return error


def _baseline(metric: Metric, subject: Subject) -> Result:
    """All points empty, since nothing predicts; as upstream, points are named by buckets and not by milliseconds."""
    subject.model(metric)
    ids = tuple(map(str, subject.duration.buckets()))
    empty = Series((), ids, np.zeros(len(ids)), np.zeros(len(ids), dtype=np.bool_), (None,) * len(ids))
    return Result(ResultType.TIME_SERIES_VALUES, (empty,))
