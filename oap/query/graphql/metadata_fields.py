"""Fields of metadata.graphqls: layers, services, instances, endpoints."""

from collections.abc import Mapping, Sequence
from typing import Any

from ariadne import QueryType
from graphql import GraphQLResolveInfo

from oap.entity import ids
from oap.entity.errors import EntityError
from oap.entity.layers import Layer
from oap.query.duration import parse_duration
from oap.query.errors import QueryError
from oap.query.request import Request, request_of
from oap.query.services import Service, in_layer, is_normal_layer
from oap.storage.contract import EndpointTraffic, InstanceTraffic

query = QueryType()

_LEVELS: Mapping[int, str] = {
    3: "MESH GENERAL SO11Y_OAP VIRTUAL_DATABASE VIRTUAL_MQ",
    2: "MYSQL POSTGRESQL APISIX NGINX ROCKETMQ CLICKHOUSE RABBITMQ KAFKA PULSAR ACTIVEMQ KONG",
    1: "MESH_DP CILIUM_SERVICE",
    0: "K8S_SERVICE",
}

Row = Mapping[str, Any]


@query.field("listLayers")
def list_layers(_: object, __: GraphQLResolveInfo) -> list[str]:
    """Names of all layers but the undefined one."""
    return [layer.name for layer in Layer if layer is not Layer.UNDEFINED]


@query.field("listLayerLevels")
def list_layer_levels(_: object, __: GraphQLResolveInfo) -> list[Row]:
    """Levels of the hierarchy drawing."""
    return [{"layer": layer, "level": level} for level, layers in _LEVELS.items() for layer in layers.split()]


@query.field("listServices")
def list_services(_: object, info: GraphQLResolveInfo, layer: str | None = None) -> Sequence[Service]:
    """Services of a layer, or all."""
    return in_layer(request_of(info).services(), layer)


@query.field("getAllServices")
def all_services(
    _: object,
    info: GraphQLResolveInfo,
    group: str | None = None,
    **_ignored: object,
) -> Sequence[Service]:
    """Services of all layers, of one group if given."""
    return [service for service in request_of(info).services() if not group or service.group == group]


@query.field("searchServices")
def search_services(_: object, info: GraphQLResolveInfo, keyword: str, **_ignored: object) -> Sequence[Service]:
    """Services whose name contains the keyword."""
    return [service for service in request_of(info).services() if keyword in service.name]


@query.field("getService")
def get_service(_: object, info: GraphQLResolveInfo, service_id: str) -> Service | None:
    """The service of an id."""
    return _by_id(request_of(info), service_id)


@query.field("findService")
def find_service(_: object, info: GraphQLResolveInfo, service_name: str) -> Service | None:
    """The normal service of exactly this name."""
    return _by_id(request_of(info), ids.service_id(service_name))


@query.field("searchService")
def search_service(_: object, info: GraphQLResolveInfo, service_code: str) -> Service | None:
    """Older name of findService."""
    return _by_id(request_of(info), ids.service_id(service_code))


@query.field("listInstances")
@query.field("getServiceInstances")
def list_instances(_: object, info: GraphQLResolveInfo, duration: Row, service_id: str) -> list[Row]:
    """Instances alive in the range; a backwards range has none."""
    return _instances(request_of(info), duration, service_id)


@query.field("listInstancesByName")
def list_instances_by_name(_: object, info: GraphQLResolveInfo, duration: Row, service: Row) -> list[Row]:
    """As listInstances."""
    return _instances(request_of(info), duration, service_of(service))


@query.field("getInstance")
def get_instance(_: object, info: GraphQLResolveInfo, instance_id: str) -> Row | None:
    """The instance of an id."""
    row = request_of(info).reads.storage.instance(instance_id)
    return None if row is None else _instance(row)


@query.field("findEndpoint")
def find_endpoint(
    _: object,
    info: GraphQLResolveInfo,
    service_id: str,
    limit: int,
    keyword: str | None = None,
    duration: Row | None = None,
) -> list[Row]:
    """Endpoints by keyword, newest first; without a range, of any age."""
    return _endpoints(request_of(info), service_id, keyword, limit, duration)


@query.field("searchEndpoint")
def search_endpoint(_: object, info: GraphQLResolveInfo, keyword: str, service_id: str, limit: int) -> list[Row]:
    """Older name of findEndpoint."""
    return _endpoints(request_of(info), service_id, keyword, limit, None)


@query.field("findEndpointByName")
def find_endpoint_by_name(
    _: object,
    info: GraphQLResolveInfo,
    service: Row,
    limit: int,
    keyword: str | None = None,
    duration: Row | None = None,
) -> list[Row]:
    """As findEndpoint."""
    return _endpoints(request_of(info), service_of(service), keyword, limit, duration)


@query.field("getEndpointInfo")
def endpoint_info(_: object, __: GraphQLResolveInfo, endpoint_id: str) -> Row:
    """What the id itself says; it need not exist."""
    try:
        service_id, name = ids.decode_endpoint_id(endpoint_id)
        service_name, _normal = ids.decode_service_id(service_id)
    except EntityError as error:
        raise QueryError(f"'{endpoint_id}' is no id of an endpoint: {error}") from None
    return {"id": endpoint_id, "name": name, "service_id": service_id, "service_name": service_name}


@query.field("listProcesses")
def list_processes(_: object, __: GraphQLResolveInfo, duration: Row, **_ignored: object) -> list[Row]:
    """Processes are not kept."""
    parse_duration(duration)
    return []


@query.field("getProcess")
def get_process(_: object, __: GraphQLResolveInfo, **_ignored: object) -> None:
    """Processes are not kept."""


@query.field("estimateProcessScale")
def estimate_process_scale(_: object, __: GraphQLResolveInfo, **_ignored: object) -> int:
    """Processes are not kept."""
    return 0


@query.field("getServiceHierarchy")
@query.field("getInstanceHierarchy")
def hierarchy(_: object, __: GraphQLResolveInfo, **_ignored: object) -> Row:
    """Layers are not matched with one another."""
    return {"relations": ()}


def service_of(condition: Row) -> ids.ServiceId:
    """Service id of a condition that names a service."""
    return ids.service_id(condition["service_name"], is_normal_layer(condition.get("layer")))


def _by_id(request: Request, service_id: str) -> Service | None:
    return next((service for service in request.services() if service.id == service_id), None)


def _instances(request: Request, duration: Row, service_id: str) -> list[Row]:
    asked = parse_duration(duration)
    if asked.is_backwards:
        return []
    return [_instance(row) for row in request.reads.storage.instances(service_id, *asked.minute_range())]


def _instance(row: InstanceTraffic) -> Row:
    return {
        "id": row.instance_id,
        "name": row.name,
        "attributes": (),
        "language": "UNKNOWN",
        "instance_uuid": row.instance_id,
    }


def _endpoints(request: Request, service_id: str, keyword: str | None, limit: int, duration: Row | None) -> list[Row]:
    asked = None if duration is None else parse_duration(duration)
    if limit < 1 or (asked is not None and asked.is_backwards):
        return []
    range_ = None if asked is None else asked.minute_range()
    return [_endpoint(row) for row in request.reads.storage.endpoints(service_id, keyword or "", limit, range_)]


def _endpoint(row: EndpointTraffic) -> Row:
    return {"id": row.endpoint_id, "name": row.name}
