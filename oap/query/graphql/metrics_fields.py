"""Fields of metrics.graphqls: expressions and the list of metrics."""

from collections.abc import Mapping
from typing import Any

import re2
from ariadne import QueryType
from graphql import GraphQLResolveInfo

from oap.query.columns import Columns, Known
from oap.query.duration import parse_duration
from oap.query.entity import EntityInput
from oap.query.errors import QueryError
from oap.query.mqe.evaluate import execute
from oap.query.mqe.number_text import number_text
from oap.query.mqe.series import Subject
from oap.query.mqe.value import Owner, Result, Series
from oap.query.request import Request, request_of

query = QueryType()

Row = Mapping[str, Any]


@query.field("execExpression")
def exec_expression(
    _: object,
    info: GraphQLResolveInfo,
    expression: str,
    entity: Row,
    duration: Row,
    **_ignored: object,
) -> Known:
    """Value of an expression; only a wrong range fails the field."""
    request = request_of(info)
    return _result(execute(expression, subject_of(request, entity, duration), request.parser))


@query.field("typeOfMetrics")
def type_of_metrics(_: object, info: GraphQLResolveInfo, name: str) -> str:
    """Kind of a metric."""
    model = request_of(info).reads.models.get(name)
    return "UNKNOWN" if model is None else model.value_kind.value


@query.field("listMetrics")
def list_metrics(_: object, info: GraphQLResolveInfo, regex: str | None = None) -> list[Row]:
    """Metrics by a regular expression of the whole name."""
    pattern = _pattern(regex or ".*")
    return [
        {"name": model.name, "type": model.value_kind.value, "catalog": model.category}
        for model in request_of(info).reads.models.values()
        if pattern.fullmatch(model.name)
    ]


def _pattern(regex: str) -> Any:
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        # RE2 is linear in the text. Other engines try branches, and one request could stop the whole server for hours.
        return re2.compile(regex, quiet)
    except re2.error as error:
        [reason] = error.args
        raise QueryError(f"'{regex}' is no regular expression: {reason.decode()}") from None


def subject_of(request: Request, entity: Row, duration: Row) -> Subject:
    """What a metric is read for, from the inputs. Raises QueryError for a range that is none."""
    return Subject(EntityInput.of(entity), parse_duration(duration), request.deps.zone, request.reads)


def _result(result: Result) -> Known:
    series = [_series(one) for one in result.series]
    return Known({"type": result.type.value, "results": series, "error": result.error, "debuggingTrace": None})


def _series(series: Series) -> Row:
    labels = [{"key": key, "value": value} for key, value in series.labels]
    return {"metric": {"labels": labels}, "values": _values(series)}


def _values(series: Series) -> Columns | list[Row]:
    texts = [
        number_text(value) if present else None
        for value, present in zip(series.values.tolist(), series.present.tolist(), strict=True)
    ]
    nothing = [None] * len(texts)
    if not any(series.owners):
        return Columns(len(texts), {"id": series.ids, "value": texts, "owner": nothing, "traceID": nothing})
    return [
        {"id": id_, "value": text, "owner": owner and _owner(owner), "traceID": None}
        for id_, owner, text in zip(series.ids, series.owners, texts, strict=True)
    ]


def _owner(owner: Owner) -> Row:
    return {
        "scope": owner.scope,
        "serviceID": owner.service_id,
        "serviceName": owner.service_name,
        "normal": owner.normal,
        "serviceInstanceID": owner.service_instance_id,
        "serviceInstanceName": owner.service_instance_name,
        "endpointID": owner.endpoint_id,
        "endpointName": owner.endpoint_name,
    }
