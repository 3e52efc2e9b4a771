"""Everything that a file holds."""

# ruff: noqa: S608  (names come from the catalogue and are quoted, values are always parameters)

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from oap.storage.contract import EndpointTraffic, HandOver, InstanceRelationRow, InstanceTraffic
from oap.storage.duckdb import traffic
from oap.storage.duckdb.database import Database, located, quoted
from oap.storage.duckdb.relations import service_relations
from oap.storage.duckdb.schema import Catalog, instance_relation_table, service_relation_table
from oap.storage.listing import INSTANCE_RELATIONS, SERVICE_RELATIONS, Counts, buckets_of, traffic_of
from oap.timebucket import Precision, precision_of

_TO_DAY: Final = {Precision.DAY: 1, Precision.HOUR: 100, Precision.MINUTE: 10000}


@dataclass(frozen=True, slots=True)
class DuckdbListing:
    """Implements ``oap.storage.listing.Listing``."""

    database: Database
    catalog: Catalog

    def days(self) -> Sequence[int]:
        found: set[int] = set()
        for precision, factor in _TO_DAY.items():
            for table in self.catalog.of_precision(precision):
                found |= self._days(table, "time_bucket", factor)
            for table in (service_relation_table(precision), instance_relation_table(precision)):
                found |= self._days(table, "bucket", factor)
        return sorted(found)

    def counts(self, day: int) -> Counts:
        found: dict[int, dict[str, int]] = {}
        for precision, span in buckets_of(day).items():
            for bucket, name, rows in (*self._metrics(precision, span), *self._edges(precision, span)):
                if rows:
                    found.setdefault(bucket, {})[name] = rows
        return found

    def traffic(self) -> HandOver:
        return traffic_of(
            traffic.services(self.database),
            (InstanceTraffic(*row) for row in self._pings("instance")),
            (EndpointTraffic(*row) for row in self._pings("endpoint")),
        )

    def relations(self, bucket: int) -> HandOver:
        pods = self.database.rows(
            "SELECT bucket, is_server_side, entity_id, source_service_id, source_service_instance_id, dest_service_id,"
            f" dest_service_instance_id FROM {located(instance_relation_table(precision_of(bucket)))}"
            " WHERE bucket = ? ORDER BY is_server_side, entity_id",
            [bucket],
        )
        return HandOver(
            service_relations=service_relations(self.database, bucket, bucket, None),
            instance_relations=[InstanceRelationRow(*row) for row in pods],
        )

    def _days(self, table: str, column: str, factor: int) -> set[int]:
        rows = self.database.rows(f"SELECT DISTINCT {column} // {factor} FROM {located(table)}")
        return {int(day) for (day,) in rows}

    def _metrics(self, precision: Precision, span: tuple[int, int]) -> Iterator[tuple[int, str, int]]:
        for table in self.catalog.of_precision(precision):
            # All columns of a record are there or none is, so one of each metric tells.
            columns = {name.rpartition(".")[0]: name for name in self.catalog.tables[table] if "." in name}
            if not columns:
                continue
            counted = ", ".join(f"count({quoted(column)})" for column in columns.values())
            rows = self.database.rows(
                f"SELECT time_bucket, {counted} FROM {located(table)} WHERE time_bucket BETWEEN ? AND ? GROUP BY 1",
                span,
            )
            for bucket, *counts in rows:
                yield from ((bucket, name, count) for name, count in zip(columns, counts, strict=True))

    def _edges(self, precision: Precision, span: tuple[int, int]) -> Iterator[tuple[int, str, int]]:
        for names, table in (
            (SERVICE_RELATIONS, service_relation_table(precision)),
            (INSTANCE_RELATIONS, instance_relation_table(precision)),
        ):
            rows = self.database.rows(
                f"SELECT bucket, is_server_side, count(*) FROM {located(table)} WHERE bucket BETWEEN ? AND ?"
                " GROUP BY 1, 2",
                span,
            )
            yield from ((bucket, names[is_server_side], count) for bucket, is_server_side, count in rows)

    def _pings(self, kind: str) -> list[tuple[str, str, str, int, int]]:
        return self.database.rows(
            f"SELECT {kind}_id, service_id, name, bucket, last_ping FROM {located(f'{kind}_traffic')}"
            f" ORDER BY {kind}_id"
        )
