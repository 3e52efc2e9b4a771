"""Metrics and rows that storage tests write."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.contract import Column, Merge, StateColumn, Store, Tables, ValueKind
from oap.storage.contract import (
    HandOver,
    MetricColumns,
    MetricModel,
    MetricRows,
    SeriesRead,
    Storage,
    TopEntity,
    TopRead,
)

Cells = Mapping[str, Sequence[float] | Tables]

MINUTE = 202506111430
HOUR = 2025061114
DAY = 20250611


def model(
    name: str, function: str, columns: Sequence[StateColumn], value: str, kind: ValueKind = ValueKind.REGULAR_VALUE
) -> MetricModel:
    return MetricModel(name, "K8SServiceInstance", "SERVICE_INSTANCE", function, tuple(columns), value, kind, True)


def long(name: str, merge: Merge = Merge.ADD) -> StateColumn:
    return StateColumn(name, Store.LONG, merge)


def table(name: str, merge: Merge = Merge.ADD) -> StateColumn:
    return StateColumn(name, Store.TABLE, merge)


CPM = model("pod_cpm", "cpm", (long("value", Merge.NONE), long("total")), "value")
TIME = model("pod_time", "longAvg", (long("summation"), long("count"), long("value", Merge.NONE)), "value")
LEAST = model("pod_least", "min", (long("value", Merge.MIN),), "value")
LOAD = model(
    "pod_load",
    "doubleAvg",
    (
        StateColumn("double_summation", Store.DOUBLE, Merge.ADD),
        long("count"),
        StateColumn("double_value", Store.DOUBLE, Merge.NONE),
    ),
    "double_value",
)
PERCENTILE = model(
    "pod_percentile",
    "percentile2",
    (table("datatable_value", Merge.NONE), StateColumn("precision", Store.INT, Merge.FIRST), table("dataset")),
    "datatable_value",
    ValueKind.LABELED_VALUE,
)
HEATMAP = model("pod_heatmap", "histogram", (table("dataset"),), "dataset", ValueKind.HEATMAP)
STATUS = model(
    "pod_status",
    "labelCount",
    (table("dataset"), table("datatable_value", Merge.NONE)),
    "datatable_value",
    ValueKind.LABELED_VALUE,
)
SERVICE_CPM = MetricModel(
    "service_cpm", "K8SService", "SERVICE", "cpm", CPM.columns, "value", ValueKind.REGULAR_VALUE, False, "K8S_SERVICE"
)
EDGE_CPM = MetricModel(
    "edge_cpm", "K8SServiceRelation", "SERVICE_RELATION", "cpm", CPM.columns, "value", ValueKind.REGULAR_VALUE, False
)
MODELS = (CPM, TIME, LEAST, LOAD, PERCENTILE, HEATMAP, STATUS, SERVICE_CPM, EDGE_CPM)


def tables(records: Sequence[Mapping[int, int]] | Sequence[Mapping[str, int]]) -> Tables:
    """Tables out of one mapping for each record; text keys make labels."""
    keys = [key for record in records for key in record]
    values = [value for record in records for value in record.values()]
    offsets = np.cumsum([0, *(len(record) for record in records)], dtype=np.int64)
    labels = tuple(dict.fromkeys(key for key in keys if isinstance(key, str)))
    numbers = [labels.index(key) if isinstance(key, str) else key for key in keys]
    return Tables(offsets, np.array(numbers, np.int64), np.array(values, np.int64), labels or None)


def records(metric: MetricModel, columns: Cells, present: Sequence[bool] = ()) -> MetricColumns:
    """Records of a metric, all present unless said otherwise."""
    arrays: dict[str, Column] = {}
    for column in metric.columns:
        values = columns[column.name]
        if isinstance(values, Tables):
            arrays[column.name] = values
        elif column.store is Store.DOUBLE:
            arrays[column.name] = np.array(values, np.float64)
        else:
            arrays[column.name] = np.array(values, np.int64)
    size = len(next(iter(arrays.values())))
    return MetricColumns(metric, np.array(present or [True] * size, np.bool_), arrays)


def cpm(*values: int, metric: MetricModel = CPM, present: Sequence[bool] = ()) -> MetricColumns:
    """Records whose total equals their value."""
    return records(metric, {"value": values, "total": values}, present)


def rows(
    bucket: int, entity_ids: Sequence[str], *metrics: MetricColumns, service_ids: Sequence[str] | None = None
) -> HandOver:
    """A hand-over of one scope; pods belong to the service ``shop`` unless said otherwise."""
    first = metrics[0].model
    services = list(service_ids or ["shop"] * len(entity_ids)) if first.has_service_id else None
    return HandOver(metrics=[MetricRows(first.scope, bucket, list(entity_ids), services, list(metrics))])


def series(storage: Storage, metric: MetricModel, entity_id: str, first: int, last: int) -> Mapping[int, int | float]:
    """One series alone."""
    (found,) = storage.series([SeriesRead(metric, entity_id)], first, last)
    return found


def labeled_series(
    storage: Storage, metric: MetricModel, entity_id: str, first: int, last: int
) -> Mapping[int, Mapping[str, int]]:
    """One labelled series alone."""
    (found,) = storage.labeled_series([SeriesRead(metric, entity_id)], first, last)
    return found


def top_n(
    storage: Storage,
    metric: MetricModel,
    first: int,
    last: int,
    count: int,
    *,
    descending: bool,
    service_id: str | None = None,
    attr0_equal: tuple[str, ...] = (),
    attr0_not_equal: tuple[str, ...] = (),
) -> list[TopEntity]:
    """One list alone."""
    read = TopRead(metric, count, descending, service_id, attr0_equal, attr0_not_equal)
    (found,) = storage.top_n([read], first, last)
    return list(found)


def plain(found: MetricRows | None) -> tuple[object, ...]:
    """Rows as nested tuples that compare by value: bucket, entities, services, then name, presence, columns of each."""
    assert found is not None
    metrics = tuple(
        (metric.model.name, metric.present.tolist(), {name: _plain(column) for name, column in metric.columns.items()})
        for metric in found.metrics
    )
    services = None if found.service_ids is None else list(found.service_ids)
    return (found.scope, found.bucket, list(found.entity_ids), services, *metrics)


def _plain(column: Column) -> list[object]:
    if not isinstance(column, Tables):
        return list(column.tolist())
    bounds = zip(column.offsets[:-1].tolist(), column.offsets[1:].tolist(), strict=True)
    keys = [column.labels[key] if column.labels else key for key in column.keys.tolist()]
    return [list(zip(keys[start:end], column.values[start:end].tolist(), strict=True)) for start, end in bounds]
