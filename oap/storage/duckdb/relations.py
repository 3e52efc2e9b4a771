"""Edges between services and between instances, by bucket and side (spec entities 9)."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Sequence
from typing import Final, TypeVar

import duckdb
import pyarrow as pa

from oap.storage.contract import InstanceRelationRow, ServiceRelationRow
from oap.storage.duckdb.database import Database, located
from oap.storage.duckdb.metric_write import registered
from oap.storage.duckdb.schema import instance_relation_table, service_relation_table
from oap.timebucket import Precision, precision_of

_RowT = TypeVar("_RowT", ServiceRelationRow, InstanceRelationRow)

_KEY: Final = ("bucket", "is_server_side", "entity_id")
_SERVICES: Final = ("source_service_id", "dest_service_id")
_INSTANCES: Final = ("source_service_instance_id", "dest_service_instance_id")

_SAME_EDGE: Final = (
    "stored.bucket BETWEEN ? AND ? AND stored.bucket = seen.bucket"
    " AND stored.is_server_side = seen.is_server_side AND stored.entity_id = seen.entity_id"
)
_STORED_COMPONENTS: Final = "string_split(nullif(stored.component_ids, ''), '|')::BIGINT[]"
_UNITED: Final = f"array_to_string(list_sort(list_distinct(list_concat({_STORED_COMPONENTS}, seen.components))), '|')"


def write_service_relations(connection: duckdb.DuckDBPyConnection, rows: Sequence[ServiceRelationRow]) -> None:
    """Insert edges; the components of an edge that exists are united."""
    for precision, members in _by_precision(rows):
        incoming = _columns(members, (*_KEY, *_SERVICES)).append_column(
            "components", pa.array([row.component_ids for row in members], pa.list_(pa.int64()))
        )
        with registered(connection, incoming):
            connection.execute(
                f"""
                MERGE INTO {located(service_relation_table(precision))} AS stored
                USING (
                    SELECT {", ".join(_KEY)}, {_any(_SERVICES)},
                        list_sort(list_distinct(flatten(list(components)))) AS components
                    FROM incoming GROUP BY {", ".join(_KEY)}
                ) AS seen
                ON {_SAME_EDGE}
                WHEN MATCHED AND stored.component_ids <> {_UNITED} THEN UPDATE SET component_ids = {_UNITED}
                WHEN NOT MATCHED THEN INSERT ({", ".join((*_KEY, *_SERVICES))}, component_ids)
                    VALUES ({_seen((*_KEY, *_SERVICES))}, array_to_string(seen.components, '|'))
                """,
                _bounds(members),
            )


def write_instance_relations(connection: duckdb.DuckDBPyConnection, rows: Sequence[InstanceRelationRow]) -> None:
    """Insert edges that do not exist; the others stay as they are."""
    names = (*_KEY, *_SERVICES, *_INSTANCES)
    for precision, members in _by_precision(rows):
        with registered(connection, _columns(members, names)):
            connection.execute(
                f"""
                MERGE INTO {located(instance_relation_table(precision))} AS stored
                USING (
                    SELECT {", ".join(_KEY)}, {_any((*_SERVICES, *_INSTANCES))} FROM incoming GROUP BY {", ".join(_KEY)}
                ) AS seen
                ON {_SAME_EDGE}
                WHEN NOT MATCHED THEN INSERT BY NAME
                """,
                _bounds(members),
            )


def service_relations(
    database: Database, first: int, last: int, service_ids: Sequence[str] | None
) -> Sequence[ServiceRelationRow]:
    """Edges of a range that touch one of the services, each with its earliest bucket."""
    wanted = ""
    parameters: list[object] = [first, last]
    if service_ids is not None:
        wanted = "AND (list_contains(?::VARCHAR[], source_service_id) OR list_contains(?::VARCHAR[], dest_service_id))"
        parameters += [list(service_ids), list(service_ids)]
    found = database.rows(
        f"""
        SELECT min(bucket), is_server_side, entity_id, {_any(_SERVICES)}, component_ids
        FROM {located(service_relation_table(precision_of(first)))} WHERE bucket BETWEEN ? AND ? {wanted}
        GROUP BY is_server_side, entity_id, component_ids ORDER BY is_server_side, entity_id, component_ids
        """,
        parameters,
    )
    return [
        ServiceRelationRow(bucket, is_server_side, entity_id, source, dest, _components(components))
        for bucket, is_server_side, entity_id, source, dest, components in found
    ]


def instance_relations(
    database: Database, first: int, last: int, client_service_id: str, server_service_id: str
) -> Sequence[InstanceRelationRow]:
    """Edges of a range between the instances of two services, whichever of them calls."""
    pair = (client_service_id, server_service_id)
    found = database.rows(
        f"""
        SELECT min(bucket), is_server_side, entity_id, any_value(source_service_id),
            any_value(source_service_instance_id), any_value(dest_service_id), any_value(dest_service_instance_id)
        FROM {located(instance_relation_table(precision_of(first)))} WHERE bucket BETWEEN ? AND ?
            AND ((source_service_id = ? AND dest_service_id = ?) OR (dest_service_id = ? AND source_service_id = ?))
        GROUP BY is_server_side, entity_id ORDER BY is_server_side, entity_id
        """,
        [first, last, *pair, *pair],
    )
    return [InstanceRelationRow(*row) for row in found]


def _by_precision(rows: Sequence[_RowT]) -> list[tuple[Precision, list[_RowT]]]:
    groups: dict[Precision, list[_RowT]] = {}
    for row in rows:
        groups.setdefault(precision_of(row.bucket), []).append(row)
    return list(groups.items())


def _bounds(rows: Sequence[ServiceRelationRow] | Sequence[InstanceRelationRow]) -> list[int]:
    buckets = [row.bucket for row in rows]
    return [min(buckets), max(buckets)]


def _columns(rows: Sequence[object], names: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows]) for name in names})


def _any(names: Sequence[str]) -> str:
    return ", ".join(f"any_value({name}) AS {name}" for name in names)


def _seen(names: Sequence[str]) -> str:
    return ", ".join(f"seen.{name}" for name in names)


def _components(text: str) -> tuple[int, ...]:
    return tuple(int(component) for component in text.split("|")) if text else ()
