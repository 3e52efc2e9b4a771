"""Attributes of single logs (spec entities 5.2 to 5.4), as a dict from dotted OAL path to value.

Left out are the texts that no metric reads: syscalls, device names, URL and method.
"""

from typing import Protocol

from oap.protocol.accesslog_pb2 import (
    AccessLogHTTPProtocol,
    AccessLogHTTPProtocolRequest,
    AccessLogHTTPProtocolRequestMethod,
    AccessLogKernelLog,
    AccessLogKernelReadOperation,
    AccessLogKernelWriteOperation,
    EBPFTimestamp,
)
from tests.oracle.arithmetic import divide, signed32, signed64

Row = dict[str, int | bool | str]


class Timed(Protocol):
    """Any message with a start and an end."""

    @property
    def startTime(self) -> EBPFTimestamp: ...  # noqa: N802  (name of the wire field)

    @property
    def endTime(self) -> EBPFTimestamp: ...  # noqa: N802


def start_and_duration(operation: Timed) -> tuple[int, int]:
    """Start offset and duration in ns, signed 64-bit. A missing end stands for the other one; both missing: 0, 0."""
    has_start, has_end = operation.startTime.HasField("offset"), operation.endTime.HasField("offset")
    start = operation.startTime.offset.offset if has_start else operation.endTime.offset.offset
    end = operation.endTime.offset.offset if has_end else start
    return signed64(start), signed64(end - start)


def whole_second(boot_second: int, start_offset_ns: int) -> int:
    """Instant of a log: boot nanos and the rest of a second do not count (spec entities 7, receiver-protocol 1.5)."""
    return boot_second + divide(start_offset_ns, 10**9)


def kernel_row(log: AccessLogKernelLog, duration_ns: int) -> Row:
    """Attributes of a kernel log that has an operation."""
    match log.WhichOneof("operation"):
        case "connect":
            return {"type": "connect", "connect.duration": duration_ns, "connect.success": log.connect.success}
        case "accept":
            return {"type": "accept", "accept.duration": duration_ns}
        case "close":
            return {"type": "close", "close.duration": duration_ns, "close.success": log.close.success}
        case "read":
            return read_row(log.read, duration_ns)
        case _:
            return write_row(log.write, duration_ns)


def write_row(write: AccessLogKernelWriteOperation, duration_ns: int) -> Row:
    """Attributes of a write (spec entities 5.3)."""
    l4, l3, l2 = write.l4Metrics, write.l3Metrics, write.l2Metrics
    resolved, filtered = signed64(l3.totalResolveMACCount) > 0, signed64(l3.totalNetFilterCount) > 0
    return {
        "type": "write",
        "write.duration": duration_ns,
        "write.l4.duration": signed64(l4.totalDuration),
        "write.l4.transmitPackageCount": l4.totalTransmitPackageCount,
        "write.l4.retransmitPackageCount": l4.totalRetransmitPackageCount,
        "write.l4.totalPackageSize": l4.totalPackageSize,
        "write.l3.duration": signed64(l3.totalDuration),
        "write.l3.localDuration": signed64(l3.totalLocalDuration),
        "write.l3.outputDuration": signed64(l3.totalOutputDuration),
        "write.l3.resolveMACCount": signed64(l3.totalResolveMACCount) if resolved else 0,
        "write.l3.resolveMACDuration": signed64(l3.totalResolveMACDuration) if resolved else 0,
        "write.l3.netFilterCount": signed64(l3.totalNetFilterCount) if filtered else 0,
        "write.l3.netFilterDuration": signed64(l3.totalNetFilterDuration) if filtered else 0,
        "write.l2.duration": signed64(l2.totalDuration),
        "write.l2.enterQueueBufferCount": signed64(l2.totalEnterQueueBufferCount),
        "write.l2.readySendDuration": signed64(l2.totalReadySendDuration),
        "write.l2.networkDeviceSendDuration": signed64(l2.totalNetDeviceSendDuration),
    }


def read_row(read: AccessLogKernelReadOperation, duration_ns: int) -> Row:
    """Attributes of a read (spec entities 5.3)."""
    l4, l3, l2 = read.l4Metrics, read.l3Metrics, read.l2Metrics
    filtered = signed64(l3.totalNetFilterCount) > 0
    return {
        "type": "read",
        "read.duration": duration_ns,
        "read.l4.duration": signed64(l4.totalDuration),
        "read.l3.duration": signed64(l3.totalDuration),
        "read.l3.rcvDuration": signed64(l3.totalRecvDuration),
        "read.l3.localDuration": signed64(l3.totalLocalDuration),
        "read.l3.netFilterCount": signed64(l3.totalNetFilterCount) if filtered else 0,
        "read.l3.netFilterDuration": signed64(l3.totalNetFilterDuration) if filtered else 0,
        "read.l2.packageCount": signed32(l2.totalPackageCount),
        "read.l2.totalPackageSize": signed64(l2.totalPackageSize),
        "read.l2.packageToQueueDuration": signed64(l2.totalPackageToQueueDuration),
        "read.l2.rcvPackageFromQueueDuration": signed64(l2.totalRcvPackageFromQueueDuration),
    }


def http_fields(http: AccessLogHTTPProtocol, duration_ns: int) -> Row:
    """Attributes below ``http`` without their prefix (spec entities 5.4). Latency in ms."""
    return {
        "latency": divide(duration_ns, 10**6),
        "statusCode": http.response.statusCode,
        "sizeOfRequestHeader": signed64(http.request.sizeOfHeadersBytes),
        "sizeOfRequestBody": signed64(http.request.sizeOfBodyBytes),
        "sizeOfResponseHeader": signed64(http.response.sizeOfHeadersBytes),
        "sizeOfResponseBody": signed64(http.response.sizeOfBodyBytes),
    }


def protocol_row(http: AccessLogHTTPProtocol, duration_ns: int) -> Row:
    """Attributes of an HTTP log for the scopes of services, instances and relations (spec entities 5.4)."""
    fields = {f"protocol.http.{name}": value for name, value in http_fields(http, duration_ns).items()}
    success = http.response.statusCode < 500
    return {"type": "protocol", "protocol.type": "http", "protocol.success": success, **fields}


def endpoint_row(http: AccessLogHTTPProtocol, duration_ns: int) -> Row:
    """Attributes of the same log for K8SEndpoint (spec entities 5.4)."""
    fields = http_fields(http, duration_ns)
    prefixed = {f"http.{name}": value for name, value in fields.items()}
    return {"type": "http", "success": http.response.statusCode < 500, "duration": fields["latency"], **prefixed}


METHODS: dict[int, str] = {number: name for name, number in AccessLogHTTPProtocolRequestMethod.items()}


def raw_endpoint_name(request: AccessLogHTTPProtocolRequest) -> str:
    """``METHOD:path`` before formatting (spec entities 3)."""
    return f"{METHODS.get(request.method, 'UNRECOGNIZED').upper()}:{request.path}"
