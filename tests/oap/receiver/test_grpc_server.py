"""The life of the transport: start, what strangers send to its port, stop."""

import socket
from dataclasses import replace
from threading import Thread

import pytest

from oap.receiver.block import StreamEvent
from oap.receiver.error import ReceiverError
from oap.receiver.grpc_server import GrpcTransport
from tests.oap.receiver.serving import HEALTH, LOCAL, WAIT_S, Delivery, Rover, ended_streams, next_block, serving

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def test_taken_port_is_a_clear_error() -> None:
    with serving() as (transport, _):
        second = GrpcTransport(replace(LOCAL, port=transport.port))
        with pytest.raises(ReceiverError, match=r"^cannot listen on 127\.0\.0\.1:\d+: the port is taken"):
            second.start()


def test_transport_listens_on_an_ipv6_address() -> None:
    transport = GrpcTransport(replace(LOCAL, host="::1"))
    transport.start()
    with socket.create_connection(("::1", transport.port), timeout=WAIT_S):
        transport.stop(0)


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 5000, PREFACE + b"\xff" * 200, PREFACE])
def test_garbage_on_the_port_does_not_harm_later_calls(garbage: bytes) -> None:
    with serving() as (transport, channel):
        with socket.create_connection(("127.0.0.1", transport.port), timeout=WAIT_S) as stranger:
            stranger.sendall(garbage)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(4096):
                pass
        rover = Rover(channel)
        rover.send(b"one")
        rover.half_close()
        assert ended_streams(transport, 1) == [(StreamEvent.END, [b"one"])]
        assert channel.unary_unary(HEALTH)(b"", timeout=WAIT_S) == b"\x08\x01"


def test_stop_cuts_open_streams_and_hands_out_what_was_read() -> None:
    with serving() as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"one")
        while delivery.open.get(0) != [b"one"]:
            delivery.add(next_block(transport))
        transport.stop(0)
        rover.half_close()
        while (block := transport.take(WAIT_S)) is not None:
            delivery.add(block)
        assert [messages for _, messages in delivery.ended] == [[b"one"]]
        assert transport.counts().pending_messages == 0


def test_stop_lets_a_stream_end_within_the_grace() -> None:
    with serving() as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"one")
        while delivery.open.get(0) != [b"one"]:
            delivery.add(next_block(transport))
        stopping = Thread(target=transport.stop, args=(WAIT_S,))
        stopping.start()
        rover.send(b"two")
        rover.half_close()
        assert ended_streams(transport, 1, delivery) == [(StreamEvent.END, [b"one", b"two"])]
        assert rover.reply.result(WAIT_S) == b""
        stopping.join()
        assert transport.take(WAIT_S) is None


def test_stop_does_not_wait_for_streams_that_nobody_acknowledges() -> None:
    with serving() as (transport, channel):
        rover = Rover(channel)
        rover.half_close()
        delivery = Delivery()
        while not delivery.ended:
            delivery.add(next_block(transport))
        transport.stop(0)
        assert transport.counts().streams_unanswered == 1


def test_transport_that_never_started_stops() -> None:
    transport = GrpcTransport(LOCAL)
    transport.stop(0)
    assert (transport.port, transport.take(WAIT_S)) == (0, None)
