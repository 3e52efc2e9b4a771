"""The decoder's yardstick: protobuf objects, and attribute access to fill the same columns.

Written as one would write it who has to: rows go into ``array`` in one call each and become numpy tables without another
copy, sub-messages are bound to local names. Texts become numbers of distinct texts, one column where the decoder has two.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from oap.protocol import accesslog_pb2 as pb
from oap.receiver.decode import layout as lay

_parse = pb.EBPFAccessLogMessage.FromString
CONNECTION_COLUMNS = 22
"""message, role, tls, protocol; per side kind, service, pod, host, container, process, port; ztunnel given, by, policy,
address."""

TABLE_COLUMNS = {op: len(names) - (op == lay.HTTP) for op, names in lay.COLUMNS.items()}
"""Columns per operation: those of the decoder, but one for the path of a request."""


@dataclass(slots=True)
class ObjectColumns:
    """Columns of some messages; ``connection_row`` int32[messages], -1 without one, -2 for a malformed message."""

    connection_row: "array[int]" = field(default_factory=lambda: array("i"))
    connections: "array[int]" = field(default_factory=lambda: array("q"))
    nodes: list[pb.EBPFAccessLogNodeInfo] = field(default_factory=list)
    node_messages: "array[int]" = field(default_factory=lambda: array("q"))
    order: "array[int]" = field(default_factory=lambda: array("q"))
    tables: dict[int, "array[int]"] = field(default_factory=lambda: {op: array("q") for op in lay.COLUMNS})
    rows: list[int] = field(default_factory=lambda: [0] * (lay.HTTP + 1))
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """Dense number of a text."""
        return self.numbers.setdefault(text, len(self.numbers))

    def table(self, operation: int) -> npt.NDArray[np.int64]:
        """int64[rows, columns] of an operation."""
        return np.frombuffer(self.tables[operation], np.int64).reshape(-1, TABLE_COLUMNS[operation])

    def all_tables(self) -> list[npt.NDArray[np.int64]]:
        """Every table of a batch as numpy arrays: operations, order, connections."""
        return [
            *(self.table(operation) for operation in lay.COLUMNS),
            np.frombuffer(self.order, np.int64).reshape(-1, lay.ORDER_WIDTH),
            np.frombuffer(self.connections, np.int64).reshape(-1, CONNECTION_COLUMNS),
        ]


def fill_columns(messages: Sequence[bytes]) -> ObjectColumns:
    """Parse all messages and fill the columns of all their logs."""
    filled = ObjectColumns()
    number = filled.number
    for at, raw in enumerate(messages):
        try:
            message = _parse(raw)
        except DecodeError:
            filled.connection_row.append(-2)
            continue
        if message.HasField("node"):
            filled.nodes.append(message.node)
            filled.node_messages.append(at)
        if message.HasField("connection"):
            filled.connection_row.append(len(filled.connections) // CONNECTION_COLUMNS)
            filled.connections.extend(_connection(at, message.connection, number))
        else:
            filled.connection_row.append(-1)
        for log in message.kernelLogs:
            _add_kernel_log(filled, at, log)
        if message.HasField("protocolLog"):
            _add_protocol_log(filled, at, message.protocolLog)
    return filled


def _connection(at: int, connection: pb.AccessLogConnection, number: Any) -> tuple[int, ...]:
    ztunnel: tuple[int, ...] = (0, 0, 0, -1)
    if connection.HasField("attachment") and connection.attachment.HasField("zTunnel"):
        attached = connection.attachment.zTunnel
        ztunnel = (1, attached.by, attached.security_policy, number(attached.real_destination_ip))
    return (
        at,
        connection.role,
        connection.tlsMode,
        connection.protocol,
        *_address(connection.local, number),
        *_address(connection.remote, number),
        *ztunnel,
    )


def _address(address: pb.ConnectionAddress, number: Any) -> tuple[int, ...]:
    kind = address.WhichOneof("address")
    if kind == "kubernetes":
        pod = address.kubernetes
        names = (number(pod.serviceName), number(pod.podName), -1, number(pod.containerName), number(pod.processName))
        return (lay.KUBERNETES, *names, pod.port)
    if kind == "ip":
        return (lay.IP, -1, -1, number(address.ip.host), -1, -1, 0)
    return (0, -1, -1, -1, -1, -1, 0)


def _times(operation: Any) -> tuple[int, int, int]:
    """Start, duration and flags of a log; a timestamp that is absent takes the other's value."""
    has_start, has_end = operation.startTime.HasField("offset"), operation.endTime.HasField("offset")
    start = operation.startTime.offset.offset if has_start else operation.endTime.offset.offset
    end = operation.endTime.offset.offset if has_end else start
    return start, end - start, 0 if has_start and has_end else lay.TIMESTAMP_MISSING


def _add_kernel_log(filled: ObjectColumns, at: int, log: pb.AccessLogKernelLog) -> None:
    kind = log.WhichOneof("operation")
    if kind == "write":
        operation = lay.WRITE
        start, duration, flags = _times(log.write)
        filled.tables[lay.WRITE].extend(_write(log.write, duration))
    elif kind == "read":
        operation = lay.READ
        start, duration, flags = _times(log.read)
        filled.tables[lay.READ].extend(_read(log.read, duration))
    elif kind == "connect":
        operation = lay.CONNECT
        start, duration, flags = _times(log.connect)
        filled.tables[lay.CONNECT].extend((duration, log.connect.success))
    elif kind == "close":
        operation = lay.CLOSE
        start, duration, flags = _times(log.close)
        filled.tables[lay.CLOSE].extend((duration, log.close.success))
    elif kind == "accept":
        operation = lay.ACCEPT
        start, duration, flags = _times(log.accept)
        filled.tables[lay.ACCEPT].append(duration)
    else:
        filled.order.extend((at, lay.NO_OPERATION, 0, 0, 0))
        return
    filled.order.extend((at, operation, filled.rows[operation], start, flags))
    filled.rows[operation] += 1


def _write(write: pb.AccessLogKernelWriteOperation, duration: int) -> tuple[int, ...]:
    l4, l3, l2 = write.l4Metrics, write.l3Metrics, write.l2Metrics
    resolved, filtered = l3.totalResolveMACCount, l3.totalNetFilterCount
    return (
        duration,
        write.syscall,
        l4.totalDuration,
        l4.totalTransmitPackageCount,
        l4.totalRetransmitPackageCount,
        l4.totalPackageSize,
        l3.totalDuration,
        l3.totalLocalDuration,
        l3.totalOutputDuration,
        resolved,
        l3.totalResolveMACDuration if resolved > 0 else 0,
        filtered,
        l3.totalNetFilterDuration if filtered > 0 else 0,
        l2.totalDuration,
        l2.ifindex,
        l2.totalEnterQueueBufferCount,
        l2.totalReadySendDuration,
        l2.totalNetDeviceSendDuration,
    )


def _read(read: pb.AccessLogKernelReadOperation, duration: int) -> tuple[int, ...]:
    l4, l3, l2 = read.l4Metrics, read.l3Metrics, read.l2Metrics
    filtered = l3.totalNetFilterCount
    return (
        duration,
        read.syscall,
        l4.totalDuration,
        l3.totalDuration,
        l3.totalRecvDuration,
        l3.totalLocalDuration,
        filtered,
        l3.totalNetFilterDuration if filtered > 0 else 0,
        l2.ifindex,
        l2.totalPackageCount,
        l2.totalPackageSize,
        l2.totalPackageToQueueDuration,
        l2.totalRcvPackageFromQueueDuration,
    )


def _add_protocol_log(filled: ObjectColumns, at: int, log: pb.AccessLogProtocolLogs) -> None:
    if not log.HasField("http"):
        filled.order.extend((at, lay.NO_PROTOCOL, 0, 0, 0))
        return
    http = log.http
    request, response = http.request, http.response
    start, duration, flags = _times(http)
    status = response.statusCode
    filled.tables[lay.HTTP].extend(
        (
            duration // 1_000_000 if duration >= 0 else -(-duration // 1_000_000),
            status < 500,
            status,
            request.method,
            request.sizeOfHeadersBytes,
            request.sizeOfBodyBytes,
            response.sizeOfHeadersBytes,
            response.sizeOfBodyBytes,
            filled.number(request.path),
        )
    )
    filled.order.extend((at, lay.HTTP, filled.rows[lay.HTTP], start, flags))
    filled.rows[lay.HTTP] += 1
