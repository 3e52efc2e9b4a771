"""A store of metric records in memory, which can refuse to work."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Store, Tables
from oap.storage.contract import (
    HandOver,
    MetricColumns,
    MetricModel,
    MetricRows,
    Storage,
    StorageUnavailable,
)
from tests.oap.window.row_fold import Records, column_values, records_in

Stored = dict[str, dict[str, Mapping[str, object]]]


class RecordStore:
    """Keeps the metric records that are written; the first ``refusals`` writes and loads are refused."""

    def __init__(self, refusals: int = 0, failure: Exception | None = None) -> None:
        self.refusals = refusals
        self.failure = failure
        self.written: list[HandOver] = []
        self.records: Records = {}
        self._stored: dict[tuple[str, int], Stored] = {}

    def as_storage(self) -> Storage:
        """Itself, as far as writers of metrics know storages."""
        return cast("Storage", self)

    def write(self, rows: HandOver) -> None:
        self._may_refuse()
        if self.failure is not None:
            raise self.failure
        self.written.append(rows)
        for scope in rows.metrics:
            self.records |= records_in(scope)
            stored = self._stored.setdefault((scope.scope, scope.bucket), {})
            for metric in scope.metrics:
                columns = {name: _raw(column) for name, column in metric.columns.items()}
                for at in np.flatnonzero(metric.present).tolist():
                    record = {name: values[at] for name, values in columns.items()}
                    stored.setdefault(scope.entity_ids[at], {})[metric.model.name] = record

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        self._may_refuse()
        scope = models[0].scope
        stored = self._stored.get((scope, bucket))
        if not stored:
            return None
        return MetricRows(scope, bucket, list(stored), None, [_columns(model, stored) for model in models])

    def _may_refuse(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StorageUnavailable("not now", retry_after=0.0)


def _raw(column: Column) -> Sequence[object]:
    return column_values(column)


def _columns(model: MetricModel, stored: Stored) -> MetricColumns:
    records = [metrics.get(model.name) for metrics in stored.values()]
    present: npt.NDArray[np.bool_] = np.array([record is not None for record in records])
    columns: dict[str, Column] = {}
    for column in model.columns:
        values = [None if record is None else record[column.name] for record in records]
        if column.store is Store.TABLE:
            columns[column.name] = _tables([cast("dict[str, int]", value or {}) for value in values])
        else:
            filled = [value or 0 for value in values]
            is_double = column.store is Store.DOUBLE
            columns[column.name] = np.array(filled, np.float64) if is_double else np.array(filled, np.int64)
    return MetricColumns(model, present, columns)


def _tables(records: Sequence[Mapping[str, int]]) -> Tables:
    keys = [key for record in records for key in record]
    values = np.array([value for record in records for value in record.values()], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, records)], dtype=np.int64)
    labels = tuple(dict.fromkeys(keys))
    if all(label.lstrip("-").isdigit() for label in labels):
        return Tables(offsets, np.array([int(key) for key in keys], dtype=np.int64), values)
    return Tables(offsets, np.array([labels.index(key) for key in keys], dtype=np.int64), values, labels)
