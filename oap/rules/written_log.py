"""Logs written by hand in YAML, as the messages that an agent would send of them."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from oap.config.finding import near_match
from oap.config.yaml_source import YamlNode, YamlReport
from oap.protocol import accesslog_pb2 as pb
from oap.protocol.common_pb2 import DetectPoint
from oap.rules.log_attributes import OPERATIONS, LogFields

CONNECTION_KEYS: Final = ("role", "local", "remote", "protocol", "tls", "ztunnel")
LOG_KEYS: Final = ("time", "repeat", *CONNECTION_KEYS, *OPERATIONS)
NODE: Final = "node"

_REQUIRED: Final = ("role", "local", "remote")
_PROTOCOLS: Final = {"tcp": pb.TCP, "http1": pb.HTTP_1, "http2": pb.HTTP_2}
_POLICIES: Final = {"mtls": pb.MTLS, "none": pb.NONE}
_TIME: Final = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")
_NS_PER_S: Final = 1_000_000_000
_BOOTED: Final = timedelta(days=1)
"""How long before the day of the logs their node started."""

_MOST_REPEATS: Final = 10_000

Nodes = Mapping[str, YamlNode]


@dataclass(frozen=True, slots=True)
class WrittenLogs:
    """Messages of one stream, and the line that each was written in."""

    messages: Sequence[bytes]
    lines: Sequence[int]


class LogReader:
    """Reads the logs of one day; findings go to the report."""

    def __init__(self, report: YamlReport, day: date) -> None:
        self._report = report
        self._boot = datetime.combine(day, time(), UTC) - _BOOTED

    def logs(self, items: Sequence[YamlNode], connection: Nodes) -> WrittenLogs:
        """The messages of a list of logs; ``connection`` holds what logs need not repeat."""
        interfaces: dict[str, int] = {}
        fields = LogFields(self._report, interfaces)
        messages: list[pb.EBPFAccessLogMessage] = []
        lines: list[int] = []
        for item in items:
            entries = self._report.mapping(item, LOG_KEYS)
            message = self._message(item, {**connection, **entries}, fields)
            times = self._repeats(entries)
            messages += [message] * times
            lines += [item.line] * times
        if not messages:
            return WrittenLogs((), ())
        head = pb.EBPFAccessLogMessage(node=self._node(interfaces))
        head.MergeFrom(messages[0])
        return WrittenLogs([message.SerializeToString() for message in (head, *messages[1:])], lines)

    def connection(self, node: YamlNode) -> Nodes:
        """What all logs of a file or case share."""
        return self._report.mapping(node, CONNECTION_KEYS)

    def _node(self, interfaces: Mapping[str, int]) -> pb.EBPFAccessLogNodeInfo:
        node = pb.EBPFAccessLogNodeInfo(name=NODE)
        node.bootTime.seconds = int(self._boot.timestamp())
        for name, index in interfaces.items():
            node.netInterfaces.add(index=index, name=name)
        return node

    def _message(self, item: YamlNode, entries: Nodes, fields: LogFields) -> pb.EBPFAccessLogMessage:
        message = pb.EBPFAccessLogMessage(connection=self._connection(item, entries))
        start_ns = self._start_ns(item, entries)
        written = [key for key in entries if key in OPERATIONS]
        if not written:
            self._report.error(item, "a log needs an operation", f"one of {', '.join(OPERATIONS)}")
        for operation in written:
            target = message.protocolLog.http if operation == "http" else getattr(message.kernelLogs.add(), operation)
            target.SetInParent()
            duration_ns = fields.read(operation, entries[operation], target)
            if start_ns + duration_ns < 0:
                self._report.error(entries[operation], "ends before its node was started")
                continue
            target.startTime.offset.offset = start_ns
            target.endTime.offset.offset = start_ns + duration_ns
        return message

    def _connection(self, item: YamlNode, entries: Nodes) -> pb.AccessLogConnection:
        for key in _REQUIRED:
            if key not in entries:
                self._report.error(item, f"the log lacks '{key}'", "give it here, or in 'connection'")
        connection = pb.AccessLogConnection()
        if "role" in entries:
            connection.role = self._word(entries["role"], dict(DetectPoint.items()))  # type: ignore[assignment]
        for side in ("local", "remote"):
            if side in entries:
                self._address(entries[side], getattr(connection, side))
        if "protocol" in entries:
            connection.protocol = self._word(entries["protocol"], _PROTOCOLS)  # type: ignore[assignment]
        if "tls" in entries and self._report.boolean(entries["tls"]):
            connection.tlsMode = pb.TLS
        if "ztunnel" in entries:
            tunnel = connection.attachment.zTunnel
            # Detected inbound, the address of the remote side is its own and not the tunnel's.
            tunnel.by = pb.ZTUNNEL_INBOUND_FUNC
            tunnel.security_policy = self._word(entries["ztunnel"], _POLICIES)  # type: ignore[assignment]
        return connection

    def _address(self, node: YamlNode, address: pb.ConnectionAddress) -> None:
        text = self._report.string(node)
        if text is None:
            return
        try:
            address.ip.host = str(ipaddress.ip_address(text))
        except ValueError:
            service, slash, pod = text.rpartition("/")
            address.kubernetes.serviceName = service if slash else text
            address.kubernetes.podName = pod if slash else ""
            if slash and not (service and pod):
                self._report.error(node, f"'{text}' is no address", "write service/pod, service, or an IP address")

    def _start_ns(self, item: YamlNode, entries: Nodes) -> int:
        """Nanoseconds since the node was started."""
        if "time" not in entries:
            self._report.error(item, "the log lacks 'time'", 'for example "12:34:05"')
            return 0
        node = entries["time"]
        match = _TIME.fullmatch(node.raw)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3]) > 59:
            self._report.error(node, f"'{node.raw}' is no time", 'write "12:34:05", or "12:34:05.250"')
            return 0
        seconds = (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])
        return (int(_BOOTED.total_seconds()) + seconds) * _NS_PER_S + int((match[4] or "0").ljust(9, "0"))

    def _repeats(self, entries: Nodes) -> int:
        if "repeat" not in entries:
            return 1
        times = self._report.integer(entries["repeat"])
        if times is not None and not 1 <= times <= _MOST_REPEATS:
            self._report.error(entries["repeat"], f"'repeat' must be from 1 to {_MOST_REPEATS}, found {times}")
            return 1
        return times or 1

    def _word(self, node: YamlNode, numbers: Mapping[str, int]) -> int:
        word = self._report.string(node)
        if word is not None and word not in numbers:
            self._report.error(node, f"'{node.path}' cannot be '{word}'", near_match(word, numbers))
        return numbers.get(word or "", 0)
