"""Services, instances and endpoints seen (spec entities 9)."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa

from oap.storage.contract import EndpointTraffic, InstanceTraffic, ServiceTraffic
from oap.storage.duckdb.database import Database, located
from oap.storage.duckdb.metric_write import registered

_INSTANCE: Final = "instance_id, service_id, name, bucket, last_ping"
_ENDPOINT: Final = "endpoint_id, service_id, name, bucket, last_ping"
_IN_RANGE: Final = "last_ping >= ? AND bucket <= ?"


def write_services(connection: duckdb.DuckDBPyConnection, rows: Sequence[ServiceTraffic]) -> None:
    """Insert services not seen before in their layer; the earliest bucket stays."""
    if not rows:
        return
    incoming = _columns(rows, ("service_id", "name", "layer", "bucket"))
    with registered(connection, incoming):
        connection.execute(
            f"""
            MERGE INTO {located("service_traffic")} AS stored
            USING (
                SELECT last(service_id) AS service_id, name, layer, min(bucket) AS bucket
                FROM incoming GROUP BY name, layer
            ) AS seen
            ON stored.name = seen.name AND stored.layer = seen.layer
            WHEN MATCHED AND seen.bucket < stored.bucket THEN UPDATE SET bucket = seen.bucket
            WHEN NOT MATCHED THEN INSERT BY NAME
            """
        )


def write_instances(connection: duckdb.DuckDBPyConnection, rows: Sequence[InstanceTraffic]) -> None:
    """Insert or touch instances: the earliest bucket stays, the last ping that arrives is kept."""
    _write_pings(connection, "instance", rows, "arg_max(last_ping, position)", "seen.last_ping")


def write_endpoints(connection: duckdb.DuckDBPyConnection, rows: Sequence[EndpointTraffic]) -> None:
    """Insert or touch endpoints: the earliest bucket and the latest ping stay."""
    _write_pings(connection, "endpoint", rows, "max(last_ping)", "greatest(stored.last_ping, seen.last_ping)")


def services(database: Database) -> Sequence[ServiceTraffic]:
    """All services by name, then layer."""
    rows = database.rows(
        f"SELECT service_id, name, layer, bucket FROM {located('service_traffic')} ORDER BY name, layer"
    )
    return [ServiceTraffic(*row) for row in rows]


def instances(database: Database, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
    """Instances of a service active in a range, by name."""
    rows = database.rows(
        f"SELECT {_INSTANCE} FROM {located('instance_traffic')} WHERE service_id = ? AND {_IN_RANGE}"
        " ORDER BY name, instance_id",
        [service_id, first_minute, last_minute],
    )
    return [InstanceTraffic(*row) for row in rows]


def instance(database: Database, instance_id: str) -> InstanceTraffic | None:
    """One instance."""
    rows = database.rows(f"SELECT {_INSTANCE} FROM {located('instance_traffic')} WHERE instance_id = ?", [instance_id])
    return InstanceTraffic(*rows[0]) if rows else None


def endpoints(
    database: Database, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None
) -> Sequence[EndpointTraffic]:
    """Endpoints of a service whose name contains the keyword as it is written, newest first, then by name."""
    active = "" if range_ is None else f"AND {_IN_RANGE}"
    rows = database.rows(
        f"SELECT {_ENDPOINT} FROM {located('endpoint_traffic')} WHERE service_id = ? AND contains(name, ?) {active}"
        " ORDER BY bucket DESC, name, endpoint_id LIMIT ?",
        [service_id, keyword, *(range_ or ()), max(limit, 0)],
    )
    return [EndpointTraffic(*row) for row in rows]


def _write_pings(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    rows: Sequence[InstanceTraffic] | Sequence[EndpointTraffic],
    seen_ping: str,
    kept_ping: str,
) -> None:
    """``seen_ping`` is the last ping of several rows, ``kept_ping`` that of a stored and a seen one."""
    if not rows:
        return
    key = f"{kind}_id"
    incoming = _columns(rows, (key, "service_id", "name", "bucket", "last_ping"))
    with registered(connection, incoming.append_column("position", pa.array(range(len(rows)), pa.int64()))):
        connection.execute(
            f"""
            MERGE INTO {located(f"{kind}_traffic")} AS stored
            USING (
                SELECT {key}, last(service_id) AS service_id, last(name) AS name, min(bucket) AS bucket,
                    {seen_ping} AS last_ping
                FROM incoming GROUP BY {key}
            ) AS seen
            ON stored.{key} = seen.{key}
            WHEN MATCHED AND (seen.bucket < stored.bucket OR {kept_ping} <> stored.last_ping)
                THEN UPDATE SET bucket = least(stored.bucket, seen.bucket), last_ping = {kept_ping}
            WHEN NOT MATCHED THEN INSERT BY NAME
            """
        )


def _columns(rows: Sequence[object], names: Sequence[str]) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows]) for name in names})
