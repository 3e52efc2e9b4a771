"""Messages that make many routes, or many endpoints, and nothing else: ``later_s`` after the corpus' beginning."""

from collections.abc import Iterator

from bench.corpus import START_S
from oap.protocol import accesslog_pb2 as pb
from oap.protocol import common_pb2

_SERVICES = 100
_BOOT_S = START_S - 1_000
_OFFSET_NS = 1_000 * 10**9


def route_messages(routes: int, later_s: int) -> Iterator[bytes]:
    """One message per route: each between a client's and a server's pod that no other message has; a read and a write."""
    for number in range(routes):
        message = _message(number, later_s)
        message.connection.role = common_pb2.client
        message.connection.local.CopyFrom(
            _pod(f"client-{number % _SERVICES}.default", f"client-{number}-7d9f8b5c4-x2x4z")
        )
        message.connection.remote.CopyFrom(
            _pod(f"server-{number % _SERVICES}.default", f"server-{number}-5c8b9d7f6-k8s2q")
        )
        for log in (message.kernelLogs.add().read, message.kernelLogs.add().write):
            log.startTime.offset.offset = _OFFSET_NS
            log.endTime.offset.offset = _OFFSET_NS + 50_000
        yield message.SerializeToString()


def endpoint_messages(endpoints: int, later_s: int) -> Iterator[bytes]:
    """One message per endpoint, of as many servers as there are services, one route for each."""
    for number in range(endpoints):
        service = number % _SERVICES
        message = _message(number, later_s)
        message.connection.role = common_pb2.server
        message.connection.local.CopyFrom(_pod(f"server-{service}.default", f"server-{service}-5c8b9d7f6-k8s2q"))
        message.connection.remote.CopyFrom(_pod(f"client-{service}.default", f"client-{service}-7d9f8b5c4-x2x4z"))
        http = message.protocolLog.http
        http.startTime.offset.offset = _OFFSET_NS
        http.endTime.offset.offset = _OFFSET_NS + 50_000_000
        http.request.path = f"/api/v1/products/reviews/{number // _SERVICES}"
        http.response.statusCode = 200
        yield message.SerializeToString()


def _message(number: int, later_s: int) -> pb.EBPFAccessLogMessage:
    message = pb.EBPFAccessLogMessage()
    if number == 0:
        message.node.name = "node-0"
        message.node.bootTime.seconds = _BOOT_S + later_s
    return message


def _pod(service: str, pod: str) -> pb.ConnectionAddress:
    address = pb.ConnectionAddress()
    address.kubernetes.serviceName, address.kubernetes.podName = service, pod
    return address
