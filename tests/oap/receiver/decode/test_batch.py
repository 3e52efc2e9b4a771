"""The decoder accepts what protobuf accepts and reads from it what protobuf reads."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder
from tests.oap.receiver.decode.cases import EDGES, EVERYTHING, wire
from tests.oap.receiver.decode.decoded import block_of, contents, decoded
from tests.oap.receiver.decode.expected import Connection, Log, Message, expected
from tests.oap.receiver.decode.wire import delimited, fields_of, group, unknown_fields

MESSAGE = EBPFAccessLogMessage.DESCRIPTOR
messages = fields_of(MESSAGE)
checked = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
few = settings(checked, max_examples=40)


def only(raw: bytes) -> Message | None:
    (message,) = decoded([raw], Decoder(rows=2))
    return message


def agrees(raw: bytes) -> bool:
    return decoded([raw], Decoder(rows=64)) == [expected(raw)]


def test_every_column_holds_its_own_field() -> None:
    batch = Decoder().decode(block_of([wire(EVERYTHING)]))
    assert {operation: table[:, : lay.HTTP_PATH if operation == lay.HTTP else 99].tolist() for operation, table in
            batch.tables.items()} == {
        lay.CONNECT: [[5, 1]],
        lay.ACCEPT: [[0]],
        lay.CLOSE: [[0, 1]],
        lay.READ: [[-10, 3, 101, 102, 103, 104, 105, 106, -1, 107, 108, 109, 110]],
        lay.WRITE: [[-1, 7, 201, -202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 2, 213, 214, 215]],
        lay.HTTP: [[-1, 0, 500, 1, 301, 302, 303, 304]],
    }  # fmt: skip
    assert batch.order.tolist() == [
        [0, lay.CONNECT, 0, 10, 0],
        [0, lay.ACCEPT, 0, 11, lay.TIMESTAMP_MISSING],
        [0, lay.CLOSE, 0, 12, lay.TIMESTAMP_MISSING],
        [0, lay.NO_OPERATION, 0, 0, 0],
        [0, lay.READ, 0, 20, 0],
        [0, lay.WRITE, 0, 0, 0],
        [0, lay.HTTP, 0, 5000000, 0],
    ]
    message = contents(batch)[0]
    assert message is not None
    local, remote = ("kubernetes", "商品", "pod", "cc", "p", 5), ("ip", "::1")
    assert message.connection == Connection(1, 1, 2, local, remote, (1, 1, "10.0.0.1"))
    assert message.logs[-1].columns["path"] == "/商品"
    assert message == expected(wire(EVERYTHING))


def test_empty_message_has_nothing() -> None:
    assert only(b"") == Message(None, None, [])


def test_counted_durations_need_a_positive_count() -> None:
    raw = wire(
        "kernelLogs { write { l3Metrics { totalResolveMACCount: 9223372036854775808 totalResolveMACDuration: 9 "
        "totalNetFilterDuration: 8 } } } kernelLogs { read { l3Metrics { totalNetFilterDuration: 7 } } }"
    )
    batch = Decoder().decode(block_of([raw]))
    assert not batch.tables[lay.WRITE].any()
    assert not batch.tables[lay.READ].any()


def test_oneof_that_switches_forgets_the_other_member() -> None:
    close, connect = wire("kernelLogs { close { success: true } }"), wire("kernelLogs { connect { } }")
    switched = delimited(3, close[2:] + connect[2:])
    assert only(switched) == expected(switched)
    assert only(switched) == Message(
        None, None, [Log(lay.CONNECT, 0, True, {"connect.duration": 0, "connect.success": 0})]
    )


def test_serialised_fragments_merge() -> None:
    first = wire('connection { local { ip { host: "1.1.1.1" } } role: server }')
    second = wire('connection { remote { kubernetes { serviceName: "s" } } tlsMode: TLS }')
    message = only(first + second)
    assert message is not None
    assert message.connection == Connection(1, 1, 0, ("ip", "1.1.1.1"), ("kubernetes", "s", "", "", "", 0), None)


@pytest.mark.parametrize("path", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\x80"])
def test_text_that_is_not_utf8_is_malformed(path: bytes) -> None:
    raw = delimited(4, delimited(1, delimited(4, delimited(2, path))))
    assert only(raw) is None
    assert expected(raw) is None


@pytest.mark.parametrize(
    "path", ["\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"]
)
def test_text_of_any_size_is_read(path: str) -> None:
    raw = delimited(4, delimited(1, delimited(4, delimited(2, path.encode()))))
    message = only(raw)
    assert message is not None
    assert message.logs[0].columns["path"] == path


@pytest.mark.parametrize("depth", [97, 98, 99, 100, 101])
@pytest.mark.parametrize("around", [b"", b"\x12", b"\x12\x0a"], ids=["top", "connection", "address"])
def test_unknown_groups_nest_as_deeply_as_in_protobuf(depth: int, around: bytes) -> None:
    raw = b""
    for _ in range(depth):
        raw = group(9, raw)
    for lead in reversed(around):
        raw = delimited(lead >> 3, raw)
    assert agrees(raw)


@pytest.mark.parametrize("tail", [b"", b"\x00", b"\x01", b"\x01\x01", b"abcdefgh"])
@pytest.mark.parametrize("around", [b"", b"\x0a", b"\x1a\x2a", b"\x22\x0a"])
def test_edges_of_the_wire_format_are_where_protobuf_has_them(tail: bytes, around: bytes) -> None:
    found = []
    for edge in EDGES:
        raw = edge + tail
        for lead in reversed(around):
            raw = delimited(lead >> 3, raw)
        found.append(raw)
    assert decoded(found, Decoder()) == [expected(raw) for raw in found]


@checked
@given(st.lists(messages, max_size=4))
def test_random_messages_are_read_as_by_protobuf(raws: list[bytes]) -> None:
    assert decoded(raws, Decoder(rows=2)) == [expected(raw) for raw in raws]


@few
@given(messages, messages)
def test_any_two_messages_merge(first: bytes, second: bytes) -> None:
    assert agrees(first + second)


@few
@given(messages)
def test_rewritten_messages_mean_the_same(raw: bytes) -> None:
    message = expected(raw)
    rewritten = EBPFAccessLogMessage.FromString(raw).SerializeToString() if message else raw
    assert decoded([rewritten], Decoder(rows=64)) == [message]


@few
@given(fields_of(MESSAGE, most=4))
@example(wire(EVERYTHING))
def test_message_cut_anywhere_is_judged_as_by_protobuf(raw: bytes) -> None:
    cuts = [raw[:size] for size in range(len(raw))]
    assert decoded(cuts, Decoder(rows=64)) == [expected(cut) for cut in cuts]


@settings(checked, max_examples=15)
@given(fields_of(MESSAGE, most=4), st.integers(0, 255))
@example(wire(EVERYTHING), 0x80)
def test_message_with_one_wrong_byte_is_judged_as_by_protobuf(raw: bytes, mask: int) -> None:
    damaged = [raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :] for at in range(len(raw))]
    assert decoded(damaged, Decoder(rows=64)) == [expected(each) for each in damaged]


@few
@given(fields_of(MESSAGE, most=4), st.lists(st.integers(0, 2**16), min_size=1, max_size=3))
def test_flipped_bits_are_judged_as_by_protobuf(raw: bytes, bits: list[int]) -> None:
    damaged = bytearray(raw or b"\x00")
    for bit in bits:
        damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    assert agrees(bytes(damaged))


@checked
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_garbage_is_judged_as_by_protobuf(raws: list[bytes]) -> None:
    assert decoded(raws, Decoder(rows=64)) == [expected(raw) for raw in raws]


@few
@given(st.lists(unknown_fields, max_size=6).map(b"".join))
def test_unknown_fields_are_skipped(raw: bytes) -> None:
    assert agrees(raw)
    everything = expected(wire(EVERYTHING))
    if not EBPFAccessLogMessage.FromString(raw).ListFields():
        assert decoded([raw + wire(EVERYTHING) + raw], Decoder(rows=64)) == [everything]


@few
@given(st.lists(st.tuples(messages, st.booleans()), min_size=1, max_size=6))
def test_malformed_message_leaves_no_rows(raws: list[tuple[bytes, bool]]) -> None:
    sent = [raw + (b"\x07" if spoilt else b"") for raw, spoilt in raws]
    found = decoded(sent, Decoder(rows=2))
    assert found == [None if spoilt else expected(raw) for raw, spoilt in raws]


def test_growing_from_any_size_gives_the_same_rows() -> None:
    logs = wire(EVERYTHING)
    heavy = wire("kernelLogs { write { } }") * 50 + wire("kernelLogs { connect { } }") * 9
    raws = [logs, heavy, b"\x07", wire("protocolLog { }"), logs + b"\x07", *[logs] * 20, b"", heavy + logs]
    whole = decoded(raws, Decoder(rows=4096))
    assert whole == [expected(raw) for raw in raws]
    for rows in (1, 2, 3, 7, 64):
        assert decoded(raws, Decoder(rows=rows)) == whole


def test_decoder_keeps_nothing_of_earlier_blocks() -> None:
    decoder = Decoder(rows=2)
    decoded([wire(EVERYTHING)] * 9, decoder)
    assert decoded([b"\x07", b"", wire("kernelLogs { accept { } }")], decoder) == [
        None,
        Message(None, None, []),
        Message(None, None, [Log(lay.ACCEPT, 0, True, {"accept.duration": 0})]),
    ]
    assert decoded([], decoder) == []


def test_twenty_kernel_logs_keep_their_order() -> None:
    numbers = list(range(20))
    random.Random(1).shuffle(numbers)  # noqa: S311
    raw = b"".join(
        wire(f"kernelLogs {{ {'read' if n % 2 else 'write'} {{ startTime {{ offset {{ offset: {n} }} }} }} }}")
        for n in numbers
    )
    batch = Decoder(rows=2).decode(block_of([raw]))
    assert batch.order[:, lay.OFFSET].tolist() == numbers
    assert batch.order[:, lay.ROW].tolist() == [sum(m % 2 == n % 2 for m in numbers[:i]) for i, n in enumerate(numbers)]
    assert batch.order.dtype == np.int64
