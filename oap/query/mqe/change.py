"""How much a metric changed over some steps (spec query 2.5)."""

from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.pairing import combine
from oap.query.mqe.series import Subject, read_metric
from oap.query.mqe.syntax import Change
from oap.query.mqe.value import Result, ResultType, single


def read_change(node: Change, subject: Subject) -> Result:
    """``increase`` or ``rate``; a point is empty where one of its two moments is.

    Raises MqeError for a number of steps below 1 and where the metric gives no time series.
    """
    if node.steps < 1:
        message = f"'{node.function}' needs at least 1 step, not {node.steps}"
        raise MqeError(Finding(message, hint=f"write {node.function}({node.metric.name},1)"))
    now = read_metric(node.metric, subject)
    if now.type is not ResultType.TIME_SERIES_VALUES:
        raise MqeError(f"'{node.function}' needs a time series, '{node.metric.name}' is none for this entity")
    # Two ranges of the same length: each is within what can be read at once, and a plain use of the metric shares one.
    before = read_metric(node.metric, subject.earlier(node.steps))
    change = combine("-", now, before)
    if node.function == "increase":
        return change
    length_s = float(node.steps * subject.duration.step_seconds)
    return combine("/", change, Result(ResultType.SINGLE_VALUE, (single(length_s),)))
