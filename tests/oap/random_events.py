"""Random event streams of few services, so that names, routes and minutes meet again and again."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from google.protobuf.descriptor import FieldDescriptor

from oap.protocol.accesslog_pb2 import (
    AccessLogConnection,
    AccessLogHTTPProtocol,
    AccessLogKernelLog,
    ConnectionAddress,
    EBPFAccessLogMessage,
    EBPFAccessLogNodeInfo,
    EBPFTimestamp,
)
from tests.oracle.model import Event, Lookup, Mark, Registry

LONG = "s" * 70
SERVICES = ("a.ns", "b.ns", "prod::a.ns", "Unknown", "", "商品.ns", f"{LONG}1", f"{LONG}2")
PODS = ("a-0", "a-1", "Unknown", "", "p" * 75)
REGISTRY: Registry = {
    "10.0.0.1": ("a.ns", ""),
    "10.0.0.2": ("b.ns", "b-0"),
    "10.0.0.3": ("c.ns", "c-0"),
    "10.0.0.4": ("c.ns", "c-1"),
    "10.0.0.5": (f"{LONG}3", "s-0"),
    "10.0.0.6": Lookup.FAILS,
    "10.0.0.7": None,
}
HOSTS = (*REGISTRY, "8.8.8.8", "8.8.4.4", "")
PATHS = ("/", "", "/x", "/reviews/0", "/商品/1", "/" + "long" * 60)
DAY_S = 86_400
_EXTREMES = {
    FieldDescriptor.TYPE_UINT32: (2**32 - 1,),
    FieldDescriptor.TYPE_INT64: (-1, 2**63 - 1, -(2**63)),
    FieldDescriptor.TYPE_UINT64: (2**63, 2**64 - 1),
}


@dataclass(slots=True)
class RandomEvents:
    """Makes events around a clock time. ``spread_s`` says how far back most logs lie."""

    seed: int
    now: int
    spread_s: int = 600
    slots: int = 4
    choose: random.Random = field(init=False)
    boots: Sequence[int] = field(init=False)
    boot_of_slot: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.choose = random.Random(self.seed)  # noqa: S311
        self.boots = [self.now - back for back in (1, 3_600, 2 * DAY_S, 20 * DAY_S)]

    def events(self, count: int) -> list[Event]:
        """So many events, streams beginning and ending among them."""
        open_slots: set[int] = set()
        made: list[Event] = []
        for _ in range(count):
            slot = self.choose.randrange(self.slots)
            if slot not in open_slots:
                open_slots.add(slot)
                made += [(slot, Mark.BEGIN), (slot, self._message(slot, is_first=self.choose.random() < 0.9))]
            elif self.choose.random() < 0.08:
                open_slots.discard(slot)
                made.append((slot, self.choose.choice((Mark.END, Mark.ERROR))))
            elif self.choose.random() < 0.06:
                made.append((slot, self._spoilt(self._message(slot))))
            else:
                made.append((slot, self._message(slot)))
        return made

    def _message(self, slot: int, *, is_first: bool = False) -> bytes:
        message = EBPFAccessLogMessage()
        if is_first or self.choose.random() < 0.05:
            self.boot_of_slot[slot] = self.choose.choice(self.boots)
            message.node.CopyFrom(self._node(self.boot_of_slot[slot]))
        if is_first or self.choose.random() < 0.3:
            message.connection.CopyFrom(self._connection())
        for _ in range(self.choose.choice((0, 1, 1, 2, 5))):
            self._kernel_log(message.kernelLogs.add(), slot)
        if self.choose.random() < 0.5:
            message.protocolLog.SetInParent()
            if self.choose.random() < 0.95:
                self._http(message.protocolLog.http, slot)
        return message.SerializeToString()

    def _spoilt(self, raw: bytes) -> bytes:
        if self.choose.random() < 0.5:
            return raw + b"\x0f"
        at = self.choose.randrange(len(raw) + 1)
        return raw[:at] + bytes([self.choose.randrange(256)]) + raw[at + 1 :]

    def _node(self, boot_s: int) -> EBPFAccessLogNodeInfo:
        node = EBPFAccessLogNodeInfo(clusterName=self.choose.choice(("", "", "prod")))
        if self.choose.random() < 0.97:
            node.bootTime.seconds, node.bootTime.nanos = boot_s, 999_999_999
        return node

    def _connection(self) -> AccessLogConnection:
        connection = AccessLogConnection()
        for name, known in (("role", 3), ("tlsMode", 2), ("protocol", 3)):
            setattr(connection, name, self._number(known))
        for address in (connection.local, connection.remote):
            self._address(address)
        if self.choose.random() < 0.2:
            tunnel = connection.attachment.zTunnel
            tunnel.real_destination_ip = self.choose.choice(HOSTS)
            for name in ("by", "security_policy"):
                setattr(tunnel, name, self._number(2))
        return connection

    def _address(self, address: ConnectionAddress) -> None:
        kind = self.choose.random()
        if kind < 0.55:
            pod = address.kubernetes
            pod.serviceName, pod.podName = self.choose.choice(SERVICES), self.choose.choice(PODS)
            pod.port = self.choose.choice((0, 0, 9080))
            pod.containerName = self.choose.choice(("", "", "box"))
        elif kind < 0.98:
            address.ip.host = self.choose.choice(HOSTS)

    def _number(self, known: int) -> int:
        """An enum's number, rarely one that is not known."""
        numbers: list[int] = [*range(known)] * 3
        return self.choose.choice([*numbers, known, -1])

    def _kernel_log(self, log: AccessLogKernelLog, slot: int) -> None:
        chosen = self.choose.choice(("connect", "accept", "close", "read", "write", "write", "read", ""))
        if not chosen:
            return
        operation = getattr(log, chosen)
        operation.SetInParent()
        self._times(operation.startTime, operation.endTime, slot)
        if chosen in {"connect", "close"}:
            operation.success = self.choose.random() < 0.5
        if chosen in {"read", "write"}:
            for part in (operation.l2Metrics, operation.l3Metrics, operation.l4Metrics):
                self._fill(part)

    def _fill(self, part: object) -> None:
        for name, descriptor in type(part).DESCRIPTOR.fields_by_name.items():  # type: ignore[attr-defined]
            is_number = descriptor.type != descriptor.TYPE_MESSAGE
            if is_number and self.choose.random() < 0.7:
                numbers = (0, 1, 7, 255, self.choose.randrange(2**20), 2**31 - 1, *_EXTREMES[descriptor.type])
                setattr(part, name, self.choose.choice(numbers))

    def _http(self, http: AccessLogHTTPProtocol, slot: int) -> None:
        http.SetInParent()
        self._times(http.startTime, http.endTime, slot)
        setattr(http.request, "method", self._number(9))  # noqa: B010  (stubs know enum values, not numbers)
        http.request.path = self.choose.choice(PATHS)
        self._fill_sizes(http.request)
        if self.choose.random() < 0.9:
            http.response.statusCode = self.choose.choice((0, 101, 200, 204, 301, 404, 499, 500, 503, 600, -1))
            self._fill_sizes(http.response)

    def _fill_sizes(self, part: object) -> None:
        for name in ("sizeOfHeadersBytes", "sizeOfBodyBytes"):
            setattr(part, name, self.choose.randrange(5_000))

    def _times(self, start: EBPFTimestamp, end: EBPFTimestamp, slot: int) -> None:
        spans: Sequence[Callable[[], int]] = (
            lambda: self.choose.randrange(self.spread_s),
            lambda: self.choose.randrange(self.spread_s),
            lambda: self.choose.randrange(self.spread_s),
            lambda: self.choose.randrange(5),
            lambda: self.choose.randrange(9 * DAY_S),
            lambda: -self.choose.randrange(400, 800),
        )
        second = self.now - self.choose.choices(spans, (8, 8, 8, 8, 1, 1))[0]() - self.boot_of_slot.get(slot, self.now)
        first = second * 10**9 + self.choose.randrange(10**9)
        last = first + self.choose.choice((0, 999_999, 40_000, self.choose.randrange(5 * 10**9), -1_500_000))
        if self.choose.random() < 0.97:
            start.offset.offset = first % 2**64
        if self.choose.random() < 0.97:
            end.offset.offset = last % 2**64
