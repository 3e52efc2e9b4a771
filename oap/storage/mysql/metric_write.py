"""Writing metric records: each is a row of its function's table, and the whole row replaces the stored one."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from oal.functions.contract import StateColumn, Store, Tables
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, StorageError
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import day_of
from oap.storage.mysql.literals import escaped, number_literals, rows_of, text_literal, text_literals, upserts
from oap.storage.mysql.rejected import Rejections
from oap.storage.mysql.schema import (
    ATTRIBUTES,
    LONGEST_ID,
    LONGEST_MEMBER,
    function_table,
    has_attributes,
    physical,
)
from oap.storage.table_text import table_texts


def refuse_what_cannot_be_stored(known: Mapping[str, MetricModel], rows: MetricRows) -> None:
    """StorageError when a metric was not prepared or an entity comes twice."""
    if len(set(rows.entity_ids)) != len(rows.entity_ids):
        raise StorageError(f"an entity occurs twice in the rows of {rows.scope} in bucket {rows.bucket}")
    for metric in rows.metrics:
        model = known.get(metric.model.name)
        if metric.present.any() and (model != metric.model or metric.model.scope != rows.scope):
            raise StorageError(f"metric '{metric.model.name}' was not prepared for scope {rows.scope}")


def write_metrics(session: Session, rows: MetricRows, most_rows: int, rejections: Rejections) -> None:
    """Write the records of one scope and bucket into tables that exist."""
    entities = pa.array(rows.entity_ids, pa.string())
    services = None if rows.service_ids is None else pa.array(rows.service_ids, pa.string())
    keys = escaped(entities)
    members = None if services is None else text_literals(services)
    room = LONGEST_ID - pc.utf8_length(entities).to_numpy(zero_copy_only=False).astype(np.int64)
    has_service = _fits(services, LONGEST_MEMBER, len(rows.entity_ids))
    for metric in rows.metrics:
        prefix = id_prefix(metric.model, rows.bucket)
        fits = (room >= len(prefix)) & has_service
        chosen = metric.present & fits
        rejections.add(metric.model.name, int((metric.present & ~fits).sum()))
        if not chosen.any():
            continue
        parts = [*_keys(metric, keys, members, prefix), *_values(metric), str(rows.bucket)]
        names = list(column_names(metric.model))
        texts = rows_of(parts)
        texts = texts if chosen.all() else texts.filter(pa.array(chosen))
        for statement in upserts(
            f"{function_table(metric.model)}_{day_of(rows.bucket)}", names, names[1:], texts, most_rows
        ):
            session.send(statement)


def column_names(model: MetricModel) -> Iterator[str]:
    """The columns that a record of the metric fills; the other attributes stay NULL, unsaid."""
    yield from ("id", "table_name", "entity_id")
    if model.has_service_id:
        yield "service_id"
    if _has_layer(model):
        yield ATTRIBUTES[0]
    yield from (physical(column.name) for column in model.columns)
    yield "time_bucket"


def id_prefix(model: MetricModel, bucket: int) -> str:
    """What stands before the entity's id in the id of a record."""
    return f"{model.name}_{bucket}_"


def _fits(texts: pa.Array | None, length: int, size: int) -> npt.NDArray[np.bool_]:
    if texts is None:
        return np.ones(size, np.bool_)
    lengths: npt.NDArray[np.int64] = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
    return np.asarray(lengths <= length, np.bool_)


def _keys(metric: MetricColumns, keys: pa.Array, members: pa.Array | None, prefix: str) -> Sequence[pa.Array | str]:
    model = metric.model
    opening = text_literal(prefix)[:-1]
    ids = pc.binary_join_element_wise(opening, keys, "'", "")
    parts: list[pa.Array | str] = [ids, text_literal(model.name), pc.binary_join_element_wise("'", keys, "'", "")]
    if model.has_service_id:
        parts.append("NULL" if members is None else members)
    if _has_layer(model):
        parts.append(text_literal(model.attr0))
    return parts


def _has_layer(model: MetricModel) -> bool:
    return has_attributes(model) and model.attr0 is not None


def _values(metric: MetricColumns) -> Iterator[pa.Array]:
    return (_literals(metric, column) for column in metric.model.columns)


def _literals(metric: MetricColumns, column: StateColumn) -> pa.Array:
    values = metric.columns[column.name]
    if isinstance(values, Tables):
        return text_literals(table_texts(values).cast(pa.string()))
    dtype = np.float64 if column.store is Store.DOUBLE else np.int64
    return number_literals(values.astype(dtype, copy=False))
