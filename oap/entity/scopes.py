"""The sources that access logs feed: five Kubernetes scopes and their attributes (spec entities 5)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from oal.catalog import Attribute, Binding, Catalog, CellColumn, Constant, Kind, RowColumn, Scope, Table

ROUTE_TABLES = ("connect", "accept", "close", "read", "write", "http")
"""Tables of the grain "route", one per operation; the grain "endpoint" has the last one only."""

_LAYER = "K8S_SERVICE"

_ENUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "DetectPoint": ("SERVER", "CLIENT", "PROXY", "UNRECOGNIZED"),
        "RequestType": ("DATABASE", "HTTP", "RPC", "gRPC", "LOGIC", "TCP", "MQ", "GenAI"),
        "VirtualCacheOperation": ("Write", "Read", "Others"),
        "MQOperation": ("Consume", "Produce"),
        "GCPhase": ("NEW", "OLD", "NORMAL"),
        "BrowserAppTrafficCategory": ("NORMAL", "FIRST_ERROR", "ERROR"),
    }
)


_TABLE_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "connect": "system calls that open a connection",
        "accept": "system calls that take in a connection",
        "close": "system calls that close a connection",
        "read": "system calls that read",
        "write": "system calls that write",
        "http": "HTTP requests with their responses",
    }
)


def k8s_catalog() -> Catalog:
    """The catalog of everything that rules about access logs may mention."""
    scopes = (
        _service(),
        _service_instance(),
        _service_relation(),
        _service_instance_relation(),
        _endpoint(),
    )
    return Catalog(MappingProxyType({scope.name: scope for scope in scopes}), _ENUMS)


def _text(path: str, meaning: str, source: str) -> Attribute:
    return Attribute(path, Kind.STRING, "", meaning, source)


def _duration(path: str, meaning: str, source: str) -> Attribute:
    return Attribute(path, Kind.LONG, "ns", meaning, source)


def _amount(path: str, unit: str, meaning: str, source: str) -> Attribute:
    return Attribute(path, Kind.LONG, unit, meaning, source)


def _flag(path: str, meaning: str, source: str) -> Attribute:
    return Attribute(path, Kind.BOOL, "", meaning, source)


def _object(path: str, meaning: str) -> Attribute:
    return Attribute(path, Kind.OBJECT, "", meaning, "")


_TIMES = "endTime.offset.offset - startTime.offset.offset"

_CONNECT = (
    _object("connect", "the connect call, null for other operations"),
    _duration("connect.duration", "how long opening the connection took", f"connect: {_TIMES}"),
    _flag("connect.success", "whether the connection was established", "connect.success"),
)
_ACCEPT = (
    _object("accept", "the accept call, null for other operations"),
    _duration("accept.duration", "how long taking in the connection took", f"accept: {_TIMES}"),
)
_CLOSE = (
    _object("close", "the close call, null for other operations"),
    _duration("close.duration", "how long closing the connection took", f"close: {_TIMES}"),
    _flag("close.success", "whether the connection was closed without an error", "close.success"),
)
_WRITE = (
    _object("write", "the write call, null for other operations"),
    _duration("write.duration", "how long the system call took", f"write: {_TIMES}"),
    _text("write.syscall", "which system call wrote", "write.syscall"),
    _object("write.l4", "the transport layer of a write"),
    _duration("write.l4.duration", "time spent in the transport layer", "write.l4Metrics.totalDuration"),
    _amount(
        "write.l4.transmitPackageCount",
        "packages",
        "packages handed to the transport",
        "write.l4Metrics.totalTransmitPackageCount",
    ),
    _amount(
        "write.l4.retransmitPackageCount",
        "packages",
        "packages that had to be sent again",
        "write.l4Metrics.totalRetransmitPackageCount",
    ),
    _amount("write.l4.totalPackageSize", "bytes", "bytes handed to the transport", "write.l4Metrics.totalPackageSize"),
    _object("write.l3", "the network layer of a write"),
    _duration("write.l3.duration", "time spent in the network layer", "write.l3Metrics.totalDuration"),
    _duration("write.l3.localDuration", "time in the outgoing hook of this host", "write.l3Metrics.totalLocalDuration"),
    _duration("write.l3.outputDuration", "time in the output step", "write.l3Metrics.totalOutputDuration"),
    _amount(
        "write.l3.resolveMACCount",
        "count",
        "how often a neighbour address was looked up",
        "write.l3Metrics.totalResolveMACCount",
    ),
    _duration(
        "write.l3.resolveMACDuration",
        "time of these look-ups, 0 without any",
        "write.l3Metrics.totalResolveMACDuration",
    ),
    _amount("write.l3.netFilterCount", "count", "packet filter passes", "write.l3Metrics.totalNetFilterCount"),
    _duration(
        "write.l3.netFilterDuration",
        "time in the packet filter, 0 without a pass",
        "write.l3Metrics.totalNetFilterDuration",
    ),
    _object("write.l2", "the link layer of a write"),
    _duration("write.l2.duration", "time spent in the link layer", "write.l2Metrics.totalDuration"),
    _text(
        "write.l2.networkDeviceName",
        "interface that sent, null if the node did not name it",
        "write.l2Metrics.ifindex",
    ),
    _amount(
        "write.l2.enterQueueBufferCount",
        "count",
        "how often a package entered the device queue",
        "write.l2Metrics.totalEnterQueueBufferCount",
    ),
    _duration("write.l2.readySendDuration", "wait in the device queue", "write.l2Metrics.totalReadySendDuration"),
    _duration(
        "write.l2.networkDeviceSendDuration",
        "time the device took to send",
        "write.l2Metrics.totalNetDeviceSendDuration",
    ),
)
_READ = (
    _object("read", "the read call, null for other operations"),
    _duration("read.duration", "how long the system call took", f"read: {_TIMES}"),
    _text("read.syscall", "which system call read", "read.syscall"),
    _object("read.l4", "the transport layer of a read"),
    _duration("read.l4.duration", "time spent in the transport layer", "read.l4Metrics.totalDuration"),
    _object("read.l3", "the network layer of a read"),
    _duration("read.l3.duration", "time spent in the network layer", "read.l3Metrics.totalDuration"),
    _duration("read.l3.rcvDuration", "time in the receive step", "read.l3Metrics.totalRecvDuration"),
    _duration("read.l3.localDuration", "time in the local delivery step", "read.l3Metrics.totalLocalDuration"),
    _amount("read.l3.netFilterCount", "count", "packet filter passes", "read.l3Metrics.totalNetFilterCount"),
    _duration(
        "read.l3.netFilterDuration",
        "time in the packet filter, 0 without a pass",
        "read.l3Metrics.totalNetFilterDuration",
    ),
    _object("read.l2", "the link layer of a read"),
    _text(
        "read.l2.netDeviceName",
        "interface that received, null if the node did not name it",
        "read.l2Metrics.ifindex",
    ),
    _amount("read.l2.packageCount", "packages", "packages received", "read.l2Metrics.totalPackageCount"),
    _amount("read.l2.totalPackageSize", "bytes", "bytes received", "read.l2Metrics.totalPackageSize"),
    _duration(
        "read.l2.packageToQueueDuration",
        "from the device to the receive queue",
        "read.l2Metrics.totalPackageToQueueDuration",
    ),
    _duration(
        "read.l2.rcvPackageFromQueueDuration",
        "from the receive queue to the reader",
        "read.l2Metrics.totalRcvPackageFromQueueDuration",
    ),
)


def _http(prefix: str) -> tuple[Attribute, ...]:
    return (
        Attribute(
            f"{prefix}.latency",
            Kind.LONG,
            "ms",
            "from request start to response end, whole milliseconds",
            f"http: {_TIMES}",
        ),
        _text(f"{prefix}.url", "path of the request as sent", "http.request.path"),
        _text(f"{prefix}.method", "method name in mixed case", "http.request.method"),
        Attribute(
            f"{prefix}.statusCode", Kind.INT, "", "status of the response, 0 without one", "http.response.statusCode"
        ),
        _amount(f"{prefix}.sizeOfRequestHeader", "bytes", "request headers", "http.request.sizeOfHeadersBytes"),
        _amount(f"{prefix}.sizeOfRequestBody", "bytes", "request body", "http.request.sizeOfBodyBytes"),
        _amount(f"{prefix}.sizeOfResponseHeader", "bytes", "response headers", "http.response.sizeOfHeadersBytes"),
        _amount(f"{prefix}.sizeOfResponseBody", "bytes", "response body", "http.response.sizeOfBodyBytes"),
    )


_SUCCESS = "whether the status is below 500 (no response counts as success)"
_PROTOCOL = (
    _object("protocol", "the request, null for system calls"),
    _text("protocol.type", "protocol of the request, always http", "protocol"),
    _flag("protocol.success", _SUCCESS, "http.response.statusCode"),
    _object("protocol.http", "the HTTP side of the request"),
    *_http("protocol.http"),
)
_OPERATIONS: Mapping[str, tuple[Attribute, ...]] = MappingProxyType(
    {"connect": _CONNECT, "accept": _ACCEPT, "close": _CLOSE, "read": _READ, "write": _WRITE, "http": _PROTOCOL}
)

_TYPE = _text("type", "the operation: connect, accept, close, read, write or protocol", "kernelLogs / protocolLog")
_TIME_BUCKET = Attribute("timeBucket", Kind.LONG, "yyyyMMddHHmm", "minute in which the operation started", "startTime")
_DETECT_POINT = Attribute(
    "detectPoint", Kind.ENUM, "", "which side reported: server, client or proxy", "connection.role", "DetectPoint"
)
_ENTITY_ID = _text("entityId", "id of the entity that records are kept for", "")


def _layer(path: str) -> Attribute:
    return Attribute(path, Kind.OBJECT, "", "layer of the service, always K8S_SERVICE", "")


Identity = Mapping[Attribute, str]
"""Attributes decided by the cell, with their cell columns."""


def _scope(
    name: str,
    number: int,
    category: str,
    identity: Identity,
    meaning: str,
    *,
    layers: Iterable[str] = ("layer",),
    unset: Iterable[str] = (),
    decorators: tuple[str, ...] = (),
) -> Scope:
    """A scope of the grain "route": what every system call and request tells, plus its own identity."""
    everywhere: dict[Attribute, Binding] = {
        _TIME_BUCKET: RowColumn("time_bucket"),
        _DETECT_POINT: CellColumn("detect_point"),
        **{attribute: CellColumn(column) for attribute, column in identity.items()},
        **{_layer(path): Constant(_LAYER) for path in layers},
        **{_text(path, "null until a decorator fills it", ""): Constant(None) for path in unset},
    }
    measured = [attribute for operation in _OPERATIONS.values() for attribute in operation]
    attributes = {attribute.path: attribute for attribute in (_TYPE, *everywhere, *measured)}
    shared: dict[str, Binding] = {attribute.path: binding for attribute, binding in everywhere.items()}
    tables = tuple(
        Table(table, MappingProxyType(shared | _route_bindings(table)), _TABLE_MEANINGS[table])
        for table in ROUTE_TABLES
    )
    return Scope(name, number, category, "route", MappingProxyType(attributes), tables, decorators, meaning)


def _route_bindings(table: str) -> dict[str, Binding]:
    bindings: dict[str, Binding] = {"type": Constant("protocol" if table == "http" else table)}
    for operation, attributes in _OPERATIONS.items():
        if operation != table:
            bindings[attributes[0].path] = Constant(None)
    for attribute in _OPERATIONS[table]:
        is_object = attribute.kind is Kind.OBJECT
        bindings[attribute.path] = Constant(attribute.path) if is_object else RowColumn(attribute.path)
    return bindings | ({"protocol.type": Constant("http")} if table == "http" else {})


def _service() -> Scope:
    identity = {
        _ENTITY_ID: "local_service_id",
        _text("name", "name of the reporting side's service", "connection.local"): "local_service",
    }
    unset = [f"attr{number}" for number in range(6)]
    meaning = "service, by what its own side reports in whichever role"
    return _scope("K8SService", 72, "SERVICE", identity, meaning, unset=unset, decorators=("K8SServiceDecorator",))


def _service_instance() -> Scope:
    identity = {
        _ENTITY_ID: "local_instance_id",
        _text("serviceId", "id of the reporting side's service", "connection.local"): "local_service_id",
        _text("serviceName", "name of the reporting side's service", "connection.local"): "local_service",
        _text("serviceInstanceName", "name of the reporting side's pod", "connection.local"): "local_instance",
    }
    meaning = "pod, by what its own side reports in whichever role"
    return _scope("K8SServiceInstance", 73, "SERVICE_INSTANCE", identity, meaning)


_BOTH_SERVICES: Identity = MappingProxyType(
    {
        _text("sourceServiceId", "id of the calling service", "connection.local / remote"): "source_service_id",
        _text("sourceServiceName", "name of the calling service", "connection.local / remote"): "source_service",
        _text("destServiceId", "id of the called service", "connection.local / remote"): "dest_service_id",
        _text("destServiceName", "name of the called service", "connection.local / remote"): "dest_service",
    }
)


def _service_relation() -> Scope:
    components = Attribute(
        "componentIds",
        Kind.LIST,
        "",
        "numbers of the components that the connection speaks",
        "connection.protocol, tlsMode, attachment",
        element=Kind.INT,
    )
    identity = {
        _ENTITY_ID: "service_relation_id",
        **_BOTH_SERVICES,
        components: "component_ids",
        Attribute("tlsMode", Kind.OBJECT, "", "whether the connection is encrypted", "connection.tlsMode"): "tls_mode",
    }
    meaning = "edge from a calling to a called service, by what both sides report"
    return _scope("K8SServiceRelation", 74, "SERVICE_RELATION", identity, meaning, layers=("sourceLayer", "destLayer"))


def _service_instance_relation() -> Scope:
    sides = "connection.local / remote"
    identity = {
        _ENTITY_ID: "instance_relation_id",
        **_BOTH_SERVICES,
        _text("sourceServiceInstanceId", "id of the calling pod", sides): "source_instance_id",
        _text("sourceServiceInstanceName", "name of the calling pod", sides): "source_instance",
        _text("destServiceInstanceId", "id of the called pod", sides): "dest_instance_id",
        _text("destServiceInstanceName", "name of the called pod", sides): "dest_instance",
    }
    layers = ("sourceLayer", "destLayer")
    meaning = "edge from a calling to a called pod, by what both sides report"
    return _scope("K8SServiceInstanceRelation", 75, "SERVICE_INSTANCE_RELATION", identity, meaning, layers=layers)


def _endpoint() -> Scope:
    """The one scope of the grain "endpoint": requests by the path that was asked for, no system calls."""
    bound: dict[Attribute, Binding] = {
        _text("type", "protocol of the request, always http", "protocolLog.protocol"): Constant("http"),
        _TIME_BUCKET: RowColumn("time_bucket"),
        _ENTITY_ID: CellColumn("endpoint_id"),
        _text("serviceId", "id of the service that was asked", "connection.local"): CellColumn("local_service_id"),
        _text("serviceName", "name of the service that was asked", "connection.local"): CellColumn("local_service"),
        _text("endpointName", "METHOD:path, grouped by rules", "http.request"): CellColumn("endpoint"),
        _layer("layer"): Constant(_LAYER),
        Attribute("duration", Kind.LONG, "ms", "the same number as the latency", f"http: {_TIMES}"): RowColumn(
            "protocol.http.latency"
        ),
        _flag("success", _SUCCESS, "http.response.statusCode"): RowColumn("protocol.success"),
        _object("http", "the HTTP side of the request"): Constant("http"),
        **{attribute: RowColumn(f"protocol.{attribute.path}") for attribute in _http("http")},
    }
    attributes = {attribute.path: attribute for attribute in bound}
    bindings = MappingProxyType({attribute.path: binding for attribute, binding in bound.items()})
    table = Table("http", bindings, _TABLE_MEANINGS["http"])
    meaning = "METHOD:path of a service, by what the called side or a proxy reports"
    return Scope("K8SEndpoint", 76, "ENDPOINT", "endpoint", MappingProxyType(attributes), (table,), meaning=meaning)
