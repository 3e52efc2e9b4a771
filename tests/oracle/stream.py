"""State of the streams and the fate of each log (spec entities 1, 7; receiver-protocol 4.1, 4.2)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from google.protobuf.message import DecodeError

from oap.protocol.accesslog_pb2 import AccessLogHTTPProtocol, AccessLogKernelLog, EBPFAccessLogMessage
from tests.oracle.connection import Connection, Invalid, build_connection
from tests.oracle.logs import start_and_duration, whole_second
from tests.oracle.model import Event, Mark, Registry

TTL_DAYS = 7
FUTURE_LIMIT_S = 600

NO_CONNECTION = Invalid("no_connection")


@dataclass(frozen=True, slots=True)
class Node:
    """What counts of a node: its boot second and its cluster."""

    boot_second: int
    cluster: str


@dataclass(slots=True)
class StreamState:
    """State of one stream; lost when it ends."""

    node: Node | None = None
    connection: Connection | Invalid = NO_CONNECTION


@dataclass(frozen=True, slots=True)
class Clock:
    """The server's time: an epoch second and the zone of its calendar."""

    now: int
    zone: tzinfo

    def is_refused(self, second: int) -> bool:
        """Too far ahead of the clock."""
        return second > self.now + FUTURE_LIMIT_S

    def minute_of(self, second: int) -> int | None:
        """Local minute bucket (spec entities 7); None where its day is not among the last TTL days, today included (7.1)."""
        try:
            at = datetime.fromtimestamp(second, self.zone)
        except (OverflowError, ValueError, OSError):
            return None  # before the first year of the calendar
        today = datetime.fromtimestamp(self.now, self.zone).date()
        if (today - at.date()).days >= TTL_DAYS:
            return None
        return int(at.strftime("%Y%m%d%H%M"))


@dataclass(frozen=True, slots=True)
class FoldedLog:
    """A log that counts, with its connection and time. ``log`` is a kernel log with operation or an HTTP log."""

    connection: Connection
    log: AccessLogKernelLog | AccessLogHTTPProtocol
    second: int
    minute: int
    duration_ns: int


@dataclass(slots=True)
class Accounts:
    """received = folded + dropped + refused."""

    messages: int = 0
    malformed: int = 0
    received: int = 0
    folded: int = 0
    refused: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    drop_details: Counter[tuple[str, str]] = field(default_factory=Counter)


class Streams:
    """Turns events into the logs that count, handing each to ``fold`` in order, and keeps the accounts."""

    def __init__(self, registry: Registry, clock: Clock, fold: Callable[[FoldedLog], None]) -> None:
        self.accounts = Accounts()
        self._registry = registry
        self._clock = clock
        self._fold = fold
        self._states: dict[int, StreamState] = {}

    def take(self, event: Event) -> None:
        """Handle one event."""
        stream, what = event
        if isinstance(what, bytes):
            self._message(self._states.setdefault(stream, StreamState()), what)
        elif what is Mark.BEGIN:
            self._states[stream] = StreamState()
        else:
            self._states.pop(stream, None)

    def _message(self, state: StreamState, raw: bytes) -> None:
        self.accounts.messages += 1
        try:
            message = EBPFAccessLogMessage.FromString(raw)
        except DecodeError:
            self.accounts.malformed += 1
            state.connection = NO_CONNECTION
            return
        # the order of spec entities 1: node, connection, kernel logs, protocol log
        if message.HasField("node"):
            state.node = Node(message.node.bootTime.seconds, message.node.clusterName)
        if message.HasField("connection"):
            state.connection = self._connection(state, message)
        for kernel_log in message.kernelLogs:
            self._kernel_log(state, kernel_log)
        if message.HasField("protocolLog"):
            is_http = message.protocolLog.WhichOneof("protocol") == "http"
            self._log(state, message.protocolLog.http if is_http else None, "no_protocol")

    def _connection(self, state: StreamState, message: EBPFAccessLogMessage) -> Connection | Invalid:
        connection = build_connection(message.connection, state.node.cluster if state.node else "", self._registry)
        if isinstance(connection, Invalid) and connection.detail is not None:
            self.accounts.drop_details[connection.reason, connection.detail] += 1
        return connection

    def _kernel_log(self, state: StreamState, log: AccessLogKernelLog) -> None:
        self._log(state, log if log.WhichOneof("operation") else None, "no_operation")

    def _log(self, state: StreamState, log: AccessLogKernelLog | AccessLogHTTPProtocol | None, if_empty: str) -> None:
        """Count a log and fold it unless, in this order, connection, node, content or time forbid it."""
        self.accounts.received += 1
        if isinstance(state.connection, Invalid):
            self.accounts.dropped[state.connection.reason] += 1
        elif state.node is None:
            self.accounts.dropped["no_node"] += 1
        elif log is None:
            self.accounts.dropped[if_empty] += 1
        else:
            self._timed_log(state.connection, state.node, log)

    def _timed_log(self, connection: Connection, node: Node, log: AccessLogKernelLog | AccessLogHTTPProtocol) -> None:
        operation = log if isinstance(log, AccessLogHTTPProtocol) else getattr(log, str(log.WhichOneof("operation")))
        start_ns, duration_ns = start_and_duration(operation)
        second = whole_second(node.boot_second, start_ns)
        if self._clock.is_refused(second):  # the future is never expired, so the order of the two checks is free
            self.accounts.refused += 1
            return
        minute = self._clock.minute_of(second)
        if minute is None:
            self.accounts.dropped["expired"] += 1
            return
        self.accounts.folded += 1
        self._fold(FoldedLog(connection, log, second, minute, duration_ns))
