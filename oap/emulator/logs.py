"""Kernel and protocol logs as bytes (spec protocol 1.2, 3.4, 3.5)."""

from collections.abc import Callable

import numpy as np

from oap.emulator.scenario import Method, Protocol
from oap.emulator.wire import bytes_field, number_field, text_field, time_span
from oap.protocol import accesslog_pb2 as pb

POOL = 64
"""How many different layer metrics there are per operation and size class; reads and writes draw one of them."""

FIRST_INTERFACE, LAST_INTERFACE = 2, 5
"""Interfaces that packets pass: every simulated node has at least these."""

_SIZE_CLASSES = 32
_SEGMENT_BYTES = 1448
_CONNECT, _ACCEPT, _CLOSE, _READ, _WRITE = 1, 2, 3, 4, 5
_KERNEL_LOGS = 3
_PROTOCOL_LOG = 4
_SKYWALKING = 1
_WRITE_SYSCALLS, _READ_SYSCALLS = 7, 6
"""Rover never reports SendFile64, so only the first seven write syscalls are drawn."""


class LogWriter:
    """Encodes logs; their layer metrics come from pools that the seed decides, filled when first needed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pools: dict[tuple[int, int], list[bytes]] = {}

    def connect(self, start_ns: int, end_ns: int, is_successful: bool) -> bytes:
        """Return a kernelLogs field with a connect operation."""
        return _kernel_log(_CONNECT, time_span(start_ns, end_ns) + number_field(3, int(is_successful)))

    def accept(self, start_ns: int, end_ns: int) -> bytes:
        """Return a kernelLogs field with an accept operation."""
        return _kernel_log(_ACCEPT, time_span(start_ns, end_ns))

    def close(self, start_ns: int, end_ns: int) -> bytes:
        """Return a kernelLogs field with a close operation; ``success`` stays false, as it does for healthy closes."""
        return _kernel_log(_CLOSE, time_span(start_ns, end_ns))

    def read(self, start_ns: int, end_ns: int, size: int, pick: int) -> bytes:
        """Return a kernelLogs field with a read of about ``size`` bytes; ``pick`` below POOL chooses its metrics."""
        return _kernel_log(_READ, time_span(start_ns, end_ns) + self._pool(_READ, size)[pick])

    def write(self, start_ns: int, end_ns: int, size: int, pick: int) -> bytes:
        """Return a kernelLogs field with a write of about ``size`` bytes; ``pick`` below POOL chooses its metrics."""
        return _kernel_log(_WRITE, time_span(start_ns, end_ns) + self._pool(_WRITE, size)[pick])

    def _pool(self, operation: int, size: int) -> list[bytes]:
        key = operation, min(size.bit_length(), _SIZE_CLASSES)
        pool = self._pools.get(key)
        if pool is None:
            random = np.random.Generator(np.random.PCG64([self._seed, 1, *key]))
            make = _read_metrics if operation == _READ else _write_metrics
            pool = self._pools[key] = [make(random, 1 << key[1] >> 1) for _ in range(POOL)]
        return pool


def http_log(
    start_ns: int, end_ns: int, protocol: Protocol, request: bytes, *, status: int, header_bytes: int, body_bytes: int
) -> bytes:
    """Return a protocolLog field; ``request`` is the encoded request, the sizes are those of the response."""
    response = number_field(1, status) + number_field(3, header_bytes) + number_field(4, body_bytes)
    version = number_field(3, int(protocol is Protocol.HTTP2))
    http = time_span(start_ns, end_ns) + version + bytes_field(4, request) + bytes_field(5, response)
    return bytes_field(_PROTOCOL_LOG, bytes_field(1, http))


def http_request(method: Method, path: str, header_bytes: int, body_bytes: int, rest: bytes) -> bytes:
    """Return the fields of a request; ``rest`` are the complete fields trace (may be missing) and host."""
    sizes = number_field(3, header_bytes) + number_field(4, body_bytes)
    return number_field(1, int(method)) + text_field(2, path) + sizes + rest


def host_field(host: str) -> bytes:
    """Return the host field of a request."""
    return text_field(6, host)


def trace_field(words: bytes, is_zipkin: bool, span: int) -> bytes:
    """Return the trace field of a request from 32 random bytes. Zipkin has no segment and a hexadecimal span."""
    trace_id = words[:16].hex()
    if is_zipkin:
        return bytes_field(5, text_field(2, trace_id) + text_field(4, words[24:].hex()))
    segment = f"{words[16:].hex()}.{words[0]}.1"
    ids = text_field(2, f"{trace_id}.{words[1]}.2") + text_field(3, segment) + text_field(4, str(span))
    return bytes_field(5, number_field(1, _SKYWALKING) + ids)


def _kernel_log(operation: int, body: bytes) -> bytes:
    return bytes_field(_KERNEL_LOGS, bytes_field(operation, body))


def _draws(random: np.random.Generator) -> Callable[[int, int], int]:
    return lambda low, high: int(random.integers(low, high))


def _write_metrics(random: np.random.Generator, least_size: int) -> bytes:
    """Everything of a write behind its times. Retransmits and MAC look-ups are rare, no other value is ever zero."""
    draw = _draws(random)
    size = draw(max(least_size, 1), 2 * max(least_size, 1))
    packets = -(-size // _SEGMENT_BYTES)
    retransmits = draw(1, 4) if random.random() < 0.06 else 0
    mac_lookups = draw(1, 3) if random.random() < 0.1 else 0
    operation = pb.AccessLogKernelWriteOperation(syscall=draw(0, _WRITE_SYSCALLS))  # type: ignore[arg-type]
    operation.l4Metrics.totalDuration = draw(5_000, 90_000)
    operation.l4Metrics.totalTransmitPackageCount = min(packets + retransmits, 255)
    operation.l4Metrics.totalRetransmitPackageCount = retransmits
    operation.l4Metrics.totalPackageSize = size
    operation.l3Metrics.totalDuration = draw(4_000, 50_000)
    operation.l3Metrics.totalLocalDuration = draw(500, 9_000)
    operation.l3Metrics.totalOutputDuration = draw(1_000, 20_000)
    operation.l3Metrics.totalResolveMACCount = mac_lookups
    operation.l3Metrics.totalResolveMACDuration = mac_lookups * draw(1_000, 9_000)
    operation.l3Metrics.totalNetFilterCount = min(packets * 2, 255)
    operation.l3Metrics.totalNetFilterDuration = draw(500, 9_000)
    operation.l2Metrics.totalDuration = draw(2_000, 40_000)
    operation.l2Metrics.ifindex = draw(FIRST_INTERFACE, LAST_INTERFACE + 1)
    operation.l2Metrics.totalEnterQueueBufferCount = min(packets, 255)
    operation.l2Metrics.totalReadySendDuration = draw(500, 9_000)
    operation.l2Metrics.totalNetDeviceSendDuration = draw(500, 9_000)
    return operation.SerializeToString(deterministic=True)


def _read_metrics(random: np.random.Generator, least_size: int) -> bytes:
    """Everything of a read behind its times; no value is zero."""
    draw = _draws(random)
    size = draw(max(least_size, 1), 2 * max(least_size, 1))
    packets = min(-(-size // _SEGMENT_BYTES), 255)
    operation = pb.AccessLogKernelReadOperation(syscall=draw(0, _READ_SYSCALLS))  # type: ignore[arg-type]
    operation.l2Metrics.ifindex = draw(FIRST_INTERFACE, LAST_INTERFACE + 1)
    operation.l2Metrics.totalPackageCount = packets
    operation.l2Metrics.totalPackageSize = size + 54 * packets
    operation.l2Metrics.totalPackageToQueueDuration = draw(2_000, 60_000)
    operation.l2Metrics.totalRcvPackageFromQueueDuration = draw(2_000, 60_000)
    operation.l3Metrics.totalDuration = draw(2_000, 40_000)
    operation.l3Metrics.totalRecvDuration = draw(500, 9_000)
    operation.l3Metrics.totalLocalDuration = draw(500, 9_000)
    operation.l3Metrics.totalNetFilterCount = min(packets * 2, 255)
    operation.l3Metrics.totalNetFilterDuration = draw(500, 9_000)
    operation.l4Metrics.totalDuration = draw(2_000, 60_000)
    return operation.SerializeToString(deterministic=True)
