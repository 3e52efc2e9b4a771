"""Fields whose reads can be told from their arguments, so that those of a request are made together."""

from collections.abc import Mapping
from typing import Any

from oap.query.duration import parse_duration
from oap.query.entity import EntityInput
from oap.query.execution import Want
from oap.query.graphql.metrics_fields import subject_of
from oap.query.mqe.series import Subject, read_metric
from oap.query.mqe.syntax import Metric, TopN
from oap.query.mqe.top_n import read_top_n
from oap.query.mqe.wanted import want
from oap.query.request import Request

Row = Mapping[str, Any]


def _want_expression(request: Request, arguments: Row) -> None:
    want(arguments["expression"], subject_of(request, arguments["entity"], arguments["duration"]), request.parser)


def _want_metric(request: Request, arguments: Row) -> None:
    condition = arguments["condition"]
    read_metric(Metric(condition["name"]), subject_of(request, condition["entity"], arguments["duration"]))


def _want_top(request: Request, arguments: Row) -> None:
    condition = arguments["condition"]
    entity = EntityInput(service_name=condition.get("parent_service"), normal=condition.get("normal"))
    subject = Subject(entity, parse_duration(arguments["duration"]), request.deps.zone, request.reads)
    read_top_n(TopN(Metric(condition["name"]), condition["top_n"], condition["order"] == "DES"), subject)


WANTS: Mapping[str, Want] = {
    "execExpression": _want_expression,
    "readMetricsValue": _want_metric,
    "readNullableMetricsValue": _want_metric,
    "readMetricsValues": _want_metric,
    "readLabeledMetricsValues": _want_metric,
    "sortMetrics": _want_top,
}
