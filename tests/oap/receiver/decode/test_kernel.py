"""The loop as plain Python over a payload that refuses to be read outside the message being decoded."""

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.decode import kernel
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder
from tests.oap.receiver.decode.cases import EDGES, EVERYTHING, wire
from tests.oap.receiver.decode.decoded import block_of
from tests.oap.receiver.decode.wire import delimited, fields_of

ROWS = 64
FENCE = b"\xff" * 32
COMPILED = ("_varint", "is_utf8", "skip_group")

few = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def plain(name: str) -> Callable[..., Any]:
    """The Python form of one of the kernel's compiled functions, calling the Python forms of the others."""
    scope = dict(vars(kernel))
    for other in COMPILED:
        scope[other] = FunctionType(getattr(kernel, other).py_func.__code__, scope)
    return FunctionType(getattr(kernel, name).py_func.__code__, scope)


class FencedBytes:
    """Bytes of which only some may be read."""

    def __init__(self, payload: npt.NDArray[np.uint8], first: int, end: int) -> None:
        self._payload = payload
        self._allowed = range(first, end)

    def __getitem__(self, at: int) -> np.uint8:
        assert int(at) in self._allowed, f"read at {at} of {self._allowed}"
        value: np.uint8 = self._payload[at]
        return value


def arrays() -> list[npt.NDArray[np.int64]]:
    widths = (lay.ORDER_WIDTH, lay.CONNECTION_WIDTH, 4, *(len(columns) for columns in lay.COLUMNS.values()))
    return [np.zeros((ROWS, width), np.int64) for width in widths]


def decode_in_python(messages: Sequence[bytes]) -> list[list[list[int]]]:
    """Rows of all arrays, the statuses first."""
    block = block_of(messages, FENCE, FENCE)
    status = np.zeros((len(messages), 2), np.int32)
    counts = np.zeros(kernel.COUNTS, np.int64)
    order, connections, nodes, *tables = filled = arrays()
    decode = plain("decode_messages")
    with np.errstate(over="ignore"):
        for number in range(len(messages)):
            first, end = block.offsets[number : number + 2].tolist()
            done = decode(
                FencedBytes(block.payload, first, end),
                block.offsets[: number + 2],
                number,
                lay.transition_table(),
                status,
                order,
                connections,
                nodes,
                counts,
                *tables,
            )
            assert done == number + 1
    used = [array[:count].tolist() for array, count in zip(filled, counts[: kernel.LACKING].tolist(), strict=True)]
    return [status.tolist(), *used]


def decode_compiled(messages: Sequence[bytes]) -> list[list[list[int]]]:
    batch = Decoder(rows=ROWS).decode(block_of(messages, FENCE, FENCE))
    status = np.stack([batch.malformed.astype(np.int32), batch.connection_row], axis=1)
    arrays = (status, batch.order, batch.connections, batch.nodes, *batch.tables.values())
    return [array.tolist() for array in arrays]


@few
@given(st.lists(fields_of(EBPFAccessLogMessage.DESCRIPTOR, most=5) | st.binary(max_size=60), max_size=4))
def test_nothing_outside_a_message_is_read(raws: list[bytes]) -> None:
    assert decode_in_python(raws) == decode_compiled(raws)


def test_nothing_behind_a_cut_is_read() -> None:
    whole = wire(EVERYTHING)
    for size in range(len(whole)):
        cut = [whole[:size]]
        assert decode_in_python(cut) == decode_compiled(cut)


@pytest.mark.parametrize("mask", [0x80, 0xFF, 0x07])
def test_nothing_outside_a_damaged_message_is_read(mask: int) -> None:
    whole = wire(EVERYTHING)
    for at in range(0, len(whole), 2):
        damaged = [whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :]]
        assert decode_in_python(damaged) == decode_compiled(damaged)


@pytest.mark.parametrize("around", [b"", b"\x0a", b"\x1a\x2a"], ids=["top", "node", "write"])
def test_nothing_outside_is_read_at_the_edges_of_the_format(around: bytes) -> None:
    for edge in EDGES:
        raw = edge
        for lead in reversed(around):
            raw = delimited(lead >> 3, raw)
        assert decode_in_python([raw]) == decode_compiled([raw])


@pytest.mark.parametrize("fence", [b"", b"\x00" * 9, b"\x80" * 9, b"\x0a\x00" * 9])
def test_what_surrounds_a_block_does_not_matter(fence: bytes) -> None:
    raws = [wire(EVERYTHING), b"\x0a", wire(EVERYTHING)[:-1], b"\xff"]
    batch = Decoder().decode(block_of(raws, fence, fence))
    assert batch.malformed.tolist() == [False, True, True, True]
    assert len(batch.order) == 7


@pytest.mark.parametrize(
    ("content", "is_text"),
    [
        ("é".encode(), True),
        ("商".encode(), True),
        ("😀".encode(), True),
        (b"\xc1\xbf", False),
        (b"\xe0\x9f\xbf", False),
        (b"\xf0\x8f\xbf\xbf", False),
        (b"\xf5\x80\x80\x80", False),
        (b"\xe5\x95", False),
        (b"\xe5\x95\x2f", False),
        (b"\x80", False),
    ],
)
def test_utf8_is_judged_within_its_span(content: bytes, is_text: bool) -> None:
    payload = np.frombuffer(FENCE + content + FENCE, np.uint8)
    first, end = len(FENCE), len(FENCE) + len(content)
    assert plain("is_utf8")(FencedBytes(payload, first, end), first, end) is is_text
    assert kernel.is_utf8(payload, first, end) is is_text


def test_lacking_array_is_named_and_the_message_taken_back() -> None:
    raws = [wire("kernelLogs { accept { } }"), wire(EVERYTHING) * 3]
    block = block_of(raws)
    status = np.zeros((2, 2), np.int32)
    counts = np.zeros(kernel.COUNTS, np.int64)
    order, connections, nodes, *tables = arrays()
    tables[lay.READ - 1] = np.zeros((2, tables[lay.READ - 1].shape[1]), np.int64)
    done = kernel.decode_messages(
        block.payload, block.offsets, 0, lay.transition_table(), status, order, connections, nodes, counts, *tables
    )
    assert done == 1
    assert counts.tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 0, kernel.TABLE_COUNT + lay.READ]
