"""Everything that a database holds in the tables of days."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from oap.storage.contract import EndpointTraffic, HandOver, InstanceRelationRow, InstanceTraffic, ServiceTraffic
from oap.storage.listing import TRAFFIC, Counts, traffic_of
from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog, day_of
from oap.storage.mysql.relations import service_relations
from oap.storage.mysql.schema import ENDPOINTS, INSTANCE_EDGES, INSTANCES, SERVICES, TableShape

T = TypeVar("T")

_SERVICE: Final = "service_id, service_traffic_name, layer, time_bucket"
_INSTANCE: Final = "id, service_id, instance_traffic_name, time_bucket, last_ping"
_ENDPOINT: Final = "id, service_id, endpoint_traffic_name, time_bucket, last_ping"
_PODS: Final = "entity_id, source_service_id, source_service_instance_id, dest_service_id, dest_service_instance_id"
_COUNTED: Final = frozenset({"table_name", "time_bucket"})


class Snapshot(Protocol):
    """Runs a question on one state of the whole database."""

    def __call__(self, work: Callable[[Session, Catalog], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class MysqlListing:
    """Implements ``oap.storage.listing.Listing``."""

    read: Snapshot

    def days(self) -> Sequence[int]:
        return self.read(lambda _session, catalog: _days(catalog))

    def counts(self, day: int) -> Counts:
        return self.read(lambda session, catalog: _counts(session, catalog, day))

    def traffic(self) -> HandOver:
        return self.read(_traffic)

    def relations(self, bucket: int) -> HandOver:
        return self.read(lambda session, catalog: _relations(session, catalog, bucket))


def _days(catalog: Catalog) -> Sequence[int]:
    return sorted({day for raw, days in catalog.days.items() if raw not in TRAFFIC for day in days})


def _counts(session: Session, catalog: Catalog, day: int) -> Counts:
    found: dict[int, dict[str, int]] = {}
    for table in _counted_tables(catalog, day):
        rows = session.rows(f"SELECT time_bucket, table_name, COUNT(*) FROM {table} GROUP BY 1, 2")
        for bucket, name, count in rows:
            found.setdefault(int(bucket), {})[str(name)] = int(count)
    return found


def _traffic(session: Session, catalog: Catalog) -> HandOver:
    return traffic_of(
        (ServiceTraffic(*row) for row in _everywhere(session, catalog, SERVICES, _SERVICE)),
        (InstanceTraffic(*row) for row in _everywhere(session, catalog, INSTANCES, _INSTANCE)),
        (EndpointTraffic(*row) for row in _everywhere(session, catalog, ENDPOINTS, _ENDPOINT)),
    )


def _relations(session: Session, catalog: Catalog, bucket: int) -> HandOver:
    return HandOver(
        service_relations=service_relations(session, catalog, bucket, bucket, None),
        instance_relations=list(_pods(session, catalog, bucket)),
    )


def _counted_tables(catalog: Catalog, day: int) -> list[str]:
    # Tables for lists, which records have beside their own, name no model.
    tables = [f"{raw}_{day}" for raw, days in catalog.days.items() if day in days and raw not in TRAFFIC]
    return [table for table in tables if catalog.tables[table].keys() >= _COUNTED]


def _everywhere(session: Session, catalog: Catalog, shape: TableShape, columns: str) -> Iterator[tuple[Any, ...]]:
    for table in catalog.all_of(shape.raw):
        yield from session.rows(f"SELECT {columns} FROM {table} WHERE table_name = %s ORDER BY id", [shape.raw])


def _pods(session: Session, catalog: Catalog, bucket: int) -> Iterator[InstanceRelationRow]:
    for is_server_side, shape in enumerate(INSTANCE_EDGES):
        if day_of(bucket) not in catalog.days.get(shape.raw, ()):
            continue
        sql = f"SELECT {_PODS} FROM {shape.raw}_{day_of(bucket)} WHERE table_name = %s AND time_bucket = %s ORDER BY id"
        for row in session.rows(sql, [shape.raw, bucket]):
            yield InstanceRelationRow(bucket, bool(is_server_side), *row)
