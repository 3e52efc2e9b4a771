"""A TCP connection as each of its two Rovers reports it (spec protocol 3.2, 3.3, 3.6)."""

from functools import lru_cache

from oap.emulator.cluster import Endpoint, Peer
from oap.emulator.scenario import Ztunnel
from oap.emulator.wire import bytes_field, number_field, text_field

_OUTBOUND, _INBOUND = 0, 1
_MTLS, _NO_POLICY = 0, 1
_CLIENT, _SERVER = 0, 1
_ATTACHMENT = 6


class Side:
    """One monitored end of a connection.

    Rover learns protocol, TLS and attachment from the first data it sees; a connect log sent before that goes out as
    plain TCP. So there are two encodings, each a complete ``connection`` field.
    """

    __slots__ = ("_early", "_full", "is_detected", "node")

    def __init__(self, node: int, early: bytes, full: bytes) -> None:
        self.node = node
        self.is_detected = False
        self._early = early
        self._full = full

    def encoded(self) -> bytes:
        """Return the ``connection`` field as Rover would send it now."""
        return self._full if self.is_detected else self._early


class Connection:
    """Both ends of one connection; an end that no Rover watches is None."""

    __slots__ = ("client", "server")

    def __init__(
        self,
        client: Endpoint,
        server: Endpoint,
        peer: Peer,
        *,
        client_port: int,
        ztunnel: Ztunnel,
        is_by_cluster_ip: bool,
    ) -> None:
        seen_by_same = client.is_monitored and server.is_monitored and client.node == server.node
        self.client = self.server = None
        traits = number_field(4, int(peer.has_tls)) + number_field(5, int(peer.protocol))
        passes_ztunnel = ztunnel is not Ztunnel.NONE
        if client.is_monitored:
            host = peer.cluster_ip if passes_ztunnel or (is_by_cluster_ip and peer.cluster_ip) else server.ip
            is_pod = seen_by_same and host == server.ip
            remote = _pod(server, peer.port) if is_pod else _machine(host, peer.port)
            attachment = _outbound(server.ip, ztunnel) if passes_ztunnel else b""
            self.client = _side(client, _pod(client, client_port), remote, _CLIENT, traits + attachment)
        if server.is_monitored:
            remote = _pod(client, client_port) if seen_by_same else _machine(client.ip, client_port)
            attachment = _inbound() if passes_ztunnel else b""
            self.server = _side(server, _pod(server, peer.port), remote, _SERVER, traits + attachment)


def _side(end: Endpoint, local: bytes, remote: bytes, role: int, traits: bytes) -> Side:
    body = bytes_field(1, local) + bytes_field(2, remote) + number_field(3, role)
    return Side(end.node, bytes_field(2, body), bytes_field(2, body + traits))


@lru_cache(maxsize=4096)
def _pod_fields(end: Endpoint) -> bytes:
    names = (end.service, end.pod, end.container, end.process)
    return b"".join(text_field(number, name) for number, name in enumerate(names, start=1))


def _pod(end: Endpoint, port: int) -> bytes:
    return bytes_field(1, _pod_fields(end) + number_field(5, port))


def _machine(ip: str, port: int) -> bytes:
    return bytes_field(2, text_field(1, ip) + number_field(2, port))


def _outbound(real_ip: str, ztunnel: Ztunnel) -> bytes:
    policy = _MTLS if ztunnel is Ztunnel.MTLS else _NO_POLICY
    fields = text_field(1, real_ip) + number_field(2, _OUTBOUND) + number_field(3, policy)
    return bytes_field(_ATTACHMENT, bytes_field(1, fields))


def _inbound() -> bytes:
    fields = number_field(2, _INBOUND) + number_field(3, _NO_POLICY)
    return bytes_field(_ATTACHMENT, bytes_field(1, fields))
