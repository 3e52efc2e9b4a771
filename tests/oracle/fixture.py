"""What the recorded expectations share: messages from text, and expected rows as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from google.protobuf import text_format

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from tests.oracle.model import Columns, Event, Mark, OracleResult, Registry

R = TypeVar("R")

T = 9299995000000
"""Offset in ns of spec entities 12: 12:34:59, half a second before the next minute only if boot nanos counted."""


@dataclass(frozen=True, slots=True)
class ExpectedStream:
    """One stream of raw messages and what must be stored of it.

    All rows are complete except ``metrics``: of those, the listed records must be there with exactly these columns,
    records exist for exactly ``metric_entities``, and none of the metrics in ``silent`` has any. UTC; default apdex
    thresholds.
    """

    name: str
    messages: tuple[bytes, ...]
    registry: Registry
    now: int
    received: int
    folded: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    drop_details: Mapping[tuple[str, str], int] = field(default_factory=dict)
    service_traffic: Mapping[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    instance_traffic: Mapping[str, tuple[str, str, int, int]] = field(default_factory=dict)
    endpoint_traffic: Mapping[str, tuple[str, str, int, int]] = field(default_factory=dict)
    service_relations: Mapping[tuple[str, int, str], tuple[str, str, tuple[int, ...]]] = field(default_factory=dict)
    instance_relations: Mapping[tuple[str, int, str], tuple[str, str, str, str]] = field(default_factory=dict)
    metrics: Mapping[tuple[str, str, int], Columns] = field(default_factory=dict)
    metric_entities: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

    def events(self, stream: int = 0) -> list[Event]:
        """The stream as the oracle takes it."""
        return [(stream, Mark.BEGIN), *((stream, raw) for raw in self.messages), (stream, Mark.END)]


def differences(expected: ExpectedStream, result: OracleResult) -> dict[str, tuple[object, object]]:
    """What differs, by name: (expected, computed)."""
    names = {metric for metric, _, _ in result.metrics}
    pairs: dict[str, tuple[object, object]] = {
        "received": (expected.received, result.received),
        "folded": (expected.folded, result.folded),
        "dropped": (dict(expected.dropped), dict(result.dropped)),
        "refused": (expected.refused, result.refused),
        "drop_details": (dict(expected.drop_details), dict(result.drop_details)),
        "service_traffic": (dict(expected.service_traffic), result.service_traffic),
        "instance_traffic": (dict(expected.instance_traffic), result.instance_traffic),
        "endpoint_traffic": (dict(expected.endpoint_traffic), result.endpoint_traffic),
        "service_relations": (dict(expected.service_relations), result.service_relations),
        "instance_relations": (dict(expected.instance_relations), result.instance_relations),
        "metrics": (dict(expected.metrics), {key: result.metrics.get(key) for key in expected.metrics}),
        "metric_entities": (expected.metric_entities, frozenset(entity for _, entity, _ in result.metrics)),
        "silent": (frozenset(), expected.silent & names),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def message(*parts: str) -> bytes:
    """Wire bytes of a message written in protobuf text, in parts."""
    return text_format.Parse(" ".join(parts), EBPFAccessLogMessage()).SerializeToString()


def node(cluster: str = "", boot: str = "bootTime { seconds: 1714557600 nanos: 900000000 }") -> str:
    """Node N of spec entities 12."""
    return f'node {{ {boot} clusterName: "{cluster}" }}'


def pod(service: str, name: str) -> str:
    """Address of a pod that the sender knows."""
    return f'kubernetes {{ serviceName: "{service}" podName: "{name}" }}'


def ip(host: str) -> str:
    """Address that the receiver must look up."""
    return f'ip {{ host: "{host}" }}'


def connection(local: str, remote: str, role: str = "client", *, more: str = "") -> str:
    """A connection; an empty address leaves its oneof unset. ``more`` holds further fields as text."""
    return f"connection {{ local {{ {local} }} remote {{ {remote} }} role: {role} {more} }}"


def span(start_ns: int, duration_ns: int) -> str:
    """Start and end of an operation."""
    end_ns = start_ns + duration_ns
    return f"startTime {{ offset {{ offset: {start_ns} }} }} endTime {{ offset {{ offset: {end_ns} }} }}"


def kernel(operation: str, start_ns: int = T, duration_ns: int = 40000, more: str = "") -> str:
    """A kernel log; ``more`` holds further fields of the operation."""
    return f"kernelLogs {{ {operation} {{ {span(start_ns, duration_ns)} {more} }} }}"


def http(path: str, code: int, start_ns: int = T, duration_ns: int = 12999999, *, method: str = "Get") -> str:
    """An HTTP log."""
    request = f'request {{ method: {method} path: "{path}" }}'
    return f"protocolLog {{ http {{ {span(start_ns, duration_ns)} {request} response {{ statusCode: {code} }} }} }}"


def average(summation: int, count: int, value: int) -> Columns:
    """Columns of longAvg."""
    return {"summation": summation, "count": count, "value": value}


def cpm(value: int, total: int) -> Columns:
    """Columns of cpm."""
    return {"value": value, "total": total}


def relation_rows(side: str, entity_id: str, row: R, minutes: Sequence[int]) -> dict[tuple[str, int, str], R]:
    """The row in these minutes and in their hours and days."""
    buckets = {bucket for minute in minutes for bucket in (minute, minute // 100, minute // 10000)}
    return {(side, bucket, entity_id): row for bucket in buckets}
