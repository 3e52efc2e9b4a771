"""Every wrong message is wrong in the way its name says, and does no harm to its neighbours."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError

from oap.emulator.malformed import malformed_message
from oap.emulator.scenario import Malformation, Malformed
from oap.emulator.traffic import Flush, cluster_traffic
from oap.emulator.wire import bytes_field
from oap.protocol import accesslog_pb2 as pb
from tests.oap.emulator.small_scenario import START_S, minute, scenario

OFFSET_NS = 10**13
NODE = bytes_field(1, pb.EBPFAccessLogNodeInfo(name="n").SerializeToString())
UNDECODABLE = [Malformation.TRUNCATED, Malformation.GARBAGE, Malformation.BAD_LENGTH, Malformation.BAD_UTF8]


def made(kind: Malformation, seed: int = 1) -> bytes:
    return malformed_message(kind, OFFSET_NS, np.random.Generator(np.random.PCG64(seed)), NODE)


def spans(message: pb.EBPFAccessLogMessage) -> list[tuple[int, int]]:
    first, second, http = message.kernelLogs[0].write, message.kernelLogs[1].read, message.protocolLog.http
    logs: tuple[Any, ...] = (first, second, http)
    return [(log.startTime.offset.offset, log.endTime.offset.offset) for log in logs]


ODD: dict[Malformation, Callable[[pb.EBPFAccessLogMessage], bool]] = {
    Malformation.EMPTY: lambda m: m.ByteSize() == 0,
    Malformation.UNKNOWN_FIELDS: lambda m: b"\xc0\x3e\x07" in m.SerializeToString(),
    Malformation.NO_NODE: lambda m: not m.HasField("node") and m.HasField("connection"),
    Malformation.NO_CONNECTION: lambda m: m.HasField("node") and not m.HasField("connection"),
    Malformation.NO_LOCAL: lambda m: not m.connection.HasField("local") and m.connection.HasField("remote"),
    Malformation.NO_REMOTE: lambda m: m.connection.HasField("local") and not m.connection.HasField("remote"),
    Malformation.NO_ADDRESS: lambda m: (
        m.connection.HasField("remote") and m.connection.remote.WhichOneof("address") is None
    ),
    Malformation.SAME_SERVICE: lambda m: (
        m.connection.local.kubernetes.serviceName == m.connection.remote.kubernetes.serviceName
    ),
    Malformation.UNKNOWN_ROLE: lambda m: m.connection.role == 99,
    Malformation.UNKNOWN_ENUMS: lambda m: (
        {m.connection.tlsMode, m.connection.protocol, m.kernelLogs[0].write.syscall, m.protocolLog.http.request.method}
        == {99}
    ),
    Malformation.NO_OPERATION: lambda m: [log.WhichOneof("operation") for log in m.kernelLogs] == [None, None],
    Malformation.NO_PROTOCOL: lambda m: m.HasField("protocolLog") and m.protocolLog.WhichOneof("protocol") is None,
    Malformation.NO_TIMESTAMPS: lambda m: spans(m) == [(0, 0)] * 3,
    Malformation.NEGATIVE_DURATION: lambda m: all(end < start for start, end in spans(m)),
    Malformation.NO_RESPONSE: lambda m: m.HasField("protocolLog") and not m.protocolLog.http.HasField("response"),
    Malformation.FAR_FUTURE: lambda m: all(start > OFFSET_NS + 29 * 86_400 * 10**9 for start, _ in spans(m)),
}


def test_every_kind_is_tested() -> None:
    assert {*UNDECODABLE, *ODD} == set(Malformation)


@pytest.mark.parametrize("kind", UNDECODABLE)
@pytest.mark.parametrize("seed", range(20))
def test_message_cannot_be_decoded(kind: Malformation, seed: int) -> None:
    with pytest.raises(DecodeError):
        pb.EBPFAccessLogMessage.FromString(made(kind, seed))


@pytest.mark.parametrize("kind", ODD)
def test_message_is_odd_as_named(kind: Malformation) -> None:
    assert ODD[kind](pb.EBPFAccessLogMessage.FromString(made(kind)))


def spoilt(ratio: float, *kinds: Malformation) -> tuple[Flush, ...]:
    wrong = replace(scenario(), malformed=Malformed(ratio, kinds))
    return tuple(cluster_traffic(wrong, 1, START_S, 12))


def test_well_formed_messages_stay_as_they_are() -> None:
    flushes = spoilt(0.2, Malformation.GARBAGE, Malformation.SAME_SERVICE)
    for flush, clean in zip(flushes, minute(), strict=True):
        good = iter(message for stream in flush.streams for message in stream)
        assert all(message in good for stream in clean.streams for message in stream)


def test_ratio_is_kept() -> None:
    clean = sum(len(stream) for flush in minute() for stream in flush.streams)
    all_messages = sum(len(stream) for flush in spoilt(0.2, Malformation.GARBAGE) for stream in flush.streams)
    assert all_messages - clean == pytest.approx(0.2 * clean, rel=0.15)


def test_wrong_message_stands_before_a_message_that_names_its_connection() -> None:
    for flush in spoilt(0.2, Malformation.NO_LOCAL):
        for stream in flush.streams:
            messages = [pb.EBPFAccessLogMessage.FromString(message) for message in stream]
            for at, message in enumerate(messages[:-1]):
                if not message.connection.HasField("local") and message.HasField("connection"):
                    assert messages[at + 1].HasField("connection")


@pytest.mark.parametrize("kind", [Malformation.NO_NODE, Malformation.NO_CONNECTION])
def test_kind_about_the_first_message_has_a_stream_of_its_own(kind: Malformation) -> None:
    extra = [stream for flush in spoilt(0.05, kind) for stream in flush.streams]
    own = [stream for stream in extra if ODD[kind](pb.EBPFAccessLogMessage.FromString(stream[0]))]
    assert own
    assert {len(stream) for stream in own} == {1}
    assert len(extra) - len(own) == sum(len(flush.streams) for flush in minute())
