"""Everything that a store holds, for moving it elsewhere: which rows there are, and those that no bucket names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar, runtime_checkable

from oap.storage.contract import EndpointTraffic, HandOver, InstanceTraffic, ServiceTraffic, Storage
from oap.timebucket import Precision

PingT = TypeVar("PingT", InstanceTraffic, EndpointTraffic)

SERVICE_RELATIONS: Final = ("service_relation_client_side", "service_relation_server_side")
INSTANCE_RELATIONS: Final = ("service_instance_relation_client_side", "service_instance_relation_server_side")
RELATIONS: Final = (*SERVICE_RELATIONS, *INSTANCE_RELATIONS)
TRAFFIC: Final = ("service_traffic", "instance_traffic", "endpoint_traffic")

Counts = Mapping[int, Mapping[str, int]]
"""Rows by bucket, then by the name of a metric or model."""


class Listing(Protocol):
    """The rows of one store. All calls may block; all may raise StorageUnavailable."""

    def days(self) -> Sequence[int]:
        """The days that have rows of time series, ascending."""

    def counts(self, day: int) -> Counts:
        """How many rows of time series each bucket of a day has, minute, hour and day buckets alike.

        What is stored besides metrics and relations of this server counts as well, under the name that it has there.
        """

    def traffic(self) -> HandOver:
        """All services, instances and endpoints, each once."""

    def relations(self, bucket: int) -> HandOver:
        """All edges of one bucket."""


@runtime_checkable
class ListsRows(Protocol):
    """A store that says what it holds."""

    def listing(self) -> Listing:
        """Its rows, as they are at each call."""


class ListedStorage(Storage, ListsRows, Protocol):
    """A store that can be copied."""


def traffic_of(
    services: Iterable[ServiceTraffic], instances: Iterable[InstanceTraffic], endpoints: Iterable[EndpointTraffic]
) -> HandOver:
    """Rows of traffic with one for each key: it may be in several days, with the first minute and the last ping there."""
    by_layer: dict[tuple[str, int], ServiceTraffic] = {}
    for row in services:
        held = by_layer.setdefault((row.name, row.layer), row)
        by_layer[row.name, row.layer] = replace(held, bucket=min(held.bucket, row.bucket))
    return HandOver(
        services=list(by_layer.values()),
        instances=_latest((row.instance_id, row) for row in instances),
        endpoints=_latest((row.endpoint_id, row) for row in endpoints),
    )


def buckets_of(day: int) -> Mapping[Precision, tuple[int, int]]:
    """First and last bucket of a day in each precision."""
    return {
        Precision.MINUTE: (day * 10000, day * 10000 + 2359),
        Precision.HOUR: (day * 100, day * 100 + 23),
        Precision.DAY: (day, day),
    }


def _latest(rows: Iterable[tuple[str, PingT]]) -> list[PingT]:
    found: dict[str, PingT] = {}
    for key, row in rows:
        held = found.setdefault(key, row)
        ping, bucket = max(held.last_ping, row.last_ping), min(held.bucket, row.bucket)
        found[key] = replace(held, last_ping=ping, bucket=bucket)
    return list(found.values())
