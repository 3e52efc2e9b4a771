"""Recordings become blocks, and their streams can arrive in another order."""

from collections import defaultdict

import pytest

from oap.emulator.playback import blocks, flushes_of, from_streams, interleave
from oap.emulator.recording import Kind, Recording
from oap.receiver.block import Block, StreamEvent

BEGIN, END, ERROR = StreamEvent.BEGIN, StreamEvent.END, StreamEvent.ERROR
STREAMS = [("n1", [b"a", b"bb"]), ("n2", [b"ccc"]), ("n1", []), ("n2", [b"d", b"ee", b"f"])]


def messages_of(block: Block) -> list[bytes]:
    return [block.payload[block.offsets[at] : block.offsets[at + 1]].tobytes() for at in range(len(block))]


def rebuilt(parts: list[Block]) -> list[list[bytes]]:
    """The streams of blocks, in the order they end, by following their slots."""
    running: dict[int, list[bytes]] = {}
    ended = []
    for block in parts:
        edges: dict[int, list[tuple[int, StreamEvent]]] = defaultdict(list)
        for position, slot, event in block.events:
            edges[position].append((slot, event))
        for at, message in enumerate([*messages_of(block), b""]):
            for slot, event in edges[at]:
                if event is BEGIN:
                    assert slot not in running
                    running[slot] = []
                else:
                    ended.append(running.pop(slot))
            if at < len(block):
                running[int(block.streams[at])].append(message)
    assert not running
    return ended


def test_block_holds_messages_events_and_slots() -> None:
    (block,) = blocks(from_streams(STREAMS[:2]), 10)
    assert messages_of(block) == [b"a", b"bb", b"ccc"]
    assert block.streams.tolist() == [0, 0, 0]
    assert block.events == ((0, 0, BEGIN), (2, 0, END), (2, 0, BEGIN), (3, 0, END))
    assert [str(column.dtype) for column in (block.offsets, block.streams, block.payload)] == [
        "int64",
        "int32",
        "uint8",
    ]


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 6, 100])
def test_any_batch_size_keeps_every_stream(batch: int) -> None:
    parts = list(blocks(from_streams(STREAMS), batch))
    assert {len(block) for block in parts[:-1]} <= {batch}
    assert rebuilt(parts) == [messages for _, messages in STREAMS]


def test_streams_at_the_same_time_have_different_slots() -> None:
    mixed = interleave(from_streams(STREAMS), 1)
    parts = list(blocks(mixed, 2))
    assert sorted(rebuilt(parts)) == sorted(messages for _, messages in STREAMS)
    assert {slot for block in parts for slot in block.streams.tolist()} == {0, 1}


def test_cut_stream_ends_with_an_error_event() -> None:
    whole = from_streams(STREAMS[:1])
    kinds = whole.kinds.copy()
    kinds[-1] = Kind.ERROR
    cut = Recording(whole.payload, whole.starts, whole.ends, whole.times_ns, whole.streams, kinds)
    (block,) = blocks(cut, 10)
    assert block.events == ((0, 0, BEGIN), (2, 0, ERROR))


def test_recording_without_messages_has_one_block_of_events() -> None:
    (block,) = blocks(from_streams([("n1", [])]), 10)
    assert (len(block), block.events) == (0, ((0, 0, BEGIN), (0, 0, END)))


def test_empty_recording_has_no_block() -> None:
    assert list(blocks(from_streams([]), 10)) == []


def by_node(recording: Recording) -> dict[str, list[tuple[Kind, bytes]]]:
    nodes = recording.nodes()
    events: dict[str, list[tuple[Kind, bytes]]] = defaultdict(list)
    for event in recording.events():
        events[nodes[event.stream]].append((event.kind, event.payload))
    return events


@pytest.mark.parametrize("seed", range(5))
def test_interleaving_keeps_the_order_inside_each_node(seed: int) -> None:
    recording = from_streams(STREAMS)
    assert by_node(interleave(recording, seed)) == by_node(recording)


def test_interleaving_follows_from_the_seed() -> None:
    recording = from_streams([(f"n{number % 3}", [bytes([number])] * 5) for number in range(30)])
    orders = {tuple(interleave(recording, seed).streams.tolist()) for seed in (1, 1, 2)}
    assert len(orders) == 2
    assert tuple(recording.streams.tolist()) not in orders


def test_flushes_are_the_streams_in_order() -> None:
    flushes = list(flushes_of(from_streams(STREAMS)))
    assert [(flush.node, flush.streams) for flush in flushes] == [(n, (tuple(m),)) for n, m in STREAMS]
