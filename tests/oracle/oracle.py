"""The oracle: every stored row of a sequence of events, computed log by log straight from the specs."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from oap.protocol.accesslog_pb2 import AccessLogHTTPProtocol
from tests.oracle import traffic
from tests.oracle.connection import Connection
from tests.oracle.endpoint_names import EndpointNames
from tests.oracle.logs import Row, endpoint_row, kernel_row, protocol_row, raw_endpoint_name
from tests.oracle.metrics import MetricRecords
from tests.oracle.model import Event, OracleResult, Registry
from tests.oracle.names import child_id, relation_id
from tests.oracle.stream import Accounts, Clock, FoldedLog, Streams


def run_oracle(
    events: Iterable[Event],
    *,
    registry: Registry,
    zone: tzinfo,
    now: int,
    thresholds: Mapping[str, int] | None = None,
) -> OracleResult:
    """Compute all rows of the events.

    ``now`` is the server's clock in epoch seconds, ``zone`` that of its calendar, ``thresholds`` the apdex
    thresholds in ms by service name (default 500).
    """
    emission = Emission({"default": 500} if thresholds is None else thresholds)
    streams = Streams(registry, Clock(now, zone), emission.fold)
    for event in events:
        streams.take(event)
    return emission.result(streams.accounts)


class Emission:
    """The sources of each log, handed to the metadata and to the metrics (spec entities 6)."""

    def __init__(self, thresholds: Mapping[str, int]) -> None:
        self._rows = OracleResult()
        self._metrics = MetricRecords(thresholds)
        self._endpoint_names = EndpointNames()

    def fold(self, item: FoldedLog) -> None:
        """Take in one log: spec entities 6.1 for kernel logs, 6.2 for HTTP logs."""
        if not isinstance(item.log, AccessLogHTTPProtocol):
            self._four_sources(item, kernel_row(item.log, item.duration_ns))
            return
        self._four_sources(item, protocol_row(item.log, item.duration_ns))
        # formatted for clients too, though they have no endpoint: the name takes up a slot (spec entities 3)
        service = item.connection.local.service
        name = self._endpoint_names.formatted(service, raw_endpoint_name(item.log.request), item.second)
        if not item.connection.is_client:
            name = self._endpoint_names.formatted(service, name, item.second)
            self._endpoint(item, name, endpoint_row(item.log, item.duration_ns))

    def result(self, accounts: Accounts) -> OracleResult:
        """All rows, with the counts."""
        self._rows.metrics = self._metrics.columns()
        self._rows.messages, self._rows.malformed = accounts.messages, accounts.malformed
        self._rows.received, self._rows.folded = accounts.received, accounts.folded
        self._rows.refused, self._rows.dropped = accounts.refused, accounts.dropped
        self._rows.drop_details += accounts.drop_details
        return self._rows

    def _four_sources(self, item: FoldedLog, row: Row) -> None:
        connection, minute = item.connection, item.minute
        if connection.has_service:
            traffic.take_service(self._rows, connection, minute)
            self._take("K8SService", connection.local.service_id, minute, {**service_identity(connection), **row})
        if connection.has_instance:
            traffic.take_instance(self._rows, connection, minute)
            identity = instance_identity(connection)
            self._take("K8SServiceInstance", connection.local.instance_id, minute, {**identity, **row})
        relation = {**relation_identity(connection), **row}
        if connection.has_service_relation:
            traffic.take_service_relation(self._rows, connection, minute)
            entity_id = relation_id(connection.source.service_id, connection.dest.service_id)
            self._take("K8SServiceRelation", entity_id, minute, relation)
        else:
            self._rows.drop_details["same_service", connection.source.service] += 1
        if connection.has_instance_relation:
            traffic.take_instance_relation(self._rows, connection, minute)
            entity_id = relation_id(connection.source.instance_id, connection.dest.instance_id)
            self._take("K8SServiceInstanceRelation", entity_id, minute, relation)

    def _endpoint(self, item: FoldedLog, name: str, row: Row) -> None:
        endpoint_id = child_id(item.connection.local.service_id, name)
        traffic.take_endpoint(self._rows, item.connection, (endpoint_id, name), item.minute)
        self._take("K8SEndpoint", endpoint_id, item.minute, row)

    def _take(self, scope: str, entity_id: str, minute: int, row: Row) -> None:
        self._metrics.take(scope, entity_id, minute, row)


def service_identity(connection: Connection) -> Row:
    """Identity attributes of K8SService that rules read (spec entities 5.1)."""
    return {"name": connection.local.service, "detectPoint": connection.detect_point}


def instance_identity(connection: Connection) -> Row:
    """Identity attributes of K8SServiceInstance."""
    return {"serviceName": connection.local.service, "detectPoint": connection.detect_point}


def relation_identity(connection: Connection) -> Row:
    """Identity attributes of both relation scopes."""
    return {
        "sourceServiceName": connection.source.service,
        "destServiceName": connection.dest.service,
        "detectPoint": connection.detect_point,
    }
