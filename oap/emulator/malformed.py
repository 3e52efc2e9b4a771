"""Messages that are wrong on purpose, one way for each Malformation (spec protocol 4.2 and 6)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from oap.emulator.scenario import Malformation, Malformed
from oap.emulator.wire import bytes_field, number_field
from oap.protocol import accesslog_pb2 as pb

_UNKNOWN = 99
_FUTURE_NS = 30 * 24 * 3_600 * 1_000_000_000
_STREAM_OF_ITS_OWN = frozenset({Malformation.NO_NODE, Malformation.NO_CONNECTION})
_UNUSED_FIELD = 1000


class Spoiler:
    """Adds wrong messages to the streams of one node; well-formed messages are never changed.

    A wrong message stands between two blocks, so that a connection it carries holds for nothing else. Kinds about a
    stream's first message come as a stream with that message only.
    """

    def __init__(self, malformed: Malformed, node: bytes) -> None:
        self._malformed = malformed
        self._node = node

    def spoil(
        self, streams: Sequence[Sequence[Sequence[bytes]]], random: np.random.Generator, offset_ns: int
    ) -> tuple[tuple[bytes, ...], ...]:
        """Return streams of messages from streams of blocks; ``offset_ns`` is the node's time since boot."""
        spoilt: list[tuple[bytes, ...]] = []
        for blocks in streams:
            wrong = self._draw(sum(map(len, blocks)), random)
            inside = [kind for kind in wrong if kind not in _STREAM_OF_ITS_OWN]
            spoilt.append(self._insert(blocks, inside, random, offset_ns))
            spoilt += [
                (malformed_message(kind, offset_ns, random, self._node),)
                for kind in wrong
                if kind in _STREAM_OF_ITS_OWN
            ]
        return tuple(spoilt)

    def _draw(self, messages: int, random: np.random.Generator) -> list[Malformation]:
        if not self._malformed.ratio:
            return []
        kinds = self._malformed.kinds
        count = int(random.binomial(messages, self._malformed.ratio))
        return [kinds[at] for at in random.integers(0, len(kinds), count).tolist()]

    def _insert(
        self,
        blocks: Sequence[Sequence[bytes]],
        wrong: Sequence[Malformation],
        random: np.random.Generator,
        offset_ns: int,
    ) -> tuple[bytes, ...]:
        after = sorted(random.integers(0, len(blocks), len(wrong)).tolist()) if wrong else []
        queue = list(zip(after, wrong, strict=True))
        messages: list[bytes] = []
        for at, block in enumerate(blocks):
            messages += block
            while queue and queue[0][0] == at:
                messages.append(malformed_message(queue.pop(0)[1], offset_ns, random, self._node))
        return tuple(messages)


def malformed_message(kind: Malformation, offset_ns: int, random: np.random.Generator, node: bytes = b"") -> bytes:
    """Return a message that is wrong in one way; ``node`` is the node field for kinds that begin a stream."""
    message = _sample(offset_ns)
    if kind in _BYTES:
        return _BYTES[kind](message.SerializeToString(), random)
    if kind is Malformation.NO_CONNECTION:
        message.ClearField("connection")
        return node + message.SerializeToString()
    if kind is not Malformation.NO_NODE:
        _CHANGES[kind](message)
    return message.SerializeToString()


def _sample(offset_ns: int) -> pb.EBPFAccessLogMessage:
    """Return a well-formed message without node: one write, one read and the HTTP log they carried."""
    message = pb.EBPFAccessLogMessage()
    for end, name in ((message.connection.local, "odd-client"), (message.connection.remote, "odd-server")):
        pod = end.kubernetes
        pod.serviceName, pod.podName, pod.containerName, pod.processName = f"{name}.odd", f"{name}-0", name, name
        pod.port = 8080
    message.connection.protocol = pb.HTTP_1
    write, read = message.kernelLogs.add().write, message.kernelLogs.add().read
    write.l4Metrics.totalPackageSize = 100
    read.l2Metrics.totalPackageSize = 200
    http = message.protocolLog.http
    http.request.path = "/odd"
    http.response.statusCode = 200
    for span in (write, read, http):
        span.startTime.offset.offset = offset_ns
        span.endTime.offset.offset = offset_ns + 5_000_000
    return message


def _truncated(message: bytes, random: np.random.Generator) -> bytes:
    # The message ends with its protocol log of over 40 bytes: a cut inside it never falls on a field's edge.
    return message[: -int(random.integers(1, 30))]


def _garbage(message: bytes, random: np.random.Generator) -> bytes:
    # 0x07 is a tag with the wire type 7, which does not exist.
    return b"\x07" + random.bytes(len(message) // 2)


def _bad_length(message: bytes, _: np.random.Generator) -> bytes:
    return message + b"\x1a\xff\xff\xff\xff\x0f"


def _bad_utf8(message: bytes, _: np.random.Generator) -> bytes:
    return message.replace(b"odd-client.odd", b"odd-\xff\xfe\xfd\xfc\xfb\xfa.odd", 1)


def _empty(_: bytes, __: np.random.Generator) -> bytes:
    return b""


def _unknown_fields(message: bytes, _: np.random.Generator) -> bytes:
    return number_field(_UNUSED_FIELD, 7) + message + bytes_field(_UNUSED_FIELD + 1, b"\x08\x01")


def _no_local(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.ClearField("local")


def _no_remote(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.ClearField("remote")


def _no_address(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.remote.ClearField("kubernetes")
    message.connection.remote.SetInParent()


def _same_service(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.remote.kubernetes.serviceName = message.connection.local.kubernetes.serviceName


def _unknown_role(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.role = _UNKNOWN  # type: ignore[assignment]


def _unknown_enums(message: pb.EBPFAccessLogMessage) -> None:
    message.connection.tlsMode = _UNKNOWN  # type: ignore[assignment]
    message.connection.protocol = _UNKNOWN  # type: ignore[assignment]
    message.kernelLogs[0].write.syscall = _UNKNOWN  # type: ignore[assignment]
    message.kernelLogs[1].read.syscall = _UNKNOWN  # type: ignore[assignment]
    message.protocolLog.http.request.method = _UNKNOWN  # type: ignore[assignment]


def _no_operation(message: pb.EBPFAccessLogMessage) -> None:
    for log in message.kernelLogs:
        log.Clear()


def _no_protocol(message: pb.EBPFAccessLogMessage) -> None:
    message.protocolLog.Clear()
    message.protocolLog.SetInParent()


def _no_timestamps(message: pb.EBPFAccessLogMessage) -> None:
    for span in (message.kernelLogs[0].write, message.kernelLogs[1].read, message.protocolLog.http):
        span.ClearField("startTime")
        span.ClearField("endTime")


def _negative_duration(message: pb.EBPFAccessLogMessage) -> None:
    for span in (message.kernelLogs[0].write, message.kernelLogs[1].read, message.protocolLog.http):
        span.endTime.offset.offset = max(span.startTime.offset.offset - 1_000_000, 0)


def _no_response(message: pb.EBPFAccessLogMessage) -> None:
    message.protocolLog.http.ClearField("response")


def _far_future(message: pb.EBPFAccessLogMessage) -> None:
    for span in (message.kernelLogs[0].write, message.kernelLogs[1].read, message.protocolLog.http):
        span.startTime.offset.offset += _FUTURE_NS
        span.endTime.offset.offset += _FUTURE_NS


_BYTES: Mapping[Malformation, Callable[[bytes, np.random.Generator], bytes]] = MappingProxyType(
    {
        Malformation.TRUNCATED: _truncated,
        Malformation.GARBAGE: _garbage,
        Malformation.BAD_LENGTH: _bad_length,
        Malformation.BAD_UTF8: _bad_utf8,
        Malformation.EMPTY: _empty,
        Malformation.UNKNOWN_FIELDS: _unknown_fields,
    }
)
_CHANGES: Mapping[Malformation, Callable[[pb.EBPFAccessLogMessage], None]] = MappingProxyType(
    {
        Malformation.NO_LOCAL: _no_local,
        Malformation.NO_REMOTE: _no_remote,
        Malformation.NO_ADDRESS: _no_address,
        Malformation.SAME_SERVICE: _same_service,
        Malformation.UNKNOWN_ROLE: _unknown_role,
        Malformation.UNKNOWN_ENUMS: _unknown_enums,
        Malformation.NO_OPERATION: _no_operation,
        Malformation.NO_PROTOCOL: _no_protocol,
        Malformation.NO_TIMESTAMPS: _no_timestamps,
        Malformation.NEGATIVE_DURATION: _negative_duration,
        Malformation.NO_RESPONSE: _no_response,
        Malformation.FAR_FUTURE: _far_future,
    }
)
