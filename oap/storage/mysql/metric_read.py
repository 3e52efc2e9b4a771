"""Reading metric records: by bucket, many series at once, and the largest ones."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, StateColumn, Store
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, SeriesRead, TopEntity, TopRead
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog, day_of
from oap.storage.mysql.metric_write import id_prefix
from oap.storage.mysql.schema import function_table, physical
from oap.storage.reads import may_match, places_by, require_numbers, value_store
from oap.storage.table_text import entries_of, tables_from_texts
from oap.timebucket import Precision, buckets_between, precision_of

T = TypeVar("T")

# MariaDB makes a temporary table of a longer list, and joins it.
_IDS_OF_A_LIST: Final = 1000
_LISTS_OF_A_QUERY: Final = 20


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
    session: Session, catalog: Catalog, reads: Sequence[SeriesRead], first: int, last: int
) -> Sequence[Mapping[int, int | float]]:
    """Values of regular metrics by bucket, ascending; one query for each function."""
    require_numbers(read.model for read in reads)
    return _read(session, catalog, reads, first, last)


def labeled_series(
    session: Session, catalog: Catalog, reads: Sequence[SeriesRead], first: int, last: int
) -> Sequence[Mapping[int, Mapping[str, int]]]:
    """Values of labelled metrics or heatmaps by bucket, ascending, then by key; one query for each function."""
    found = _read(session, catalog, reads, first, last)
    return [{bucket: entries_of(text) for bucket, text in points.items()} for points in found]


def top_n(
    session: Session, catalog: Catalog, reads: Sequence[TopRead], first: int, last: int
) -> Sequence[Sequence[TopEntity]]:
    """Entities by mean value over all days of the range, exact for integers.

    One query for all metrics of integers, one for doubles.
    """
    require_numbers(read.model for read in reads)
    found: list[Sequence[TopEntity]] = [()] * len(reads)
    for store, places in places_by(reads, lambda read: value_store(read.model)).items():
        asked = {place: reads[place] for place in places if reads[place].count > 0 and may_match(reads[place])}
        for place, entities in _top_lists(session, catalog, asked, first, last, store is Store.DOUBLE):
            found[place] = entities
    return found


def _top_lists(
    session: Session, catalog: Catalog, reads: Mapping[int, TopRead], first: int, last: int, is_double: bool
) -> Iterator[tuple[int, Sequence[TopEntity]]]:
    queries, parameters = [], []
    for place, read in reads.items():
        needed = {physical(read.model.value_column)} | ({"service_id"} if read.service_id is not None else set())
        tables = _day_tables(catalog, read.model, first, last, needed)
        if tables:
            queries.append(f"({_top_query(place, read, tables, (first, last), is_double)})")
            for table in tables:
                bounds = _within(read.model, table, first, last)[1]
                parameters += [*bounds, *([] if read.service_id is None else [read.service_id])]
            parameters.append(read.count)
    if not queries:
        return
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for place, entity_id, whole, rest in session.rows(" UNION ALL ".join(queries), parameters):
        sign = -1 if reads[place].descending else 1
        rows.setdefault(place, []).append((sign * whole, sign * rest, entity_id, int(whole)))
    for place, of_read in rows.items():
        yield place, [TopEntity(row[2], row[3]) for row in sorted(of_read)]


def _top_query(place: int, read: TopRead, tables: Sequence[str], range_: tuple[int, int], is_double: bool) -> str:
    """One list, with the position of its read. Parameters: for each table its range and the service; then the count."""
    value = physical(read.model.value_column)
    of_service = "" if read.service_id is None else "AND service_id = %s"
    per_day = " UNION ALL ".join(
        f"SELECT entity_id, SUM({value}) AS total, COUNT({value}) AS points FROM {table} FORCE INDEX (PRIMARY)"
        f" WHERE {_within(read.model, table, *range_)[0]} AND {value} IS NOT NULL {of_service} GROUP BY entity_id"
        for table in tables
    )
    # Whole part and remainder apart: a mean has fewer decimals than it takes to tell two of them apart.
    whole, rest = "SUM(total) DIV SUM(points)", "MOD(SUM(total), SUM(points)) / SUM(points)"
    if is_double:
        whole, rest = "SUM(total) / SUM(points)", "0"
    order = "DESC" if read.descending else "ASC"
    return (
        f"SELECT {place}, entity_id, {whole} AS whole_part, {rest} AS remainder FROM ({per_day}) AS days"
        f" GROUP BY entity_id ORDER BY whole_part {order}, remainder {order}, BINARY entity_id LIMIT %s"
    )


def _stored_rows(session: Session, catalog: Catalog, model: MetricModel, bucket: int) -> list[tuple[Any, ...]]:
    columns = [physical(column.name) for column in model.columns]
    # A table whose metrics were all of services has no column for them; it has no record of this one either.
    needed = {*columns, "service_id"} if model.has_service_id else set(columns)
    tables = _day_tables(catalog, model, bucket, bucket, needed)
    member = "service_id" if model.has_service_id else "NULL"
    found: list[tuple[Any, ...]] = []
    for table in tables:
        condition, bounds = _within(model, table, bucket, bucket)
        found += session.rows(
            f"SELECT entity_id, {member}, {', '.join(columns)} FROM {table} FORCE INDEX (PRIMARY) WHERE {condition}",
            bounds,
        )
    return found


def _read(
    session: Session, catalog: Catalog, reads: Sequence[SeriesRead], first: int, last: int
) -> Sequence[Mapping[int, Any]]:
    buckets = buckets_between(first, last)
    stored: dict[str, Any] = {}
    for places in places_by(reads, lambda read: (function_table(read.model), read.model.value_column)).values():
        lists = list(_lists(catalog, [reads[place] for place in places], buckets))
        for some in _chunks(lists, _LISTS_OF_A_QUERY):
            sql = " UNION ALL ".join(query for query, _ in some)
            stored.update(session.rows(sql, [row_id for _, ids in some for row_id in ids]))
    return [
        {
            bucket: stored[row_id]
            for bucket in buckets
            if (row_id := id_prefix(read.model, bucket) + read.entity_id) in stored
        }
        for read in reads
    ]


def _lists(
    catalog: Catalog, reads: Sequence[SeriesRead], buckets: Sequence[int]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Queries for the values of one function by id, with the ids."""
    model = reads[0].model
    value = physical(model.value_column)
    days = {table[-8:]: table for table in _day_tables(catalog, model, buckets[0], buckets[-1], {value})}
    wanted: dict[str, dict[str, None]] = {}
    for bucket in buckets:
        table = days.get(str(day_of(bucket)))
        if table is not None:
            ids = (id_prefix(read.model, bucket) + read.entity_id for read in reads)
            wanted.setdefault(table, {}).update(dict.fromkeys(ids))
    for table, all_ids in wanted.items():
        for some in _chunks(list(all_ids), _IDS_OF_A_LIST):
            marks = ", ".join(["%s"] * len(some))
            yield f"SELECT id, {value} FROM {table} WHERE id IN ({marks}) AND {value} IS NOT NULL", some


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _day_tables(catalog: Catalog, model: MetricModel, first: int, last: int, columns: set[str]) -> list[str]:
    """Tables of the range that have the columns; of a metric without one there is nothing in the others."""
    tables = catalog.between(function_table(model), first, last)
    return [table for table in tables if columns <= catalog.tables[table].keys()]


def _within(model: MetricModel, table: str, first: int, last: int) -> tuple[str, list[object]]:
    """Condition for the records of a metric in a day table, with its parameters.

    Ids begin with metric and bucket, so the primary key holds the rows of a bucket side by side, and those of its minutes
    next to those of an hour or day: only minutes can be read as one span. The grave accent follows the underscore in all
    collations, and digits come on the same side of both; the other conditions keep out what else lies between.
    """
    day = int(table[-8:])
    spans = [(first, last)]
    if precision_of(first) is not Precision.MINUTE:
        spans = [(bucket, bucket) for bucket in buckets_between(first, last) if day_of(bucket) == day]
    bounds = [text for start, end in spans for text in (id_prefix(model, start), f"{model.name}_{end}`")]
    places = " OR ".join(["id BETWEEN %s AND %s"] * len(spans))
    return f"({places}) AND table_name = %s AND time_bucket BETWEEN %s AND %s", [*bounds, model.name, first, last]


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
