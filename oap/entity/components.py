"""What a relation speaks: component ids, their names and ranks (spec entities 5.5, query 4)."""

from dataclasses import dataclass

UNKNOWN = 0
HTTP = 49
TCP = 110
HTTPS = 129
TLS = 130
MTLS = 142
ZTUNNEL = 162

_TLS_MODE_TLS = 1
_PROTOCOL_TCP = 0
_PROTOCOLS_HTTP = frozenset({1, 2})
_POLICY_MTLS = 0


@dataclass(frozen=True, slots=True)
class Component:
    """Name and rank of a component; of several on one service the highest rank names its type."""

    name: str
    priority: int


_COMPONENTS = {
    UNKNOWN: Component("Unknown", 0),
    HTTP: Component("http", 45),
    TCP: Component("tcp", 10),
    HTTPS: Component("https", 46),
    TLS: Component("tls", 11),
    MTLS: Component("mtls", 12),
    ZTUNNEL: Component("ztunnel", 10),
}
# An id outside the catalogue ranks above all: upstream's default priority, kept so that node types come out equal.
_NOT_LISTED = Component("Unknown", 50)


def component(component_id: int) -> Component:
    """Return name and rank of a component id."""
    return _COMPONENTS.get(component_id, _NOT_LISTED)


def component_ids(protocol: int, tls_mode: int, ztunnel_policy: int | None) -> tuple[int, ...]:
    """Return the component ids of a connection, given its wire numbers.

    ``ztunnel_policy`` is the security policy of a ztunnel attachment, None without one. The connection's protocol
    decides, whether or not an HTTP log was seen.
    """
    if ztunnel_policy is not None:
        return (MTLS, ZTUNNEL) if ztunnel_policy == _POLICY_MTLS else (ZTUNNEL,)
    is_tls = tls_mode == _TLS_MODE_TLS
    if protocol in _PROTOCOLS_HTTP:
        return (HTTPS,) if is_tls else (HTTP,)
    if protocol == _PROTOCOL_TCP:
        return (TLS,) if is_tls else (TCP,)
    return (UNKNOWN,)
