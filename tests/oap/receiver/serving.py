"""A running transport and what a test sees of its streams."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import grpc

from oap.receiver.block import Block, BlockSource, StreamEvent
from oap.receiver.gate import never_exceeded
from oap.receiver.grpc_server import GrpcTransport, ReceiverSettings

COLLECT = "/skywalking.v3.EBPFAccessLogService/collect"
HEALTH = "/grpc.health.v1.Health/Check"
LOCAL = ReceiverSettings(host="127.0.0.1", port=0, stream_threads=32, side_stream_threads=8, unary_threads=4)
WAIT_S = 20.0

Ended = tuple[StreamEvent, list[bytes]]


@contextmanager
def serving(
    settings: ReceiverSettings = LOCAL, exceeded: Callable[[], bool] = never_exceeded
) -> Iterator[tuple[GrpcTransport, grpc.Channel]]:
    transport = GrpcTransport(settings, exceeded)
    transport.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{transport.port}") as channel:
            yield transport, channel
    finally:
        transport.stop(0)


def with_token(token: str) -> ReceiverSettings:
    return replace(LOCAL, authentication=token)


class Rover:
    """The client's end of one stream: messages go out when the test says so."""

    def __init__(self, channel: grpc.Channel, *, method: str = COLLECT, **call: Any) -> None:
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self.reply = channel.stream_unary(method).future(iter(self._outgoing.get, None), **call)

    def send(self, *messages: bytes) -> None:
        for message in messages:
            self._outgoing.put(message)

    def half_close(self) -> None:
        self._outgoing.put(None)


def next_block(source: BlockSource) -> Block:
    block = source.take(WAIT_S)
    assert block is not None
    return block


class Delivery:
    """Sorts blocks back into streams."""

    def __init__(self) -> None:
        self.open: dict[int, list[bytes]] = {}
        self.ended: list[Ended] = []

    def add(self, block: Block) -> None:
        payload, bounds = block.payload.tobytes(), block.offsets.tolist()
        events = list(block.events)
        for position in range(len(block) + 1):
            while events and events[0][0] == position:
                self._note(*events.pop(0)[1:])
            if position < len(block):
                self.open[int(block.streams[position])].append(payload[bounds[position] : bounds[position + 1]])
        assert events == []

    def _note(self, slot: int, event: StreamEvent) -> None:
        if event is StreamEvent.BEGIN:
            assert slot not in self.open
            self.open[slot] = []
        else:
            self.ended.append((event, self.open.pop(slot)))


def ended_streams(source: BlockSource, count: int, begun: Delivery | None = None) -> list[Ended]:
    """Take and acknowledge until so many streams ended, and return them in that order."""
    delivery = begun or Delivery()
    while len(delivery.ended) < count:
        block = next_block(source)
        delivery.add(block)
        source.acknowledge(block)
    return delivery.ended
