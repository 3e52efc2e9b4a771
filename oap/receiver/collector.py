"""Joins what many streams deliver into blocks, within a bound on memory."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oap.receiver.block import Block, StreamEvent

FULL_MESSAGES = 2048
FULL_BYTES = 1 << 20
LINGER_S = 0.1
ANSWER_LINGER_S = 0.02
CHARGE_BYTES = 1 << 14
ENTRY_BYTES = 64  # what an empty message or an event costs in Python, so that a flood of empty ones is bounded too
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class CollectorCounts:
    """A snapshot: totals since the start, and what waits for the next block."""

    streams_opened: int
    streams_finished: int
    streams_failed: int
    streams_unanswered: int
    messages: int
    bytes: int
    pending_messages: int
    pending_bytes: int
    oldest_pending_age_s: float


class OpenStream:
    """One stream between its call and its answer; it has a slot from ``Collector.begin`` on."""

    __slots__ = ("gone", "safe", "settled", "slot", "uncharged")

    def __init__(self) -> None:
        self.slot = -1
        self.uncharged = 0
        self.safe = False
        self.gone = False
        self.settled = threading.Event()


class Collector:
    """Takes messages from many threads and hands them to one, in arrival order.

    ``pending_limit`` (bytes) bounds what waits for ``take``, with ``ENTRY_BYTES`` added for each message and event:
    above it, ``deliver`` and ``begin`` block until ``take`` made room. Streams account for ``CHARGE_BYTES`` at a time,
    so each of them may go that much and one message beyond the limit.
    """

    # Messages go into a shared list without the lock, which would cost 0.5 us for each, more than all the rest. That
    # relies on one call of a list method being atomic. Everything but the appending happens under the lock.

    def __init__(self, pending_limit: int) -> None:
        self._limit = pending_limit
        self._worth_a_block = min(FULL_BYTES, pending_limit)  # nobody lingers while senders are held back
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._closed = False
        self._inbox: list[Any] = []  # slot, message, slot, message ...
        self._events: list[tuple[int, int, StreamEvent]] = []
        self._ending: list[OpenStream] = []
        self._idle = True  # until the first arrival after a cut
        self._first_at = 0.0
        self._answer_by = _NEVER
        self._charged = 0
        self._free_slots: list[int] = []
        self._slots_made = 0
        self._unacknowledged: list[tuple[Block, list[OpenStream]]] = []
        self._opened = self._finished = self._failed = self._unanswered = 0
        self._taken_messages = self._taken_bytes = 0

    def begin(self, stream: OpenStream) -> None:
        """Give the stream a free slot. Blocks while there is no room, yet never once the stream's client is gone."""
        with self._lock:
            self._wait_for_room(stream)
            stream.slot = self._free_slots.pop() if self._free_slots else self._slots_made
            self._slots_made = max(self._slots_made, stream.slot + 1)
            self._opened += 1
            self._note(stream, StreamEvent.BEGIN)

    def deliver(self, stream: OpenStream, messages: Iterable[bytes]) -> None:
        """Keep all messages; raises what ``messages`` raises. Blocks as ``begin`` while there is no room."""
        extend, slot, cost = self._inbox.extend, stream.slot, 0
        try:
            for message in messages:
                extend((slot, message))
                cost += len(message) + ENTRY_BYTES
                if self._idle:
                    self._wake()
                if cost > CHARGE_BYTES:
                    self._charge(stream, cost)
                    cost = 0
        finally:
            stream.uncharged = cost

    def finish(self, stream: OpenStream) -> None:
        """Note the half-close; ``wait_until_safe`` then waits for the acknowledgement."""
        with self._lock:
            self._finished += 1
            self._ending.append(stream)
            self._end(stream, StreamEvent.END)
            if self._answer_by == _NEVER:
                self._answer_by = time.monotonic() + ANSWER_LINGER_S
                self._ready.notify()

    def fail(self, stream: OpenStream) -> None:
        """Note that the stream broke off; what it delivered is kept."""
        with self._lock:
            self._failed += 1
            self._end(stream, StreamEvent.ERROR)

    def abandon(self, stream: OpenStream) -> None:
        """Let go of a stream whose call is over, whatever it waits for. Any thread, any time."""
        with self._lock:
            stream.gone = True
            self._room.notify_all()
        stream.settled.set()

    def wait_until_safe(self, stream: OpenStream) -> bool:
        """Block until the stream's last block is acknowledged (True) or its call is over before that (False)."""
        stream.settled.wait()
        with self._lock:
            self._unanswered += not stream.safe
        return stream.safe

    def take(self, timeout_s: float) -> Block | None:
        """Return what is there once it is worth a block or old enough, or None at the timeout.

        Old enough is ``LINGER_S`` after the first arrival, or ``ANSWER_LINGER_S`` after the first end of a stream.
        With something pending the timeout only shortens the linger. After ``close`` nothing is waited for, and None
        means that everything was handed out.
        """
        deadline = time.monotonic() + timeout_s
        with self._lock:
            if not self._has_arrival(deadline):
                return None
            # Folding a block costs 1 ms and 3 us a message, so open streams wait for a large one. Clients that have
            # sent everything wait for their answer, and do not.
            deadline = min(deadline, self._first_at + LINGER_S)
            while not self._is_full() and not self._closed and self._wait_until(min(deadline, self._answer_by)):
                pass
            self._answer_by = _NEVER
            # Before the cut, so that whoever appends behind it finds the flag set.
            self._idle = True
            entries = self._inbox[:]
            del self._inbox[: len(entries)]
            slots, messages = entries[0::2], entries[1::2]
            events, ending, self._events, self._ending = self._events, self._ending, [], []
            self._discharge(messages, events)
        block = _joined(messages, slots, events)
        if ending:
            with self._lock:
                self._unacknowledged.append((block, ending))
        return block

    def acknowledge(self, block: Block) -> None:
        """Let the streams that ended in the block be answered. A second time does nothing."""
        with self._lock:
            safe = [stream for known, ending in self._unacknowledged if known is block for stream in ending]
            self._unacknowledged = [entry for entry in self._unacknowledged if entry[0] is not block]
        for stream in safe:
            stream.safe = True
            stream.settled.set()

    def close(self) -> None:
        """Say that no stream is left: ``take`` hands out the rest without waiting."""
        with self._lock:
            self._closed = True
            self._ready.notify()

    def counts(self) -> CollectorCounts:
        """Return a consistent snapshot."""
        with self._lock:
            pending = self._inbox[1::2]
            pending_bytes = sum(map(len, pending))
            return CollectorCounts(
                streams_opened=self._opened,
                streams_finished=self._finished,
                streams_failed=self._failed,
                streams_unanswered=self._unanswered,
                messages=self._taken_messages + len(pending),
                bytes=self._taken_bytes + pending_bytes,
                pending_messages=len(pending),
                pending_bytes=pending_bytes,
                oldest_pending_age_s=0.0 if self._is_empty() else time.monotonic() - self._first_at,
            )

    def _has_arrival(self, deadline: float) -> bool:
        while self._is_empty():
            # Again, because a sender whose message went out with the last block may have cleared it. Then look again:
            # whoever appended before this line has woken nobody.
            self._idle = True
            if self._is_empty() and (self._closed or not self._wait_until(deadline)):
                return False
        self._start_lingering()
        return True

    def _wake(self) -> None:
        with self._lock:
            self._start_lingering()

    def _charge(self, stream: OpenStream, cost: int) -> None:
        with self._lock:
            self._charged += cost
            if self._is_full():
                self._ready.notify()
            self._wait_for_room(stream)

    def _discharge(self, messages: list[bytes], events: list[tuple[int, int, StreamEvent]]) -> None:
        taken_bytes = sum(map(len, messages))
        self._taken_messages += len(messages)
        self._taken_bytes += taken_bytes
        # Below zero by what streams have not charged yet.
        self._charged -= taken_bytes + ENTRY_BYTES * (len(messages) + len(events))
        self._room.notify_all()

    def _wait_for_room(self, stream: OpenStream) -> None:
        while self._charged > self._limit and not stream.gone:
            self._room.wait()

    def _end(self, stream: OpenStream, event: StreamEvent) -> None:
        self._charged += stream.uncharged
        self._note(stream, event)
        self._free_slots.append(stream.slot)

    def _note(self, stream: OpenStream, event: StreamEvent) -> None:
        self._start_lingering()
        self._events.append((len(self._inbox) // 2, stream.slot, event))
        self._charged += ENTRY_BYTES

    def _start_lingering(self) -> None:
        if self._idle:
            self._idle = False
            self._first_at = time.monotonic()
            self._ready.notify()

    def _is_empty(self) -> bool:
        return not self._inbox and not self._events

    def _is_full(self) -> bool:
        return self._charged >= self._worth_a_block or len(self._inbox) >= 2 * FULL_MESSAGES

    def _wait_until(self, deadline: float) -> bool:
        remaining_s = deadline - time.monotonic()
        return remaining_s > 0 and (self._ready.wait(remaining_s) or True)


def _joined(messages: list[bytes], slots: list[int], events: list[tuple[int, int, StreamEvent]]) -> Block:
    offsets = np.zeros(len(messages) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, messages), np.int64, len(messages)), out=offsets[1:])
    return Block(
        # A bytearray gives a writable array: the kernels behind are compiled for one kind of array only.
        payload=np.frombuffer(bytearray().join(messages), np.uint8),
        offsets=offsets,
        streams=np.array(slots, np.int32),
        events=tuple(events),
    )
