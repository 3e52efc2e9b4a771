"""Recordings as the pipeline sees them: blocks without any transport, and other orders of arrival."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from oap.emulator.recording import Kind, Recording
from oap.emulator.traffic import Flush
from oap.receiver.block import Block, StreamEvent

_EVENTS = {Kind.BEGIN: StreamEvent.BEGIN, Kind.END: StreamEvent.END, Kind.ERROR: StreamEvent.ERROR}


def blocks(recording: Recording, batch: int) -> Iterator[Block]:
    """Yield a recording as blocks of ``batch`` messages (the last may hold fewer, even none when only events are left).

    Slots are the smallest free number and are used again after END or ERROR. Events after a block's last message stay
    in that block up to the next message.
    """
    slots = _slots(recording)
    is_message = recording.kinds == Kind.MESSAGE
    ordinals = np.cumsum(is_message)
    total = int(ordinals[-1]) if len(ordinals) else 0
    cuts = [int(np.searchsorted(ordinals, count + 1)) for count in range(batch, total, batch)]
    for first, last in zip([0, *cuts], [*cuts, len(recording)], strict=True):
        if first < last:
            yield _block(recording, slots, first, last)


def interleave(recording: Recording, seed: int) -> Recording:
    """Return the same streams in another arrival order, decided by the seed.

    Streams of one node stay one after the other, as a node sends them, and keep their inner order; streams of different
    nodes mix message by message.
    """
    nodes = recording.nodes()
    lanes: dict[str, list[int]] = defaultdict(list)
    for record in _by_stream(recording):
        lanes[nodes.get(int(recording.streams[record]), "")].append(record)
    owners = np.repeat(np.arange(len(lanes)), [len(lane) for lane in lanes.values()])
    np.random.Generator(np.random.PCG64(seed)).shuffle(owners)
    order = np.empty(len(owners), np.int64)
    for number, lane in enumerate(lanes.values()):
        order[owners == number] = lane
    return recording.select(order)


def from_streams(streams: Sequence[tuple[str, Sequence[bytes]]]) -> Recording:
    """Return streams given as (node, messages) as a recording: one after the other, all at time 0."""
    payloads = [part for node, messages in streams for part in (node.encode(), *messages, b"")]
    kinds = [kind for _, messages in streams for kind in (Kind.BEGIN, *[Kind.MESSAGE] * len(messages), Kind.END)]
    numbers = np.repeat(np.arange(len(streams)), [len(messages) + 2 for _, messages in streams])
    ends = np.cumsum([len(part) for part in payloads], dtype=np.int64)
    return Recording(
        payload=np.frombuffer(b"".join(payloads), np.uint8),
        starts=np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1])),
        ends=ends,
        times_ns=np.zeros(len(kinds), np.int64),
        streams=numbers.astype(np.int32),
        kinds=np.array(kinds, np.uint8),
    )


def flushes_of(recording: Recording) -> Iterator[Flush]:
    """Yield the streams of a recording as flushes, in the order and at the times they began; a cut stream just ends.

    How many logs they hold is not known without decoding: ``logs`` is 0.
    """
    nodes = recording.nodes()
    is_message = recording.kinds == Kind.MESSAGE
    members: dict[int, list[int]] = defaultdict(list)
    for record in np.flatnonzero(is_message).tolist():
        members[int(recording.streams[record])].append(record)
    for begin in np.flatnonzero(recording.kinds == Kind.BEGIN).tolist():
        stream = int(recording.streams[begin])
        messages = tuple(recording.bytes_of(record) for record in members.pop(stream, []))
        yield Flush(nodes[stream], int(recording.times_ns[begin]), (messages,), 0)


def _by_stream(recording: Recording) -> list[int]:
    """Record positions, stream after stream in the order they began."""
    order: list[int] = np.argsort(recording.streams, kind="stable").tolist()
    return order


def _slots(recording: Recording) -> npt.NDArray[np.int32]:
    """Slot of every record."""
    slots = np.zeros(len(recording), np.int32)
    current: dict[int, int] = {}
    free: list[int] = []
    edges = np.flatnonzero(recording.kinds != Kind.MESSAGE).tolist()
    streams = recording.streams.tolist()
    slot_of = np.zeros(max(streams, default=0) + 1, np.int32)
    for record in edges:
        stream = streams[record]
        if recording.kinds[record] == Kind.BEGIN:
            slot = min(free) if free else len(current)
            if free:
                free.remove(slot)
            current[stream] = slot
            # A stream has one slot for life, so messages can be looked up by stream afterwards.
            slot_of[stream] = slot
        else:
            free.append(current.pop(stream))
    slots[:] = slot_of[recording.streams]
    return slots


def _block(recording: Recording, slots: npt.NDArray[np.int32], first: int, last: int) -> Block:
    kinds = recording.kinds[first:last]
    picked = np.flatnonzero(kinds == Kind.MESSAGE) + first
    positions = np.cumsum(kinds == Kind.MESSAGE)
    events = tuple(
        (int(positions[at]), int(slots[first + at]), _EVENTS[Kind(int(kinds[at]))])
        for at in np.flatnonzero(kinds != Kind.MESSAGE).tolist()
    )
    offsets = np.zeros(len(picked) + 1, np.int64)
    np.cumsum(recording.ends[picked] - recording.starts[picked], out=offsets[1:])
    return Block(_gather(recording, picked, offsets), offsets, slots[picked], events)


def _gather(
    recording: Recording, picked: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    lengths = np.diff(offsets)
    index = np.repeat(recording.starts[picked] - offsets[:-1], lengths) + np.arange(offsets[-1])
    payload: npt.NDArray[np.uint8] = recording.payload[index]
    return payload
