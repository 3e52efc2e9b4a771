"""Edges between services and between instances, by bucket and side (spec storage 1.6, 8.6)."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

from collections.abc import Sequence
from typing import Any, Final

from oap.storage.contract import InstanceRelationRow, ServiceRelationRow
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog, day_of
from oap.storage.mysql.literals import inserted
from oap.storage.mysql.rejected import Rejections
from oap.storage.mysql.schema import INSTANCE_EDGES, LONGEST_ID, SERVICE_EDGES

Cells = list[str | int | None]

_AT_ONCE: Final = 1000
_LONGEST_END: Final = 250
_SERVICES: Final = "source_service_id, dest_service_id"
_PODS: Final = "source_service_id, source_service_instance_id, dest_service_id, dest_service_instance_id"


def write_service_relations(session: Session, rows: Sequence[ServiceRelationRow], rejections: Rejections) -> None:
    """Insert edges; the components of an edge that exists are united."""
    tables: dict[str, dict[str, ServiceRelationRow]] = {}
    components: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        raw = SERVICE_EDGES[row.is_server_side].raw
        if _is_too_long(row.bucket, row.entity_id, row.source_service_id, row.dest_service_id):
            rejections.add(raw, 1)
            continue
        table, key = f"{raw}_{day_of(row.bucket)}", f"{row.bucket}_{row.entity_id}"
        tables.setdefault(table, {})[key] = row
        components.setdefault((table, key), set()).update(row.component_ids)
    for table, members in tables.items():
        names = ["id", "table_name", *(column.name for column in SERVICE_EDGES[0].columns)]
        stored = _stored_components(session, table, list(members))
        cells: list[Cells] = []
        for key, row in members.items():
            united = "|".join(map(str, sorted(components[table, key].union(_components(stored.get(key, ""))))))
            if key not in stored or stored[key] != united:
                ends = [row.source_service_id, row.dest_service_id]
                cells.append([key, table[:-9], *ends, united, row.entity_id, row.bucket])
        for start in range(0, len(cells), _AT_ONCE):
            session.send(inserted(table, names, ["component_ids"], cells[start : start + _AT_ONCE]))


def write_instance_relations(session: Session, rows: Sequence[InstanceRelationRow], rejections: Rejections) -> None:
    """Insert edges that do not exist; the others stay as they are."""
    tables: dict[str, dict[str, Cells]] = {}
    for row in rows:
        raw = INSTANCE_EDGES[row.is_server_side].raw
        ends = [
            row.source_service_id,
            row.source_service_instance_id,
            row.dest_service_id,
            row.dest_service_instance_id,
        ]
        if _is_too_long(row.bucket, row.entity_id, *ends):
            rejections.add(raw, 1)
            continue
        key = f"{row.bucket}_{row.entity_id}"
        table = tables.setdefault(f"{raw}_{day_of(row.bucket)}", {})
        table.setdefault(key, [key, raw, *ends, row.entity_id, row.bucket])
    names = ["id", "table_name", *(column.name for column in INSTANCE_EDGES[0].columns)]
    for table_name, members in tables.items():
        cells = list(members.values())
        for start in range(0, len(cells), _AT_ONCE):
            session.send(inserted(table_name, names, ["id"], cells[start : start + _AT_ONCE]))


def service_relations(
    session: Session, catalog: Catalog, first: int, last: int, service_ids: Sequence[str] | None
) -> Sequence[ServiceRelationRow]:
    """Edges of a range that touch one of the services, each with its earliest bucket."""
    wanted, ids = "", list(service_ids or ())
    if service_ids is not None:
        if not ids:
            return []
        marks = ", ".join(["%s"] * len(ids))
        wanted = f"AND (source_service_id IN ({marks}) OR dest_service_id IN ({marks}))"
    found: dict[tuple[bool, str, str], ServiceRelationRow] = {}
    for is_server_side, shape in enumerate(SERVICE_EDGES):
        for table in catalog.between(shape.raw, first, last):
            rows = session.rows(
                f"SELECT MIN(time_bucket), entity_id, {_any(_SERVICES)}, component_ids FROM {table}"
                f" WHERE table_name = %s AND time_bucket BETWEEN %s AND %s {wanted} GROUP BY entity_id, component_ids",
                [shape.raw, first, last, *ids, *ids],
            )
            for bucket, entity_id, source, dest, components in rows:
                key = (bool(is_server_side), entity_id, components or "")
                # Days are ascending, so what is there is earlier.
                edge = ServiceRelationRow(bucket, key[0], entity_id, source, dest, _components(components))
                found.setdefault(key, edge)
    return [found[key] for key in sorted(found)]


def instance_relations(
    session: Session, catalog: Catalog, first: int, last: int, client_service_id: str, server_service_id: str
) -> Sequence[InstanceRelationRow]:
    """Edges of a range between the instances of two services, whichever of them calls."""
    pair = [client_service_id, server_service_id]
    found: dict[tuple[bool, str], InstanceRelationRow] = {}
    for is_server_side, shape in enumerate(INSTANCE_EDGES):
        for table in catalog.between(shape.raw, first, last):
            rows = session.rows(
                f"SELECT MIN(time_bucket), entity_id, {_any(_PODS)} FROM {table}"
                " WHERE table_name = %s AND time_bucket BETWEEN %s AND %s AND ((source_service_id = %s AND"
                " dest_service_id = %s) OR (dest_service_id = %s AND source_service_id = %s)) GROUP BY entity_id",
                [shape.raw, first, last, *pair, *pair],
            )
            for bucket, entity_id, *ends in rows:
                key = (bool(is_server_side), entity_id)
                found.setdefault(key, InstanceRelationRow(bucket, *key, *ends))
    return [found[key] for key in sorted(found)]


def _stored_components(session: Session, table: str, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(keys), _AT_ONCE):
        chunk = keys[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(chunk))
        rows: list[tuple[Any, ...]] = session.rows(
            f"SELECT id, component_ids FROM {table} WHERE id IN ({marks})", chunk
        )
        found.update({key: components or "" for key, components in rows})
    return found


def _is_too_long(bucket: int, entity_id: str, *ends: str) -> bool:
    return len(f"{bucket}_{entity_id}") > LONGEST_ID or any(len(end) > _LONGEST_END for end in ends)


def _any(names: str) -> str:
    # Equal in all rows of an edge.
    return ", ".join(f"MIN({name})" for name in names.split(", "))


def _components(text: str | None) -> tuple[int, ...]:
    return tuple(int(component) for component in text.split("|")) if text else ()
