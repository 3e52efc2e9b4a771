"""Access-log streams over real connections."""

from dataclasses import replace
from threading import Thread

import grpc

from oap.receiver.block import StreamEvent
from tests.oap.receiver.serving import (
    COLLECT,
    HEALTH,
    LOCAL,
    WAIT_S,
    Delivery,
    Rover,
    ended_streams,
    next_block,
    serving,
)


def test_stream_without_messages_is_answered() -> None:
    with serving() as (transport, channel):
        rover = Rover(channel)
        rover.half_close()
        assert ended_streams(transport, 1) == [(StreamEvent.END, [])]
        assert rover.reply.result(WAIT_S) == b""


def test_reply_waits_for_the_half_close() -> None:
    with serving() as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"one", b"two")
        while delivery.open.get(0) != [b"one", b"two"]:
            block = next_block(transport)
            delivery.add(block)
            transport.acknowledge(block)
        assert not rover.reply.done()
        rover.half_close()
        assert ended_streams(transport, 1, delivery) == [(StreamEvent.END, [b"one", b"two"])]
        assert rover.reply.result(WAIT_S) == b""


def test_reply_waits_for_the_acknowledgement() -> None:
    with serving() as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"one")
        rover.half_close()
        while not delivery.ended:
            block = next_block(transport)
            delivery.add(block)
        assert not rover.reply.done()
        transport.acknowledge(block)
        assert rover.reply.result(WAIT_S) == b""


def test_bytes_that_are_no_message_are_handed_on_untouched() -> None:
    with serving() as (transport, channel):
        rover = Rover(channel)
        rover.send(b"\xff\xff\xff", b"", b"\x0a\x7f\x01")
        rover.half_close()
        assert ended_streams(transport, 1) == [(StreamEvent.END, [b"\xff\xff\xff", b"", b"\x0a\x7f\x01"])]


def test_message_above_the_default_of_the_library_is_received() -> None:
    message = bytes(5 << 20)
    with serving() as (transport, channel):
        rover = Rover(channel)
        rover.send(message)
        rover.half_close()
        assert ended_streams(transport, 1) == [(StreamEvent.END, [message])]


def test_oversize_message_breaks_its_stream_only_and_keeps_what_came_before() -> None:
    with serving(replace(LOCAL, max_message_size=1000)) as (transport, channel):
        rover = Rover(channel)
        rover.send(b"kept", bytes(1001))
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        rover.half_close()
        assert [messages for _, messages in ended_streams(transport, 1)] == [[b"kept"]]
        assert channel.unary_unary(HEALTH)(b"", timeout=WAIT_S) == b"\x08\x01"


def test_ten_thousand_messages_of_one_stream_keep_their_order() -> None:
    messages = [str(index).encode() for index in range(10_000)]
    with serving() as (transport, channel):
        reply = channel.stream_unary(COLLECT).future(iter(messages), timeout=WAIT_S)
        assert ended_streams(transport, 1) == [(StreamEvent.END, messages)]
        assert reply.result() == b""


def test_cancelled_stream_keeps_its_messages() -> None:
    with serving() as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"one", b"two")
        while delivery.open.get(0) != [b"one", b"two"]:
            delivery.add(next_block(transport))
        rover.reply.cancel()
        rover.half_close()
        while not delivery.ended:
            delivery.add(next_block(transport))
        transport.stop(0)
        counts = transport.counts()
        assert [messages for _, messages in delivery.ended] == [[b"one", b"two"]]
        assert (counts.streams_failed + counts.streams_unanswered, counts.messages) == (1, 2)


def test_stream_past_its_deadline_ends_and_frees_its_slot() -> None:
    with serving() as (transport, channel):
        channel.unary_unary(HEALTH)(b"", timeout=WAIT_S)
        rover = Rover(channel, timeout=0.5)
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        rover.half_close()
        ended_streams(transport, 1)
        again = Rover(channel)
        again.half_close()
        assert [slot for _, slot, _ in next_block(transport).events] in ([0], [0, 0])


def test_many_rovers_at_once_are_kept_apart() -> None:
    names = [f"rover-{index}" for index in range(24)]
    expected = sorted((StreamEvent.END, [f"{name}:{n}".encode() for n in range(50)]) for name in names)
    with serving() as (transport, _):
        address = f"127.0.0.1:{transport.port}"

        def send(name: str) -> None:
            with grpc.insecure_channel(address) as own:
                own.stream_unary(COLLECT)(iter([f"{name}:{n}".encode() for n in range(50)]), timeout=WAIT_S)

        senders = [Thread(target=send, args=(name,)) for name in names]
        for sender in senders:
            sender.start()
        assert sorted(ended_streams(transport, len(names))) == expected
        for sender in senders:
            sender.join()
        assert transport.counts().streams_finished == 24


def test_more_streams_than_threads_are_all_served() -> None:
    with serving(replace(LOCAL, stream_threads=2)) as (transport, channel):
        rovers = [Rover(channel) for _ in range(8)]
        for rover in rovers:
            rover.send(b"one")
            rover.half_close()
        assert ended_streams(transport, 8) == [(StreamEvent.END, [b"one"])] * 8
        assert [rover.reply.result(WAIT_S) for rover in rovers] == [b""] * 8


def test_slow_taker_holds_the_clients_back() -> None:
    limit, count = 100_000, 3000
    with serving(replace(LOCAL, pending_limit=limit)) as (transport, channel):
        reply = channel.stream_unary(COLLECT).future(iter([bytes(1000)] * count))
        largest = 0
        while not reply.done():
            largest = max(largest, transport.counts().pending_bytes)
            if (block := transport.take(0.1)) is not None:
                transport.acknowledge(block)
        assert transport.counts().messages == count
    assert largest <= limit + (1 << 14) + 2 * 1064
