"""Reading metric records: by bucket, as series, and the largest ones."""

# ruff: noqa: S608  (names come from the catalogue and are quoted, values are always parameters)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from oal.functions.contract import Column, StateColumn, Store
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, StorageError, TopEntity
from oap.storage.duckdb.database import Database, located, quoted
from oap.storage.duckdb.schema import Catalog, metric_column, metric_table
from oap.storage.table_text import entries_of, tables_from_texts
from oap.timebucket import precision_of

_IN_RANGE: Final = "time_bucket BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class MetricReader:
    """Reads the metrics that the catalogue has; of any other metric there is nothing."""

    database: Database
    catalog: Catalog

    def load(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        """All records of the metrics (one scope) in a bucket, by entity id."""
        known = [model for model in models if self.catalog.fits(model)]
        if not known:
            return None
        names = [quoted(metric_column(model, column.name)) for model in known for column in model.columns]
        present = " OR ".join(f"{_value_of(model)} IS NOT NULL" for model in known)
        table = located(metric_table(known[0].scope, precision_of(bucket)))
        found = self.database.table(
            f"SELECT entity_id, service_id, {', '.join(names)} FROM {table} WHERE time_bucket = ? AND ({present})"
            " ORDER BY entity_id",
            [bucket],
        )
        if found.num_rows == 0:
            return None
        service_ids = found["service_id"].to_pylist() if known[0].has_service_id else None
        records = [_records(model, found) for model in known]
        return MetricRows(known[0].scope, bucket, found["entity_id"].to_pylist(), service_ids, records)

    def series(self, model: MetricModel, entity_id: str, first: int, last: int) -> Mapping[int, int | float]:
        """Values of a regular metric by bucket, ascending."""
        _require_numbers(model)
        return dict(self._points(model, entity_id, first, last))

    def labeled_series(
        self, model: MetricModel, entity_id: str, first: int, last: int
    ) -> Mapping[int, Mapping[str, int]]:
        """Values of a labelled metric or heatmap by bucket, ascending, then by key."""
        return {bucket: entries_of(text) for bucket, text in self._points(model, entity_id, first, last)}

    def top_n(
        self, model: MetricModel, first: int, last: int, count: int, *, descending: bool, service_id: str | None
    ) -> Sequence[TopEntity]:
        """Entities by mean value, which is exact for integers."""
        _require_numbers(model)
        table = metric_table(model.scope, precision_of(first))
        if count <= 0 or not self.catalog.fits(model):
            return []
        value = _value_of(model)
        # Whole part and remainder apart: a mean in floating point has 53 bits, stored values have 63.
        whole, rest = f"sum({value}) // count({value})", f"(sum({value}) % count({value}))::DOUBLE / count({value})"
        if _value_store(model) is Store.DOUBLE:
            whole, rest = f"avg({value})", "0"
        order = "DESC" if descending else "ASC"
        of_service = "" if service_id is None else "AND service_id = ?"
        rows = self.database.rows(
            f"SELECT entity_id, {whole} AS whole, {rest} AS rest FROM {located(table)}"
            f" WHERE {_IN_RANGE} AND {value} IS NOT NULL {of_service}"
            f" GROUP BY entity_id ORDER BY whole {order}, rest {order}, entity_id LIMIT ?",
            [first, last, *([] if service_id is None else [service_id]), count],
        )
        return [TopEntity(entity_id, int(mean)) for entity_id, mean, _rest in rows]

    def _points(self, model: MetricModel, entity_id: str, first: int, last: int) -> list[tuple[Any, ...]]:
        if not self.catalog.fits(model):
            return []
        value, table = _value_of(model), metric_table(model.scope, precision_of(first))
        return self.database.rows(
            f"SELECT time_bucket, {value} FROM {located(table)}"
            f" WHERE {_IN_RANGE} AND entity_id = ? AND {value} IS NOT NULL ORDER BY time_bucket",
            [first, last, entity_id],
        )


def _records(model: MetricModel, found: pa.Table) -> MetricColumns:
    present = pc.is_valid(found[metric_column(model, model.value_column)]).to_numpy()
    columns = {column.name: _column(model, column, found) for column in model.columns}
    return MetricColumns(model, np.array(present), columns)


def _column(model: MetricModel, column: StateColumn, found: pa.Table) -> Column:
    values = found[metric_column(model, column.name)]
    if column.store is Store.TABLE:
        return tables_from_texts(model, column, values.to_pylist())
    # A copy, because Arrow's buffers are read-only and the reader may add to what it loads.
    return np.array(pc.fill_null(values, 0).to_numpy())


def _value_of(model: MetricModel) -> str:
    return quoted(metric_column(model, model.value_column))


def _value_store(model: MetricModel) -> Store:
    return next(column.store for column in model.columns if column.name == model.value_column)


def _require_numbers(model: MetricModel) -> None:
    if _value_store(model) is Store.TABLE:
        raise StorageError(f"metric '{model.name}' has labelled values, no single one")
