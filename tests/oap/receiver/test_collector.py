"""The collector alone, driven by the threads of the test."""

import threading
from collections.abc import Iterator

import pytest

from oap.receiver.block import StreamEvent
from oap.receiver.collector import CHARGE_BYTES, ENTRY_BYTES, FULL_MESSAGES, Collector, OpenStream
from tests.oap.receiver.serving import WAIT_S, Delivery, next_block

ROOMY = 1 << 30


def opened(collector: Collector) -> OpenStream:
    stream = OpenStream()
    collector.begin(stream)
    return stream


def test_nothing_arrived_is_none_at_the_timeout() -> None:
    assert Collector(ROOMY).take(0.0) is None


def test_block_joins_the_streams_in_arrival_order() -> None:
    collector = Collector(ROOMY)
    first, second = opened(collector), opened(collector)
    collector.deliver(first, [b"ab", b""])
    collector.deliver(second, [b"c"])
    collector.deliver(first, [b"def"])
    collector.finish(first)
    block = next_block(collector)
    assert block.payload.tobytes() == b"abcdef"
    assert block.offsets.tolist() == [0, 2, 2, 3, 6]
    assert block.streams.tolist() == [0, 0, 1, 0]
    assert block.events == ((0, 0, StreamEvent.BEGIN), (0, 1, StreamEvent.BEGIN), (4, 0, StreamEvent.END))
    assert [str(array.dtype) for array in (block.payload, block.offsets, block.streams)] == ["uint8", "int64", "int32"]
    assert block.payload.flags.writeable


def test_events_without_messages_are_a_block() -> None:
    collector = Collector(ROOMY)
    collector.finish(opened(collector))
    block = next_block(collector)
    assert (len(block), block.offsets.tolist()) == (0, [0])
    assert block.events == ((0, 0, StreamEvent.BEGIN), (0, 0, StreamEvent.END))


def test_slot_is_used_again_after_the_end_and_after_an_error() -> None:
    collector = Collector(ROOMY)
    collector.finish(opened(collector))
    collector.fail(opened(collector))
    assert [opened(collector).slot, opened(collector).slot] == [0, 1]


def test_stream_spans_blocks() -> None:
    collector, delivery = Collector(ROOMY), Delivery()
    stream = opened(collector)
    for message in (b"1", b"2", b"3"):
        collector.deliver(stream, [message])
        delivery.add(next_block(collector))
    collector.finish(stream)
    delivery.add(next_block(collector))
    assert delivery.ended == [(StreamEvent.END, [b"1", b"2", b"3"])]


def test_stream_is_safe_only_after_its_own_block_is_acknowledged() -> None:
    collector = Collector(ROOMY)
    early, late = opened(collector), opened(collector)
    collector.finish(early)
    first = next_block(collector)
    collector.finish(late)
    second = next_block(collector)
    collector.acknowledge(second)
    assert (early.settled.is_set(), late.settled.is_set()) == (False, True)
    collector.acknowledge(first)
    assert (collector.wait_until_safe(early), collector.wait_until_safe(late)) == (True, True)


def test_stream_whose_client_left_before_the_acknowledgement_is_unanswered() -> None:
    collector = Collector(ROOMY)
    stream = opened(collector)
    collector.finish(stream)
    collector.abandon(stream)
    assert not collector.wait_until_safe(stream)
    collector.acknowledge(next_block(collector))
    assert collector.counts().streams_unanswered == 1


def test_counts_do_not_depend_on_what_was_taken() -> None:
    collector = Collector(ROOMY)
    stream = opened(collector)
    collector.deliver(stream, [b"abc", b"de"])
    next_block(collector)
    collector.deliver(stream, [b"f"])
    collector.fail(stream)
    counts = collector.counts()
    assert (counts.messages, counts.bytes, counts.pending_messages, counts.pending_bytes) == (3, 6, 1, 1)
    assert (counts.streams_opened, counts.streams_finished, counts.streams_failed) == (1, 0, 1)
    assert counts.oldest_pending_age_s > 0.0
    next_block(collector)
    assert collector.counts().oldest_pending_age_s == 0.0


def test_end_of_a_stream_is_handed_out_long_before_the_rest_has_lingered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oap.receiver.collector.LINGER_S", threading.TIMEOUT_MAX)
    collector, taken = Collector(ROOMY), threading.Event()
    stream = opened(collector)
    collector.deliver(stream, [b"only"])

    def take() -> None:
        if len(collector.take(threading.TIMEOUT_MAX / 2) or ()) == 1:
            taken.set()

    threading.Thread(target=take, daemon=True).start()
    collector.finish(stream)
    assert taken.wait(WAIT_S)


def test_closed_collector_hands_out_the_rest_and_then_none() -> None:
    collector = Collector(ROOMY)
    collector.deliver(opened(collector), [b"rest"])
    collector.close()
    assert next_block(collector).payload.tobytes() == b"rest"
    assert collector.take(WAIT_S) is None


@pytest.mark.parametrize("size", [0, 1000])
def test_pending_is_bounded_whatever_the_size_of_the_messages(size: int) -> None:
    limit = 100_000
    collector, message = Collector(limit), bytes(size)
    stream = opened(collector)
    sender = threading.Thread(target=collector.deliver, args=(stream, [message] * 20_000))
    sender.start()
    received, largest = 0, 0
    while received < 20_000:
        block = next_block(collector)
        received += len(block)
        largest = max(largest, len(block) * (size + ENTRY_BYTES))
    sender.join()
    assert largest <= limit + CHARGE_BYTES + 2 * (size + ENTRY_BYTES)


def test_abandoned_stream_does_not_wait_for_room() -> None:
    collector = Collector(0)
    stream = opened(collector)
    collector.abandon(stream)
    collector.deliver(stream, [bytes(CHARGE_BYTES)] * 3)
    assert len(next_block(collector)) == 3


def test_concurrent_streams_lose_nothing_and_keep_their_order() -> None:
    collector, delivery = Collector(200_000), Delivery()
    count = 3 * FULL_MESSAGES

    def send(name: int) -> None:
        def messages() -> Iterator[bytes]:
            for index in range(count):
                yield f"{name}:{index}".encode()

        stream = opened(collector)
        collector.deliver(stream, messages())
        collector.finish(stream)

    senders = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    for sender in senders:
        sender.start()
    while len(delivery.ended) < 4:
        delivery.add(next_block(collector))
    for sender in senders:
        sender.join()
    expected = [(StreamEvent.END, [f"{name}:{index}".encode() for index in range(count)]) for name in range(4)]
    assert sorted(delivery.ended, key=lambda ended: ended[1][0]) == expected
