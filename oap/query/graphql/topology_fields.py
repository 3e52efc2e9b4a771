"""Fields of topology.graphqls."""

from collections.abc import Mapping, Sequence
from typing import Any

from ariadne import QueryType
from graphql import GraphQLResolveInfo

from oap.query.duration import Duration, parse_duration
from oap.query.graphql.metadata_fields import service_of
from oap.query.request import Request, request_of
from oap.query.services import in_layer
from oap.query.topology import InstanceTopology, Topology, instance_topology, service_topology

query = QueryType()

Row = Mapping[str, Any]

_NOTHING: Row = {"nodes": (), "calls": ()}


@query.field("getGlobalTopology")
def global_topology(
    _: object,
    info: GraphQLResolveInfo,
    duration: Row,
    layer: str | None = None,
    **_ignored: object,
) -> Topology:
    """Calls of a layer's services; without a layer, all calls."""
    request = request_of(info)
    if not layer:
        return _topology(request, duration, None)
    return _topology(request, duration, [service.id for service in in_layer(request.services(), layer)])


@query.field("getServiceTopology")
def one_service_topology(
    _: object,
    info: GraphQLResolveInfo,
    service_id: str,
    duration: Row,
    **_ignored: object,
) -> Topology:
    """Calls from and to a service."""
    return _topology(request_of(info), duration, [service_id])


@query.field("getServicesTopology")
def services_topology(
    _: object,
    info: GraphQLResolveInfo,
    service_ids: Sequence[str],
    duration: Row,
    **_ignored: object,
) -> Topology:
    """Calls from and to services."""
    return _topology(request_of(info), duration, service_ids)


@query.field("getServiceTopologyByName")
def service_topology_by_name(
    _: object,
    info: GraphQLResolveInfo,
    service: Row,
    duration: Row,
    **_ignored: object,
) -> Topology:
    """As getServiceTopology."""
    return _topology(request_of(info), duration, [service_of(service)])


@query.field("getServicesTopologyByNames")
def services_topology_by_names(
    _: object,
    info: GraphQLResolveInfo,
    services: Sequence[Row],
    duration: Row,
    **_ignored: object,
) -> Topology:
    """As getServicesTopology."""
    return _topology(request_of(info), duration, [service_of(service) for service in services])


@query.field("getServiceInstanceTopology")
def service_instance_topology(
    _: object,
    info: GraphQLResolveInfo,
    client_service_id: str,
    server_service_id: str,
    duration: Row,
    **_ignored: object,
) -> InstanceTopology:
    """Calls between instances of two services, in both directions."""
    return _instance_topology(request_of(info), duration, client_service_id, server_service_id)


@query.field("getServiceInstanceTopologyByName")
def service_instance_topology_by_name(
    _: object,
    info: GraphQLResolveInfo,
    client_service: Row,
    server_service: Row,
    duration: Row,
    **_ignored: object,
) -> InstanceTopology:
    """As getServiceInstanceTopology."""
    return _instance_topology(request_of(info), duration, service_of(client_service), service_of(server_service))


@query.field("getEndpointDependencies")
@query.field("getEndpointDependenciesByName")
@query.field("getEndpointTopology")
@query.field("getProcessTopology")
@query.field("getProcessTopologyByName")
def no_topology(_: object, __: GraphQLResolveInfo, duration: Row, **_ignored: object) -> Row:
    """Access logs tell nothing about calls between endpoints or processes."""
    _range(duration)
    return _NOTHING


def _range(duration: Row) -> tuple[Duration, int, int]:
    asked = parse_duration(duration)
    buckets = asked.buckets()
    return asked, buckets[0], buckets[-1]


def _topology(request: Request, duration: Row, service_ids: Sequence[str] | None) -> Topology:
    asked, first, last = _range(duration)
    if not asked.has_rows or (service_ids is not None and not service_ids):
        return Topology()
    storage = request.reads.storage
    layers = {service.id: service.layers for service in request.services()}
    return service_topology(
        storage.service_relations(first, last, service_ids),
        layers,
        None if service_ids is None else frozenset(service_ids),
        lambda others: storage.service_relations(first, last, others),
    )


def _instance_topology(request: Request, duration: Row, client: str, server: str) -> InstanceTopology:
    asked, first, last = _range(duration)
    if not asked.has_rows:
        return InstanceTopology()
    return instance_topology(request.reads.storage.instance_relations(first, last, client, server))
