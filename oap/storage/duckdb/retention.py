"""Deleting what is older than a day."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Iterator
from typing import Final

import duckdb

from oap.storage.duckdb.database import located
from oap.storage.duckdb.schema import Catalog, instance_relation_table, service_relation_table
from oap.timebucket import Precision

_TO_DAY: Final = {Precision.DAY: 1, Precision.HOUR: 100, Precision.MINUTE: 10000}


def delete_before(connection: duckdb.DuckDBPyConnection, catalog: Catalog, day: int) -> int:
    """Delete time series rows and traffic last seen before a day bucket; return how many rows went."""
    gone = 0
    for precision, factor in _TO_DAY.items():
        for table in (service_relation_table(precision), instance_relation_table(precision)):
            gone += _deleted(connection, f"{located(table)} WHERE bucket < ?", day * factor)
        for table in catalog.of_precision(precision):
            gone += _deleted(connection, f"{located(table)} WHERE time_bucket < ?", day * factor)
    for table in ("instance_traffic", "endpoint_traffic"):
        gone += _deleted(connection, f"{located(table)} WHERE last_ping < ?", day * _TO_DAY[Precision.MINUTE])
    return gone + _delete_silent_services(connection, catalog, day)


def _delete_silent_services(connection: duckdb.DuckDBPyConnection, catalog: Catalog, day: int) -> int:
    """Services have no last ping: one stays while any of its instances, endpoints or metric rows does."""
    traffic = located("service_traffic")
    found = connection.execute(f"SELECT DISTINCT service_id FROM {traffic} WHERE bucket < ?", [day * 10000]).fetchall()
    silent = {row[0] for row in found}
    for source in _traces(catalog):
        if not silent:
            return 0
        rows = connection.execute(f"SELECT DISTINCT id FROM {source} WHERE id IN (SELECT unnest(?))", [list(silent)])
        silent -= {row[0] for row in rows.fetchall()}
    return _deleted(connection, f"{traffic} WHERE service_id IN (SELECT unnest(?))", list(silent)) if silent else 0


def _traces(catalog: Catalog) -> Iterator[str]:
    """Where a service may still be seen, small tables first: nearly all are found before the minutes are searched."""
    for table in ("instance_traffic", "endpoint_traffic"):
        yield f"(SELECT service_id AS id FROM {located(table)})"
    for precision in _TO_DAY:
        for table in catalog.of_precision(precision):
            yield f"(SELECT coalesce(service_id, entity_id) AS id FROM {located(table)})"


def _deleted(connection: duckdb.DuckDBPyConnection, where: str, bound: object) -> int:
    row = connection.execute(f"DELETE FROM {where}", [bound]).fetchone()
    return 0 if row is None else int(row[0])
