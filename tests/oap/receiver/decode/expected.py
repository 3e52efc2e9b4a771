"""What the decoder must make of a message, computed from the protobuf object (spec entities 5, receiver 4.2)."""

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from oap.protocol.accesslog_pb2 import (
    AccessLogConnection,
    AccessLogHTTPProtocol,
    AccessLogKernelLog,
    AccessLogKernelReadOperation,
    AccessLogKernelWriteOperation,
    ConnectionAddress,
    EBPFAccessLogMessage,
    EBPFTimestamp,
)
from oap.receiver.decode import layout as lay

OPERATIONS = {"connect": lay.CONNECT, "accept": lay.ACCEPT, "close": lay.CLOSE, "read": lay.READ, "write": lay.WRITE}
Address = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """Role, TLS mode and protocol as numbers; addresses as kind and texts; tunnel as (by, policy, real address)."""

    role: int
    tls: int
    protocol: int
    local: Address
    remote: Address
    tunnel: tuple[int, int, str] | None


@dataclass(frozen=True, slots=True)
class Log:
    """One log: its operation, start offset, whether a timestamp was missing, and its columns by name."""

    operation: int
    offset: int = 0
    is_flagged: bool = False
    columns: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message; ``node`` as canonical bytes. None where the message carries no such thing."""

    connection: Connection | None
    node: bytes | None
    logs: list[Log]


def expected(raw: bytes) -> Message | None:
    """What must come out of the bytes, None where they are malformed."""
    try:
        message = EBPFAccessLogMessage.FromString(raw)
    except DecodeError:
        return None
    logs = [_kernel_log(log) for log in message.kernelLogs]
    if message.HasField("protocolLog"):
        has_http = message.protocolLog.WhichOneof("protocol") == "http"
        logs.append(_http_log(message.protocolLog.http) if has_http else Log(lay.NO_PROTOCOL))
    return Message(
        _connection(message.connection) if message.HasField("connection") else None,
        message.node.SerializeToString(deterministic=True) if message.HasField("node") else None,
        logs,
    )


def int64(number: int) -> int:
    """The number as signed 64 bits."""
    return (number + 2**63) % 2**64 - 2**63


def int32(number: int) -> int:
    """The number as signed 32 bits."""
    return (number + 2**31) % 2**32 - 2**31


def _connection(sent: AccessLogConnection) -> Connection:
    tunnel = None
    if sent.attachment.WhichOneof("environment") == "zTunnel":
        attached = sent.attachment.zTunnel
        tunnel = (attached.by, attached.security_policy, attached.real_destination_ip)
    return Connection(sent.role, sent.tlsMode, sent.protocol, _address(sent.local), _address(sent.remote), tunnel)


def _address(sent: ConnectionAddress) -> Address:
    match sent.WhichOneof("address"):
        case "kubernetes":
            pod = sent.kubernetes
            return ("kubernetes", pod.serviceName, pod.podName, pod.containerName, pod.processName, pod.port)
        case "ip":
            return ("ip", sent.ip.host)
        case _:
            return ()


def _kernel_log(log: AccessLogKernelLog) -> Log:
    name = log.WhichOneof("operation")
    if name is None:
        return Log(lay.NO_OPERATION)
    operation = getattr(log, name)
    start, duration, is_flagged = _times(operation.startTime, operation.endTime)
    columns: dict[str, int | str] = {f"{name}.duration": duration}
    if name in {"connect", "close"}:
        columns[f"{name}.success"] = int(operation.success)
    elif name == "read":
        columns |= _read(operation)
    elif name == "write":
        columns |= _write(operation)
    return Log(OPERATIONS[name], start, is_flagged, columns)


def _times(start: EBPFTimestamp, end: EBPFTimestamp) -> tuple[int, int, bool]:
    has_start, has_end = start.HasField("offset"), end.HasField("offset")
    first = start.offset.offset if has_start else end.offset.offset
    last = end.offset.offset if has_end else first
    return int64(first), int64(last - first), not (has_start and has_end)


def _counted(count: int, duration: int) -> tuple[int, int]:
    return (int64(count), int64(duration)) if int64(count) > 0 else (0, 0)


def _read(read: AccessLogKernelReadOperation) -> dict[str, int]:
    l4, l3, l2 = read.l4Metrics, read.l3Metrics, read.l2Metrics
    filters, filter_duration = _counted(l3.totalNetFilterCount, l3.totalNetFilterDuration)
    return {
        "read.syscall": read.syscall,
        "read.l4.duration": int64(l4.totalDuration),
        "read.l3.duration": int64(l3.totalDuration),
        "read.l3.rcvDuration": int64(l3.totalRecvDuration),
        "read.l3.localDuration": int64(l3.totalLocalDuration),
        "read.l3.netFilterCount": filters,
        "read.l3.netFilterDuration": filter_duration,
        "read.l2.ifindex": int32(l2.ifindex),
        "read.l2.packageCount": int32(l2.totalPackageCount),
        "read.l2.totalPackageSize": int64(l2.totalPackageSize),
        "read.l2.packageToQueueDuration": int64(l2.totalPackageToQueueDuration),
        "read.l2.rcvPackageFromQueueDuration": int64(l2.totalRcvPackageFromQueueDuration),
    }


def _write(write: AccessLogKernelWriteOperation) -> dict[str, int]:
    l4, l3, l2 = write.l4Metrics, write.l3Metrics, write.l2Metrics
    resolved, resolve_duration = _counted(l3.totalResolveMACCount, l3.totalResolveMACDuration)
    filters, filter_duration = _counted(l3.totalNetFilterCount, l3.totalNetFilterDuration)
    return {
        "write.syscall": write.syscall,
        "write.l4.duration": int64(l4.totalDuration),
        "write.l4.transmitPackageCount": l4.totalTransmitPackageCount,
        "write.l4.retransmitPackageCount": l4.totalRetransmitPackageCount,
        "write.l4.totalPackageSize": l4.totalPackageSize,
        "write.l3.duration": int64(l3.totalDuration),
        "write.l3.localDuration": int64(l3.totalLocalDuration),
        "write.l3.outputDuration": int64(l3.totalOutputDuration),
        "write.l3.resolveMACCount": resolved,
        "write.l3.resolveMACDuration": resolve_duration,
        "write.l3.netFilterCount": filters,
        "write.l3.netFilterDuration": filter_duration,
        "write.l2.duration": int64(l2.totalDuration),
        "write.l2.ifindex": int32(l2.ifindex),
        "write.l2.enterQueueBufferCount": int64(l2.totalEnterQueueBufferCount),
        "write.l2.readySendDuration": int64(l2.totalReadySendDuration),
        "write.l2.networkDeviceSendDuration": int64(l2.totalNetDeviceSendDuration),
    }


def _http_log(http: AccessLogHTTPProtocol) -> Log:
    start, duration, is_flagged = _times(http.startTime, http.endTime)
    milliseconds = abs(duration) // 1_000_000
    columns: dict[str, int | str] = {
        "protocol.http.latency": milliseconds if duration >= 0 else -milliseconds,
        "protocol.success": int(http.response.statusCode < 500),
        "protocol.http.statusCode": http.response.statusCode,
        "protocol.http.method": http.request.method,
        "protocol.http.sizeOfRequestHeader": int64(http.request.sizeOfHeadersBytes),
        "protocol.http.sizeOfRequestBody": int64(http.request.sizeOfBodyBytes),
        "protocol.http.sizeOfResponseHeader": int64(http.response.sizeOfHeadersBytes),
        "protocol.http.sizeOfResponseBody": int64(http.response.sizeOfBodyBytes),
        "path": http.request.path,
    }
    return Log(lay.HTTP, start, is_flagged, columns)
