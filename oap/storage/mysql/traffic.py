"""Services, instances and endpoints seen; a row stays in the day table of its first sight (spec storage 1.6, 8.1 to 8.3)."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from oap.entity.ids import service_traffic_id
from oap.storage.contract import EndpointTraffic, InstanceTraffic, ServiceTraffic
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog, day_of
from oap.storage.mysql.literals import inserted
from oap.storage.mysql.rejected import Rejections
from oap.storage.mysql.schema import ENDPOINTS, INSTANCES, SERVICES, TableShape

RowT = TypeVar("RowT", ServiceTraffic, InstanceTraffic, EndpointTraffic)
PingT = TypeVar("PingT", InstanceTraffic, EndpointTraffic)
Cells = Sequence[str | int | None]

_AT_ONCE: Final = 1000
_SERVICE: Final = "service_id, service_traffic_name, layer, time_bucket"
_INSTANCE: Final = "id, service_id, instance_traffic_name, time_bucket, last_ping"
_ENDPOINT: Final = "id, service_id, endpoint_traffic_name, time_bucket, last_ping"
_ACTIVE: Final = "AND last_ping >= %s AND time_bucket <= %s"


def write_services(session: Session, catalog: Catalog, rows: Sequence[ServiceTraffic], rejections: Rejections) -> None:
    """Insert services not seen before in their layer; the earliest bucket stays."""
    merged: dict[str, ServiceTraffic] = {}
    for row in rows:
        key = service_traffic_id(row.name, row.layer)
        known = merged.get(key, row)
        merged[key] = replace(row, bucket=min(known.bucket, row.bucket))
    _store(session, catalog, SERVICES, merged, _service_cells, ("time_bucket",), rejections)


def write_instances(
    session: Session, catalog: Catalog, rows: Sequence[InstanceTraffic], rejections: Rejections
) -> None:
    """Insert or touch instances: the earliest bucket stays, the last ping that arrives is kept."""
    merged = _last_pings(rows, lambda row: row.instance_id)
    _store(session, catalog, INSTANCES, merged, _instance_cells, ("last_ping", "time_bucket"), rejections)


def write_endpoints(
    session: Session, catalog: Catalog, rows: Sequence[EndpointTraffic], rejections: Rejections
) -> None:
    """Insert or touch endpoints: the earliest bucket and the latest ping stay."""
    merged = _last_pings(rows, lambda row: row.endpoint_id)
    _store(session, catalog, ENDPOINTS, merged, _endpoint_cells, ("last_ping", "time_bucket"), rejections)


def services(session: Session, catalog: Catalog, most: int) -> Sequence[ServiceTraffic]:
    """All services by name, then layer."""
    found: dict[tuple[str, int], ServiceTraffic] = {}
    for row in _everywhere(session, catalog, SERVICES, _SERVICE, "LIMIT %s", [most]):
        service = ServiceTraffic(*row)
        known = found.get((service.name, service.layer), service)
        found[service.name, service.layer] = replace(service, bucket=min(known.bucket, service.bucket))
    return [found[key] for key in sorted(found)][:most]


def instances(
    session: Session, catalog: Catalog, service_id: str, first: int, last: int, most: int
) -> Sequence[InstanceTraffic]:
    """Instances of a service active in a range, by name."""
    where = f"AND service_id = %s {_ACTIVE} LIMIT %s"
    rows = _everywhere(session, catalog, INSTANCES, _INSTANCE, where, [service_id, first, last, most])
    found = _merged(InstanceTraffic(*row) for row in rows)
    return sorted(found, key=lambda row: (row.name, row.instance_id))[:most]


def instance(session: Session, catalog: Catalog, instance_id: str) -> InstanceTraffic | None:
    """One instance."""
    rows = _everywhere(session, catalog, INSTANCES, _INSTANCE, "AND id = %s", [instance_id])
    return next(iter(_merged(InstanceTraffic(*row) for row in rows)), None)


def endpoints(
    session: Session, catalog: Catalog, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None
) -> Sequence[EndpointTraffic]:
    """Endpoints of a service whose name contains the keyword as it is written, newest first, then by name."""
    if limit <= 0:
        return []
    active = "" if range_ is None else _ACTIVE
    where = f"AND service_id = %s AND LOCATE(BINARY %s, BINARY endpoint_traffic_name) > 0 {active}"
    order = "ORDER BY time_bucket DESC, BINARY endpoint_traffic_name, BINARY id LIMIT %s"
    rows = _everywhere(
        session, catalog, ENDPOINTS, _ENDPOINT, f"{where} {order}", [service_id, keyword, *(range_ or ()), limit]
    )
    found = _merged(EndpointTraffic(*row) for row in rows)
    return sorted(found, key=lambda row: (-row.bucket, row.name, row.endpoint_id))[:limit]


def _store(
    session: Session,
    catalog: Catalog,
    shape: TableShape,
    rows: Mapping[str, RowT],
    cells: Callable[[str, RowT], Cells],
    updated: Sequence[str],
    rejections: Rejections,
) -> None:
    """Write each row where it is stored already, or into the day of its first sight when that is earlier or new."""
    stored = _stored_places(session, catalog, shape, list(rows))
    by_table: dict[str, list[Cells]] = {}
    for key, row in rows.items():
        places = stored.get(key, [])
        table, bucket = f"{shape.raw}_{day_of(row.bucket)}", row.bucket
        if places:
            oldest, oldest_bucket, _ping = min(places, key=lambda place: place[1])
            bucket = min(row.bucket, oldest_bucket)
            if day_of(bucket) >= day_of(oldest_bucket):
                table = oldest
            else:
                for place, _bucket, _ping in places:
                    session.execute(f"DELETE FROM {place} WHERE id = %s", [key])
        values = cells(key, _with_stored_ping(replace(row, bucket=bucket), places))
        if not _is_storable(shape, values):
            rejections.add(shape.raw, 1)
            continue
        by_table.setdefault(table, []).append(values)
    names = ["id", "table_name", *(column.name for column in shape.columns)]
    for table, members in by_table.items():
        for start in range(0, len(members), _AT_ONCE):
            session.send(inserted(table, names, updated, members[start : start + _AT_ONCE]))


def _with_stored_ping(row: RowT, places: Sequence[tuple[str, int, int]]) -> RowT:
    if isinstance(row, EndpointTraffic):
        return replace(row, last_ping=max([row.last_ping, *(ping for _place, _bucket, ping in places)]))
    return row


def _stored_places(
    session: Session, catalog: Catalog, shape: TableShape, keys: Sequence[str]
) -> dict[str, list[tuple[str, int, int]]]:
    """Tables, buckets and last pings (services have none: 0) of the rows that exist, by id."""
    ping = "0" if shape is SERVICES else "last_ping"
    found: dict[str, list[tuple[str, int, int]]] = {}
    for table in catalog.all_of(shape.raw):
        for start in range(0, len(keys), _AT_ONCE):
            chunk = keys[start : start + _AT_ONCE]
            marks = ", ".join(["%s"] * len(chunk))
            columns = f"id, time_bucket, {ping}"
            for key, bucket, seen in session.rows(f"SELECT {columns} FROM {table} WHERE id IN ({marks})", chunk):
                found.setdefault(key, []).append((table, int(bucket), int(seen)))
    return found


def _is_storable(shape: TableShape, cells: Cells) -> bool:
    if len(str(cells[0])) > 512:
        return False
    return all(
        not isinstance(cell, str) or not column.type.startswith("VARCHAR") or len(cell) <= int(column.type[8:-1])
        for column, cell in zip(shape.columns, cells[2:], strict=True)
    )


def _last_pings(rows: Sequence[PingT], key: Callable[[PingT], str]) -> dict[str, PingT]:
    merged: dict[str, PingT] = {}
    for row in rows:
        known = merged.get(key(row), row)
        ping = max(known.last_ping, row.last_ping) if isinstance(row, EndpointTraffic) else row.last_ping
        merged[key(row)] = replace(row, bucket=min(known.bucket, row.bucket), last_ping=ping)
    return merged


def _merged(rows: Iterable[PingT]) -> list[PingT]:
    """One row for each id: an entity may be in two days when another server wrote it anew."""
    found: dict[str, PingT] = {}
    for row in rows:
        key = row.instance_id if isinstance(row, InstanceTraffic) else row.endpoint_id
        known = found.get(key, row)
        found[key] = replace(row, bucket=min(known.bucket, row.bucket), last_ping=max(known.last_ping, row.last_ping))
    return list(found.values())


def _everywhere(
    session: Session, catalog: Catalog, shape: TableShape, columns: str, rest: str, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Rows of all day tables."""
    found: list[tuple[Any, ...]] = []
    for table in catalog.all_of(shape.raw):
        sql = f"SELECT {columns} FROM {table} WHERE table_name = %s {rest}"
        found += session.rows(sql, [shape.raw, *parameters])
    return found


def _service_cells(key: str, row: ServiceTraffic) -> Cells:
    group, separator, short = row.name.partition("::")
    if not separator:
        group, short = "", row.name
    return [key, SERVICES.raw, row.name, short, row.service_id, group or None, row.layer, row.bucket]


def _instance_cells(key: str, row: InstanceTraffic) -> Cells:
    return [key, INSTANCES.raw, row.service_id, row.name, row.last_ping, "", row.bucket]


def _endpoint_cells(key: str, row: EndpointTraffic) -> Cells:
    return [key, ENDPOINTS.raw, row.service_id, row.name, row.last_ping, row.bucket]
