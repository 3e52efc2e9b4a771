"""Rows for a store, made from plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oal.functions.contract import Column, StateColumn, Store, Tables
from oal.functions.registry import FUNCTIONS
from oap.storage.contract import MetricColumns, MetricModel, MetricRows

# Keys are ids of any kind; mappings are not covariant in them.
Values = Mapping[Any, int | Mapping[str, int] | None]


def metric(
    name: str, function: str = "max", scope: str = "K8SService", category: str = "SERVICE", attr0: str | None = None
) -> MetricModel:
    """Model of a metric of a function."""
    shape = FUNCTIONS[function]
    return MetricModel(
        name=name,
        scope=scope,
        category=category,
        function=function,
        columns=shape.columns,
        value_column=shape.value_column,
        value_kind=shape.value_kind,
        has_service_id=category in {"SERVICE_INSTANCE", "ENDPOINT"},
        attr0=attr0,
    )


def records(bucket: int, *metrics: tuple[MetricModel, Values]) -> MetricRows:
    """Records of metrics of one scope in a bucket: value (or value by label key) by entity id, None for no record."""
    model = metrics[0][0]
    entity_ids = list(dict.fromkeys(entity_id for _, values in metrics for entity_id in values))
    services = [entity_id.partition("_")[0] for entity_id in entity_ids] if model.has_service_id else None
    return MetricRows(model.scope, bucket, entity_ids, services, [_columns(*metric, entity_ids) for metric in metrics])


def _columns(model: MetricModel, values: Values, entity_ids: Sequence[str]) -> MetricColumns:
    row = [values.get(entity_id) for entity_id in entity_ids]
    columns = {column.name: _column(model, column, row) for column in model.columns}
    return MetricColumns(model, np.array([value is not None for value in row]), columns)


def _column(model: MetricModel, column: StateColumn, values: Sequence[int | Mapping[str, int] | None]) -> Column:
    if column.store is Store.TABLE:
        return _tables([value if isinstance(value, Mapping) else {} for value in values])
    is_value = column.name == model.value_column
    return np.array([value if is_value and isinstance(value, int) else 0 for value in values], dtype=np.int64)


def _tables(tables: Sequence[Mapping[str, int]]) -> Tables:
    labels = tuple(dict.fromkeys(key for table in tables for key in table))
    return Tables(
        np.cumsum([0, *(len(table) for table in tables)]),
        np.array([labels.index(key) for table in tables for key in table], dtype=np.int64),
        np.array([value for table in tables for value in table.values()], dtype=np.int64),
        labels,
    )
