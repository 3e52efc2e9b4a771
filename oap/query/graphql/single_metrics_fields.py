"""Fields of single-metrics.graphqls: the queries that came before expressions (spec query 1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import trunc
from typing import Any

from ariadne import QueryType
from graphql import GraphQLResolveInfo

from oal.functions.contract import ValueKind
from oap.query.duration import parse_duration
from oap.query.entity import EntityInput
from oap.query.errors import QueryError
from oap.query.graphql.metrics_fields import subject_of
from oap.query.mqe.errors import MqeError
from oap.query.mqe.series import Subject, label_pairs
from oap.query.mqe.syntax import Metric, TopN
from oap.query.mqe.top_n import read_top_n
from oap.query.request import Request, request_of
from oap.storage.contract import MetricModel

query = QueryType()

Row = Mapping[str, Any]

_UNKNOWN_METRIC = "UNKNOWN_METRIC_NAME"
_ILLEGAL_ENTITY = "ILLEGAL_ENTITY"


@query.field("readMetricsValue")
def read_metrics_value(_: object, info: GraphQLResolveInfo, condition: Row, duration: Row) -> int:
    """Mean, 0 when there is nothing."""
    return _mean(request_of(info), condition, duration) or 0


@query.field("readNullableMetricsValue")
def read_nullable_metrics_value(_: object, info: GraphQLResolveInfo, condition: Row, duration: Row) -> Row:
    """Mean, or the mark that there is nothing."""
    mean = _mean(request_of(info), condition, duration)
    return {"value": mean or 0, "is_empty_value": mean is None}


@query.field("readMetricsValues")
def read_metrics_values(_: object, info: GraphQLResolveInfo, condition: Row, duration: Row) -> Row:
    """One value for each point of the range."""
    subject = subject_of(request_of(info), condition["entity"], duration)
    model = subject.reads.models.get(condition["name"])
    if model is None:
        return _values(None, {}, subject, _UNKNOWN_METRIC)
    entity_id = subject.entity.id_for(model.category)
    if entity_id is None:
        return _values(None, {}, subject, _ILLEGAL_ENTITY)
    stored = subject.reads.series(model, entity_id, subject.duration) if _is_regular(model) else {}
    return _values(None, stored, subject, entity_id)


@query.field("readLabeledMetricsValues")
def read_labeled_metrics_values(
    _: object, info: GraphQLResolveInfo, condition: Row, labels: Sequence[str], duration: Row
) -> list[Row]:
    """One list of values for each stored key; labels are those under the name ``_``."""
    subject = subject_of(request_of(info), condition["entity"], duration)
    model = subject.reads.models.get(condition["name"])
    if model is None or model.value_kind is not ValueKind.LABELED_VALUE:
        return [_values(label, {}, subject, _UNKNOWN_METRIC) for label in labels]
    entity_id = subject.entity.id_for(model.category)
    if entity_id is None:
        return [_values(label, {}, subject, _ILLEGAL_ENTITY) for label in labels]
    by_key: dict[str, dict[int, int]] = {}
    for bucket, table in subject.reads.labeled_series(model, entity_id, subject.duration).items():
        for key, value in table.items():
            by_key.setdefault(key, {})[bucket] = value
    return [_values(key, by_key[key], subject, entity_id) for key in sorted(by_key) if _is_wanted(key, labels)]


@query.field("sortMetrics")
def sort_metrics(_: object, info: GraphQLResolveInfo, condition: Row, duration: Row) -> list[Row]:
    """The same list as ``top_n``."""
    request = request_of(info)
    entity = EntityInput(service_name=condition.get("parent_service"), normal=condition.get("normal"))
    subject = Subject(entity, parse_duration(duration), request.deps.zone, request.reads)
    top = TopN(Metric(condition["name"]), condition["top_n"], condition["order"] == "DES")
    try:
        series = read_top_n(top, subject).series[0]
    except MqeError as error:
        # There is no expression that has lines and columns.
        placeless = MqeError(*(replace(finding, place=None) for finding in error.findings))
        raise QueryError(str(placeless)) from None
    return [
        {"name": name, "id": _owned_id(owner) or name, "value": str(trunc(value)), "ref_id": None}
        for name, owner, value in zip(series.ids, series.owners, series.values.tolist(), strict=True)
    ]


@query.field("readHeatMap")
def read_heat_map(_: object, info: GraphQLResolveInfo, condition: Row, duration: Row) -> Row:
    """Zeros in one bucket without bounds: there is no heatmap metric."""
    subject = subject_of(request_of(info), condition["entity"], duration)
    columns = [{"id": str(bucket), "values": [0]} for bucket in subject.duration.buckets()]
    return {"values": columns, "buckets": [{"min": "0", "max": "infinite+"}]}


@query.field("readSampledRecords")
@query.field("readRecords")
def read_records(_: object, __: GraphQLResolveInfo, **_ignored: object) -> list[Row]:
    """No record is sampled."""
    return []


def _is_regular(model: MetricModel) -> bool:
    return model.value_kind is ValueKind.REGULAR_VALUE


def _is_wanted(key: str, labels: Sequence[str]) -> bool:
    # Quirk: labels are looked for under the name that metrics had before labels had names.
    return not labels or dict(label_pairs(key)).get("_") in labels


def _owned_id(owner: object) -> str | None:
    for member in ("endpoint_id", "service_instance_id", "service_id"):
        found: str | None = getattr(owner, member, None)
        if found:
            return found
    return None


def _mean(request: Request, condition: Row, duration: Row) -> int | None:
    subject = subject_of(request, condition["entity"], duration)
    model = subject.reads.models.get(condition["name"])
    entity_id = None if model is None or not _is_regular(model) else subject.entity.id_for(model.category)
    if model is None or entity_id is None:
        return None
    values = subject.reads.series(model, entity_id, subject.duration).values()
    return trunc(sum(values) / len(values)) if values else None


def _values(label: str | None, stored: Mapping[int, int | float], subject: Subject, entity_id: str) -> Row:
    points = [
        {"id": f"{bucket}_{entity_id}", "value": trunc(stored.get(bucket, 0)), "is_empty_value": bucket not in stored}
        for bucket in subject.duration.buckets()
    ]
    return {"label": label, "values": {"values": points}}
