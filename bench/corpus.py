"""The benchmarks' input: one long stream of random messages in the shape that all stated numbers refer to.

Mean 459 bytes and 3.7 logs per message. 60 % carry two reads, two writes and an HTTP log, 30 % one to three reads or
writes, 10 % one connect, accept or close. 2,000 connections of 50 services and 200 pods, 40 % of the remote sides are
addresses that nothing resolves, 5 % with a ztunnel attachment; 30 % of the HTTP logs carry trace context. Every
message names its connection, only the first its node. Values are uniform within a field's natural range: this is no
picture of a cluster.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from oap.emulator.wire import bytes_field, number_field, text_field, time_span
from oap.protocol import accesslog_pb2 as pb

START_S = 1_700_864_000
"""Wall time of the first log (epoch seconds)."""

_BOOT_S = 1_700_000_000
_STEP_NS = 300_000
_SERVICES = 50
_PODS_PER_SERVICE = 4
_CONNECTIONS = 2_000
_CHURNED_ADDRESSES = 100_000
_INTERFACES = 60
_POOL = 4_096
_KINDS = ("product", "review", "rating", "detail", "stock", "cart", "user", "auth", "pay", "order", "search", "mail")
_NAMESPACES = ("default", "sample", "prod")
_CONNECT, _ACCEPT, _CLOSE, _READ, _WRITE = 1, 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class _Connection:
    """A connection field in pieces: everything but the remote port, and the host of its requests."""

    local: bytes
    remote: bytes
    is_pod: bool
    port: int
    traits: bytes
    host: str

    def field(self, port: int, address: str = "") -> bytes:
        """The whole field with another remote port, and for a machine with another address."""
        if self.is_pod:
            remote = bytes_field(1, self.remote + number_field(5, port))
        else:
            remote = bytes_field(2, (text_field(1, address) if address else self.remote) + number_field(2, port))
        return bytes_field(2, self.local + bytes_field(2, remote) + self.traits)


def corpus(messages: int, seed: int, *, churn_ports: bool) -> list[bytes]:
    """Return the stream's messages.

    With ``churn_ports`` every message comes from a connection of its own: a fresh remote port, and for the remote sides
    that are addresses one of 100,000.
    """
    dice = random.Random(seed)  # noqa: S311  (no secret)
    pods = _pods(dice)
    connections = [_connection(dice, pods) for _ in range(_CONNECTIONS)]
    reads = [_read_metrics(dice) for _ in range(_POOL)]
    writes = [_write_metrics(dice) for _ in range(_POOL)]
    paths = [_path(dice) for _ in range(300)]

    def read_or_write(operation: int, start_ns: int) -> bytes:
        span = time_span(start_ns, start_ns + dice.randint(2_000, 200_000))
        tail = dice.choice(reads if operation == _READ else writes)
        return bytes_field(3, bytes_field(operation, span + tail))

    stream = []
    for number in range(messages):
        connection = dice.choice(connections)
        port, address = connection.port, ""
        if churn_ports:
            port = 1_024 + number % 64_000
            address = _address(0x0A_80_00_00, number * 7_919 % _CHURNED_ADDRESSES)
        start_ns = (START_S - _BOOT_S) * 1_000_000_000 + number * _STEP_NS
        logs = _logs(dice, start_ns, read_or_write, connection, paths)
        stream.append(connection.field(port, address) + logs)
    if stream:
        stream[0] = bytes_field(1, _node(dice).SerializeToString()) + stream[0]
    return stream


def _logs(
    dice: random.Random,
    start_ns: int,
    read_or_write: Callable[[int, int], bytes],
    connection: _Connection,
    paths: list[str],
) -> bytes:
    share = dice.random()
    if share < 0.1:
        return _open_or_close(dice, start_ns)
    if share < 0.4:
        operations = [dice.choice((_READ, _WRITE)) for _ in range(dice.randint(1, 3))]
    else:
        operations = [_READ, _WRITE, _READ, _WRITE]
    kernel = b"".join(read_or_write(kind, start_ns + at * 100_000) for at, kind in enumerate(operations))
    return kernel if share < 0.4 else kernel + _http(dice, start_ns, connection.host, dice.choice(paths))


def _open_or_close(dice: random.Random, start_ns: int) -> bytes:
    operation = dice.choice((_CONNECT, _ACCEPT, _CLOSE))
    is_successful = operation != _ACCEPT and dice.random() < 0.99
    span = time_span(start_ns, start_ns + dice.randint(1_500, 1_000_000))
    return bytes_field(3, bytes_field(operation, span + number_field(3, int(is_successful))))


def _http(dice: random.Random, start_ns: int, host: str, path: str) -> bytes:
    trace = b""
    if dice.random() < 0.3:
        ids = [
            f"{dice.getrandbits(128):032x}.{dice.randint(10, 99)}.{START_S * 10_000_000 + start_ns}" for _ in range(2)
        ]
        trace = (
            number_field(1, 1) + text_field(2, ids[0]) + text_field(3, ids[1]) + text_field(4, str(dice.randint(0, 9)))
        )
        trace = bytes_field(5, trace)
    request = b"".join(
        (
            number_field(1, dice.choice((0, 0, 0, 1, 2, 3))),
            text_field(2, path),
            number_field(3, dice.randint(200, 2_000)),
            number_field(4, dice.randint(0, 20_000)),
            trace,
            text_field(6, host),
        )
    )
    status = dice.choices((200, 404, 500), (90, 5, 5))[0]
    sizes = number_field(3, dice.randint(100, 900)) + number_field(4, dice.randint(0, 60_000))
    body = bytes_field(4, request) + bytes_field(5, number_field(1, status) + sizes)
    span = time_span(start_ns, start_ns + dice.randint(1_000_000, 300_000_000))
    return bytes_field(4, bytes_field(1, span + number_field(3, dice.randint(0, 1)) + body))


def _pods(dice: random.Random) -> list[tuple[str, bytes]]:
    """Service name and the address fields of each pod, without its port."""
    pods = []
    for number in range(_SERVICES):
        kind = _KINDS[number % len(_KINDS)]
        service = f"{kind}-{number}.{_NAMESPACES[number % len(_NAMESPACES)]}"
        for _ in range(_PODS_PER_SERVICE):
            pod = f"{kind}-{number}-v1-{dice.getrandbits(36):09x}-{dice.getrandbits(20):05x}"
            names = (service, pod, kind, f"/usr/bin/{kind}-server")
            pods.append((service, b"".join(text_field(at, name) for at, name in enumerate(names, start=1))))
    return pods


def _connection(dice: random.Random, pods: list[tuple[str, bytes]]) -> _Connection:
    service, local = dice.choice(pods)
    is_pod = dice.random() < 0.6
    if is_pod:
        host, remote = dice.choice([pod for pod in pods if pod[0] != service])
    else:
        host, remote = "10.0.0.1:8080", text_field(1, _address(0x0A_00_00_00, dice.getrandbits(23)))
    traits = number_field(3, dice.randint(0, 1)) + number_field(4, int(dice.random() < 0.2))
    traits += number_field(5, dice.choice((0, 1, 1, 2)))
    if dice.random() < 0.05:
        traits += bytes_field(6, bytes_field(1, text_field(1, "10.1.2.3")))
    local = bytes_field(1, bytes_field(1, local + number_field(5, dice.randint(1_024, 65_535))))
    return _Connection(local, remote, is_pod, dice.randint(1_024, 65_535), traits, host)


def _address(base: int, number: int) -> str:
    value = base + number
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _path(dice: random.Random) -> str:
    return f"/api/v{dice.randint(1, 3)}/{dice.choice(_KINDS)}s/{dice.choice(_KINDS)}/{dice.randint(0, 299)}"


def _node(dice: random.Random) -> pb.EBPFAccessLogNodeInfo:
    node = pb.EBPFAccessLogNodeInfo(name="node-0", clusterName="c1")
    node.bootTime.seconds, node.bootTime.nanos = _BOOT_S, 5
    node.policy.excludeNamespaces.append("kube-system")
    for index in range(1, _INTERFACES + 1):
        node.netInterfaces.add(index=index, mtu=1_500, name=f"veth{dice.getrandbits(28):07x}")
    return node


def _read_metrics(dice: random.Random) -> bytes:
    uniform = dice.randint
    read = pb.AccessLogKernelReadOperation(syscall=uniform(0, 5))  # type: ignore[arg-type]
    read.l2Metrics.ifindex = uniform(1, _INTERFACES)
    read.l2Metrics.totalPackageCount = uniform(1, 20)
    read.l2Metrics.totalPackageSize = uniform(60, 60_000)
    read.l2Metrics.totalPackageToQueueDuration = uniform(500, 50_000)
    read.l2Metrics.totalRcvPackageFromQueueDuration = uniform(500, 50_000)
    read.l3Metrics.totalDuration = uniform(1_000, 50_000)
    read.l3Metrics.totalRecvDuration = uniform(300, 20_000)
    read.l3Metrics.totalLocalDuration = uniform(300, 20_000)
    read.l3Metrics.totalNetFilterCount = uniform(1, 30)
    read.l3Metrics.totalNetFilterDuration = uniform(300, 20_000)
    read.l4Metrics.totalDuration = uniform(1_000, 90_000)
    return read.SerializeToString(deterministic=True)


def _write_metrics(dice: random.Random) -> bytes:
    uniform = dice.randint
    write = pb.AccessLogKernelWriteOperation(syscall=uniform(0, 7))  # type: ignore[arg-type]
    write.l4Metrics.totalDuration = uniform(1_000, 90_000)
    write.l4Metrics.totalTransmitPackageCount = uniform(1, 20)
    if dice.random() < 0.02:
        write.l4Metrics.totalRetransmitPackageCount = uniform(1, 3)
        write.l4Metrics.lossPackageMetrics.add(location="tcp_drop", count=uniform(1, 3))
    write.l4Metrics.totalPackageSize = uniform(60, 60_000)
    write.l3Metrics.totalDuration = uniform(1_000, 50_000)
    write.l3Metrics.totalLocalDuration = uniform(300, 20_000)
    write.l3Metrics.totalOutputDuration = uniform(300, 20_000)
    write.l3Metrics.totalResolveMACCount = uniform(0, 3)
    write.l3Metrics.totalResolveMACDuration = uniform(0, 5_000)
    write.l3Metrics.totalNetFilterCount = uniform(1, 30)
    write.l3Metrics.totalNetFilterDuration = uniform(300, 20_000)
    write.l2Metrics.totalDuration = uniform(1_000, 50_000)
    write.l2Metrics.ifindex = uniform(1, _INTERFACES)
    write.l2Metrics.totalEnterQueueBufferCount = uniform(1, 20)
    write.l2Metrics.totalReadySendDuration = uniform(200, 20_000)
    write.l2Metrics.totalNetDeviceSendDuration = uniform(200, 20_000)
    return write.SerializeToString(deterministic=True)
