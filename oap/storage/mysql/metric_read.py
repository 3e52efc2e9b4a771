"""Reading metric records: by bucket, as series, and the largest ones."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, StateColumn, Store
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, StorageError, TopEntity
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog, day_of
from oap.storage.mysql.metric_write import id_prefix
from oap.storage.mysql.schema import function_table, physical
from oap.storage.table_text import entries_of, tables_from_texts
from oap.timebucket import buckets_between

_IDS_AT_ONCE: Final = 1000
# Ids begin with metric and bucket, so the primary key holds the rows of a bucket side by side. The grave accent follows
# the underscore in all collations; the other conditions keep out what else lies between.
_IN_RANGE: Final = "id BETWEEN %s AND %s AND table_name = %s AND time_bucket BETWEEN %s AND %s"


def load(session: Session, catalog: Catalog, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
    """All records of the metrics (one scope) in a bucket, by entity id."""
    stored = [_stored_rows(session, catalog, model, bucket) for model in models]
    service_ids = {row[0]: row[1] for rows in stored for row in rows}
    if not service_ids:
        return None
    entity_ids = sorted(service_ids)
    positions = {entity_id: position for position, entity_id in enumerate(entity_ids)}
    return MetricRows(
        models[0].scope,
        bucket,
        entity_ids,
        [service_ids[entity_id] for entity_id in entity_ids] if models[0].has_service_id else None,
        [_records(model, rows, positions) for model, rows in zip(models, stored, strict=True)],
    )


def series(
    session: Session, catalog: Catalog, model: MetricModel, entity_id: str, first: int, last: int
) -> Mapping[int, int | float]:
    """Values of a regular metric by bucket, ascending."""
    _require_numbers(model)
    return dict(_points(session, catalog, model, entity_id, first, last))


def labeled_series(
    session: Session, catalog: Catalog, model: MetricModel, entity_id: str, first: int, last: int
) -> Mapping[int, Mapping[str, int]]:
    """Values of a labelled metric or heatmap by bucket, ascending, then by key."""
    points = _points(session, catalog, model, entity_id, first, last)
    return {bucket: entries_of(text) for bucket, text in points}


def top_n(
    session: Session,
    catalog: Catalog,
    model: MetricModel,
    first: int,
    last: int,
    count: int,
    *,
    descending: bool,
    service_id: str | None,
) -> Sequence[TopEntity]:
    """Entities by mean value over all days of the range, which is exact for integers."""
    _require_numbers(model)
    needed = {physical(model.value_column)} | ({"service_id"} if service_id is not None else set())
    tables = _day_tables(catalog, model, first, last, needed)
    if count <= 0 or not tables:
        return []
    value = physical(model.value_column)
    of_service = "" if service_id is None else "AND service_id = %s"
    bounds = [*_bounds(model, first, last), *([] if service_id is None else [service_id])]
    per_day = " UNION ALL ".join(
        f"SELECT entity_id, SUM({value}) AS total, COUNT({value}) AS points FROM {table} FORCE INDEX (PRIMARY)"
        f" WHERE {_IN_RANGE} AND {value} IS NOT NULL {of_service} GROUP BY entity_id"
        for table in tables
    )
    # Whole part and remainder apart: a mean has fewer decimals than it takes to tell two of them apart.
    whole, rest = "SUM(total) DIV SUM(points)", "MOD(SUM(total), SUM(points)) / SUM(points)"
    if _store_of(model, model.value_column) is Store.DOUBLE:
        whole, rest = "SUM(total) / SUM(points)", "0"
    order = "DESC" if descending else "ASC"
    rows = session.rows(
        f"SELECT entity_id, {whole} AS whole_part, {rest} AS remainder FROM ({per_day}) AS days GROUP BY entity_id"
        f" ORDER BY whole_part {order}, remainder {order}, BINARY entity_id LIMIT %s",
        [*bounds * len(tables), count],
    )
    return [TopEntity(entity_id, int(mean)) for entity_id, mean, _rest in rows]


def _stored_rows(session: Session, catalog: Catalog, model: MetricModel, bucket: int) -> list[tuple[Any, ...]]:
    columns = [physical(column.name) for column in model.columns]
    tables = _day_tables(catalog, model, bucket, bucket, set(columns))
    member = "service_id" if model.has_service_id else "NULL"
    found: list[tuple[Any, ...]] = []
    for table in tables:
        found += session.rows(
            f"SELECT entity_id, {member}, {', '.join(columns)} FROM {table} FORCE INDEX (PRIMARY) WHERE {_IN_RANGE}",
            _bounds(model, bucket, bucket),
        )
    return found


def _points(
    session: Session, catalog: Catalog, model: MetricModel, entity_id: str, first: int, last: int
) -> list[tuple[Any, ...]]:
    value = physical(model.value_column)
    days = {table[-8:]: table for table in _day_tables(catalog, model, first, last, {value})}
    wanted: dict[str, list[str]] = {}
    for bucket in buckets_between(first, last):
        table = days.get(str(day_of(bucket)))
        if table is not None:
            wanted.setdefault(table, []).append(id_prefix(model, bucket) + entity_id)
    found: list[tuple[Any, ...]] = []
    for table, ids in wanted.items():
        for start in range(0, len(ids), _IDS_AT_ONCE):
            chunk = ids[start : start + _IDS_AT_ONCE]
            marks = ", ".join(["%s"] * len(chunk))
            found += session.rows(
                f"SELECT time_bucket, {value} FROM {table} WHERE id IN ({marks}) AND {value} IS NOT NULL", chunk
            )
    return sorted(found, key=lambda row: int(row[0]))


def _day_tables(catalog: Catalog, model: MetricModel, first: int, last: int, columns: set[str]) -> list[str]:
    """Tables of the range that have the columns; of a metric without one there is nothing in the others."""
    tables = catalog.between(function_table(model), first, last)
    return [table for table in tables if columns <= catalog.tables[table].keys()]


def _bounds(model: MetricModel, first: int, last: int) -> list[object]:
    return [f"{model.name}_{first}", f"{model.name}_{last}`", model.name, first, last]


def _records(model: MetricModel, rows: Sequence[tuple[Any, ...]], positions: Mapping[str, int]) -> MetricColumns:
    places = np.array([positions[row[0]] for row in rows], np.int64)
    present = np.zeros(len(positions), np.bool_)
    present[places] = True
    columns = {
        column.name: _column(model, column, [row[2 + number] for row in rows], places, len(positions))
        for number, column in enumerate(model.columns)
    }
    return MetricColumns(model, present, columns)


def _column(
    model: MetricModel, column: StateColumn, values: list[Any], places: npt.NDArray[np.int64], size: int
) -> Column:
    if column.store is Store.TABLE:
        texts: list[str | None] = [None] * size
        for place, text in zip(places.tolist(), values, strict=True):
            texts[place] = text
        return tables_from_texts(model, column, texts)
    numbers: npt.NDArray[Any] = np.zeros(size, np.float64 if column.store is Store.DOUBLE else np.int64)
    numbers[places] = [0 if value is None else value for value in values]
    return numbers


def _store_of(model: MetricModel, name: str) -> Store:
    return next(column.store for column in model.columns if column.name == name)


def _require_numbers(model: MetricModel) -> None:
    if _store_of(model, model.value_column) is Store.TABLE:
        raise StorageError(f"metric '{model.name}' has labelled values, no single one")
