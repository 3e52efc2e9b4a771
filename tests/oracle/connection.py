"""From the wire's connection to services, instances and direction (spec entities 1, 2, 5.1, 5.5, 6.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from oap.protocol.accesslog_pb2 import AccessLogConnection, ConnectionAddress, KubernetesProcessAddress
from tests.oracle.model import Lookup, Registry
from tests.oracle.names import INSTANCE_LIMIT, SERVICE_LIMIT, child_id, service_id, truncated

CLIENT, SERVER, PROXY = 0, 1, 2
DETECT_POINTS: Mapping[int, str] = {CLIENT: "CLIENT", SERVER: "SERVER", PROXY: "PROXY"}
TLS = 1
TCP, HTTP_1, HTTP_2 = 0, 1, 2
OUTBOUND = 0
MTLS = 0


@dataclass(frozen=True, slots=True)
class Invalid:
    """A connection whose logs are dropped. ``detail`` is the key it is counted under in the drop details, if any."""

    reason: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a connection with its resolved, untruncated names. ``is_unknown`` is UNKNOWN of spec entities 2."""

    service: str
    pod: str
    is_unknown: bool


UNKNOWN = Party("Unknown", "Unknown", is_unknown=True)


class Side:
    """Stored names and ids of one side (spec entities 3 and 4)."""

    def __init__(self, party: Party) -> None:
        self.service = truncated(party.service, SERVICE_LIMIT)
        self.instance = truncated(party.pod, INSTANCE_LIMIT)
        self.service_id = service_id(self.service)
        self.instance_id = child_id(self.service_id, self.instance)


class Connection:
    """A valid connection, with everything that its logs have in common."""

    def __init__(self, local: Party, remote: Party, role: int, components: tuple[int, ...]) -> None:
        self.is_client = role == CLIENT
        self.detect_point = DETECT_POINTS[role]
        self.components = components
        self.local, self.remote = Side(local), Side(remote)
        # direction: spec entities 5.1
        self.source, self.dest = (self.remote, self.local) if role == SERVER else (self.local, self.remote)
        # which sources a log gives: spec entities 6.1, rows 1 to 4
        self.has_service = not local.is_unknown
        self.has_instance = not local.is_unknown and local.pod != ""
        self.has_service_relation = self.source.service != self.dest.service
        self.has_instance_relation = local.pod != "" and remote.pod != ""


class LookupFailedError(Exception):
    """The registry raised."""


def build_connection(sent: AccessLogConnection, cluster: str, registry: Registry) -> Connection | Invalid:
    """Validity checks in order (spec entities 1): addresses there, look-ups done, different services, known role."""
    if sent.local.WhichOneof("address") is None or sent.remote.WhichOneof("address") is None:
        return Invalid("connection_loss", f"{address_text(sent.local)}_{address_text(sent.remote)}")
    try:
        local = resolved(sent.local, sent.local.ip.host, cluster, registry)
        remote = resolved(sent.remote, remote_host(sent), cluster, registry)
    except LookupFailedError:
        return Invalid("lookup_failed")
    if local.service == remote.service:
        return Invalid("same_service", local.service)
    if sent.role not in DETECT_POINTS:
        return Invalid("unknown_role")
    return Connection(local, remote, sent.role, component_ids(sent))


def address_text(address: ConnectionAddress) -> str:
    """How a drop reason shows an address (spec entities 11)."""
    match address.WhichOneof("address"):
        case "kubernetes":
            sent = address.kubernetes
            return f"{sent.serviceName}-{sent.podName}-{sent.containerName}-{sent.processName}"
        case "ip":
            return address.ip.host
        case _:
            return "null"


def remote_host(sent: AccessLogConnection) -> str:
    """Host to look up for the remote side: an outbound ztunnel knows the real one (spec entities 2)."""
    if sent.attachment.WhichOneof("environment") == "zTunnel" and sent.attachment.zTunnel.by == OUTBOUND:
        return sent.attachment.zTunnel.real_destination_ip
    return sent.remote.ip.host


def resolved(address: ConnectionAddress, host: str, cluster: str, registry: Registry) -> Party:
    """Service and pod of an address (spec entities 2). ``host`` counts for IP addresses only."""
    if address.WhichOneof("address") == "kubernetes":
        sent = address.kubernetes
        is_unknown = sent == KubernetesProcessAddress(serviceName="Unknown", podName="Unknown")
        return Party(sent.serviceName, sent.podName, is_unknown)
    found = registry.get(host) if host else None
    if found is Lookup.FAILS:
        raise LookupFailedError
    if found is None:
        return UNKNOWN
    service, pod = found
    return Party(f"{cluster}::{service}" if cluster else service, pod, is_unknown=False)


def component_ids(sent: AccessLogConnection) -> tuple[int, ...]:
    """Components of the service relation, the first matching row of spec entities 5.5."""
    if sent.attachment.WhichOneof("environment") == "zTunnel":
        return (142, 162) if sent.attachment.zTunnel.security_policy == MTLS else (162,)
    is_tls = sent.tlsMode == TLS
    if sent.protocol in {HTTP_1, HTTP_2}:
        return (129,) if is_tls else (49,)
    if sent.protocol == TCP:
        return (130,) if is_tls else (110,)
    return (0,)
