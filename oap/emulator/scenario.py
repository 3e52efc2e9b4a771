"""What a simulated cluster looks like and does: the values a scenario file is read into."""

import math
from dataclasses import dataclass
from enum import Enum, IntEnum

STATUS_CODES = (
    (100, 101, 103),
    (200, 200, 200, 200, 201, 204, 206),
    (301, 302, 304, 307),
    (400, 401, 403, 404, 404, 429, 499),
    (500, 500, 502, 503, 504),
)
"""Codes drawn for each status class, 1xx to 5xx."""

_Z99 = 2.3263478740408408
"""99th percentile of the standard normal distribution."""


class Protocol(IntEnum):
    """What a service speaks; the numbers are those of AccessLogProtocolType."""

    TCP = 0
    HTTP1 = 1
    HTTP2 = 2


class Method(IntEnum):
    """HTTP methods by their number on the wire."""

    GET = 0
    POST = 1
    PUT = 2
    DELETE = 3
    HEAD = 4
    PATCH = 5
    OPTIONS = 6
    TRACE = 7
    CONNECT = 8


class Ztunnel(Enum):
    """How calls pass the ztunnel of an ambient mesh."""

    NONE = "none"
    MTLS = "mtls"
    PLAIN = "plain"


class Malformation(Enum):
    """Ways in which a message can be wrong; the first four cannot be decoded, all others decode to something odd."""

    TRUNCATED = "truncated"
    GARBAGE = "garbage"
    BAD_LENGTH = "bad_length"
    BAD_UTF8 = "bad_utf8"
    EMPTY = "empty"
    UNKNOWN_FIELDS = "unknown_fields"
    NO_NODE = "no_node"
    NO_CONNECTION = "no_connection"
    NO_LOCAL = "no_local"
    NO_REMOTE = "no_remote"
    NO_ADDRESS = "no_address"
    SAME_SERVICE = "same_service"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_ENUMS = "unknown_enums"
    NO_OPERATION = "no_operation"
    NO_PROTOCOL = "no_protocol"
    NO_TIMESTAMPS = "no_timestamps"
    NEGATIVE_DURATION = "negative_duration"
    NO_RESPONSE = "no_response"
    FAR_FUTURE = "far_future"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A lognormal distribution by its median and 99th percentile (any unit, both positive)."""

    median: float
    p99: float

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return math.log(self.median)

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.log(self.p99 / self.median) / _Z99


@dataclass(frozen=True, slots=True)
class Node:
    """A machine with a Rover; ``clock_skew_ns`` is by how much its wall clock is ahead."""

    name: str
    clock_skew_ns: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """A Kubernetes Service with its pods.

    ``is_monitored`` false: no Rover looks at its pods, others see them as IP addresses. ``is_registered`` false: the
    registry does not know it, so its addresses resolve to nothing.
    """

    name: str
    namespace: str
    pods: int
    port: int
    protocol: Protocol
    has_tls: bool
    is_monitored: bool
    is_registered: bool
    process: str

    @property
    def full_name(self) -> str:
        """``name.namespace``, the name by which calls refer to it."""
        return f"{self.name}.{self.namespace}"


@dataclass(frozen=True, slots=True)
class External:
    """Machines outside the cluster: ``count`` addresses of ``network``; the rest matters when it is called."""

    name: str
    network: str
    count: int
    port: int
    protocol: Protocol
    has_tls: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One kind of request; every ``{parameter}`` of the path is replaced by one of its values."""

    method: Method
    path: str
    weight: float
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Traffic from one service or external to another.

    ``rate`` is calls per second of all pods together. Shares are 0 to 1: ``status_shares`` of the five classes (sum 1),
    ``trace_share`` of requests with trace context, ``new_connection_share`` of calls that open a new connection,
    ``failed_connect_share`` of those preceded by a refused attempt, ``cluster_ip_share`` of connections whose remote
    side stays the ClusterIP, ``late_share`` of logs one or two flush periods late. ``pool`` is connections per pair of
    pods.
    """

    client: str
    server: str
    rate: float
    latency_ms: Distribution
    status_shares: tuple[float, float, float, float, float]
    requests: tuple[Request, ...]
    request_bytes: Distribution
    response_bytes: Distribution
    trace_share: float
    zipkin_share: float
    new_connection_share: float
    failed_connect_share: float
    cluster_ip_share: float
    late_share: float
    pool: int
    ztunnel: Ztunnel


@dataclass(frozen=True, slots=True)
class Malformed:
    """How many of the sent messages are followed by a wrong one, and the kinds drawn from."""

    ratio: float
    kinds: tuple[Malformation, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario; names are unique and every reference in ``calls`` exists."""

    name: str
    cluster: str
    flush_period_ns: int
    max_count: int
    exclude_namespaces: tuple[str, ...]
    nodes: tuple[Node, ...]
    services: tuple[Service, ...]
    externals: tuple[External, ...]
    calls: tuple[Call, ...]
    malformed: Malformed
