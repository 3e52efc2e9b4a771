"""Metadata and relation rows (spec entities 9)."""

from tests.oracle.connection import Connection
from tests.oracle.model import OracleResult
from tests.oracle.names import relation_id

K8S_SERVICE = 17
SIDES = {"SERVER": "server", "CLIENT": "client"}
"""Other detect points write no relation rows."""


def take_service(rows: OracleResult, connection: Connection, minute: int) -> None:
    """Row of the local service; the first minute stays."""
    key = (connection.local.service_id, K8S_SERVICE)
    _, first = rows.service_traffic.get(key, ("", minute))
    rows.service_traffic[key] = (connection.local.service, min(first, minute))


def take_instance(rows: OracleResult, connection: Connection, minute: int) -> None:
    """Row of the local instance; ``last_ping`` is that of the last arrival, not the latest one."""
    local = connection.local
    *_, first, _ = rows.instance_traffic.get(local.instance_id, ("", "", minute, minute))
    rows.instance_traffic[local.instance_id] = (local.service_id, local.instance, min(first, minute), minute)


def take_endpoint(rows: OracleResult, connection: Connection, endpoint: tuple[str, str], minute: int) -> None:
    """Row of an endpoint, given as (id, name), of the local service."""
    endpoint_id, name = endpoint
    *_, first, last = rows.endpoint_traffic.get(endpoint_id, ("", "", minute, minute))
    service_id = connection.local.service_id
    rows.endpoint_traffic[endpoint_id] = (service_id, name, min(first, minute), max(last, minute))


def take_service_relation(rows: OracleResult, connection: Connection, minute: int) -> None:
    """Minute, hour and day rows of the relation; components are united, kept ascending."""
    if connection.detect_point not in SIDES:
        return
    source, dest = connection.source.service_id, connection.dest.service_id
    for bucket in (minute, minute // 100, minute // 10000):
        key = (SIDES[connection.detect_point], bucket, relation_id(source, dest))
        *_, known = rows.service_relations.get(key, ("", "", ()))
        components = tuple(sorted({*known, *connection.components}))
        rows.service_relations[key] = (source, dest, components)


def take_instance_relation(rows: OracleResult, connection: Connection, minute: int) -> None:
    """Minute, hour and day rows of the relation of the instances."""
    if connection.detect_point not in SIDES:
        return
    source, dest = connection.source, connection.dest
    row = (source.service_id, source.instance_id, dest.service_id, dest.instance_id)
    for bucket in (minute, minute // 100, minute // 10000):
        key = (SIDES[connection.detect_point], bucket, relation_id(source.instance_id, dest.instance_id))
        rows.instance_relations[key] = row
