"""Readings of components that know nothing of the catalogue."""

from collections.abc import Iterator

from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.kubernetes_registry import KubernetesRegistry
from oap.receiver.grpc_server import GrpcTransport
from oap.telemetry import catalogue
from oap.telemetry.meters import Meter


class TransportMeters:
    """Streams, calls and what waits."""

    def __init__(self, transport: GrpcTransport) -> None:
        self._transport = transport

    def meters(self) -> Iterator[Meter]:
        counts = self._transport.counts()
        yield Meter(catalogue.STREAMS_OPENED, counts.streams_opened)
        yield Meter(catalogue.STREAMS_FINISHED, counts.streams_finished)
        yield Meter(catalogue.STREAMS_FAILED, counts.streams_failed)
        yield Meter(catalogue.STREAMS_UNANSWERED, counts.streams_unanswered)
        yield Meter(catalogue.CALLS_REFUSED, counts.unauthenticated, ("authentication",))
        yield Meter(catalogue.CALLS_REFUSED, counts.overload_refused, ("watermark",))
        yield Meter(catalogue.CALLS_REFUSED, counts.overload_cut, ("cut",))
        yield Meter(catalogue.BYTES_RECEIVED, counts.bytes)
        yield Meter(catalogue.PENDING_MESSAGES, counts.pending_messages)
        yield Meter(catalogue.PENDING_BYTES, counts.pending_bytes)
        yield Meter(catalogue.PENDING_OLDEST_AGE, counts.oldest_pending_age_s)


class RegistryMeters:
    """Followers of the Kubernetes API."""

    def __init__(self, registry: KubernetesRegistry) -> None:
        self._registry = registry

    def meters(self) -> Iterator[Meter]:
        for status in self._registry.status():
            if status.age_s is not None:
                yield Meter(catalogue.REGISTRY_STALENESS, status.age_s, (status.kind,))
            yield Meter(catalogue.REGISTRY_ERRORS, status.errors, (status.kind,))


class EndpointNameMeters:
    """Services with too many endpoint names."""

    def __init__(self, names: EndpointNames) -> None:
        self._names = names

    def meters(self) -> Iterator[Meter]:
        yield Meter(catalogue.SERVICES_AT_ENDPOINT_LIMIT, self._names.full_services)
