"""The token and the overload switch, as clients meet them."""

from itertools import chain, repeat

import grpc
import pytest

from oap.receiver.block import StreamEvent
from oap.receiver.grpc_server import ReceiverSettings
from tests.oap.receiver.serving import (
    HEALTH,
    LOCAL,
    WAIT_S,
    Delivery,
    Rover,
    ended_streams,
    next_block,
    serving,
    with_token,
)

KEEP_ALIVE = "/skywalking.v3.EBPFProcessService/keepAlive"
METER = "/skywalking.v3.MeterReportService/collectBatch"
Metadata = tuple[tuple[str, str], ...]
REFUSED: list[Metadata] = [
    (),
    (("authentication", "wrong"),),
    (("authentication", "secret"),),
    (("authentication", "Secret1"),),
    (("authentication", "Bearer Secret"),),
    (("authorization", "Secret"),),
]
RIGHT: Metadata = (("authentication", "Secret"),)


def unary_error(channel: grpc.Channel, method: str, metadata: Metadata = ()) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary(method)(b"", metadata=metadata, timeout=WAIT_S)
    return raised.value.code(), raised.value.details()


class Overload:
    """A switch in the place of the memory watermark."""

    def __init__(self) -> None:
        self.exceeded = False

    def __call__(self) -> bool:
        return self.exceeded


@pytest.mark.parametrize("metadata", REFUSED)
@pytest.mark.parametrize("method", [KEEP_ALIVE, HEALTH, "/skywalking.v3.No/such"])
def test_unary_call_without_the_token_is_denied(method: str, metadata: Metadata) -> None:
    with serving(with_token("Secret")) as (transport, channel):
        assert unary_error(channel, method, metadata) == (grpc.StatusCode.PERMISSION_DENIED, "")
        assert transport.counts().unauthenticated == 1


@pytest.mark.parametrize("metadata", REFUSED)
def test_stream_without_the_token_is_denied_before_its_first_message(metadata: Metadata) -> None:
    with serving(with_token("Secret")) as (transport, channel):
        rover = Rover(channel, metadata=metadata)
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.PERMISSION_DENIED
        rover.half_close()
        assert transport.take(0.0) is None
        assert transport.counts().streams_opened == 0


@pytest.mark.parametrize(("settings", "metadata"), [(with_token("Secret"), RIGHT), (LOCAL, ()), (LOCAL, RIGHT)])
def test_right_token_or_none_asked_for_lets_calls_pass(settings: ReceiverSettings, metadata: Metadata) -> None:
    with serving(settings) as (transport, channel):
        assert channel.unary_unary(KEEP_ALIVE)(b"", metadata=metadata, timeout=WAIT_S) == b""
        rover = Rover(channel, metadata=metadata)
        rover.send(b"one")
        rover.half_close()
        assert ended_streams(transport, 1) == [(StreamEvent.END, [b"one"])]
        assert transport.counts().unauthenticated == 0


def test_overload_refuses_new_calls_until_it_is_over() -> None:
    overload = Overload()
    with serving(exceeded=overload) as (transport, channel):
        overload.exceeded = True
        rover = Rover(channel)
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert rover.reply.details() == "Watermark exceeded"
        rover.half_close()
        assert unary_error(channel, KEEP_ALIVE) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "Watermark exceeded")
        overload.exceeded = False
        assert channel.unary_unary(KEEP_ALIVE)(b"", timeout=WAIT_S) == b""
        assert (transport.counts().overload_refused, transport.counts().overload_cut) == (2, 0)


def test_overload_cuts_an_open_stream_at_its_next_message() -> None:
    overload = Overload()
    with serving(exceeded=overload) as (transport, channel):
        rover, delivery = Rover(channel), Delivery()
        rover.send(b"kept")
        while delivery.open.get(0) != [b"kept"]:
            delivery.add(next_block(transport))
        overload.exceeded = True
        rover.send(b"discarded")
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert rover.reply.details() == "Watermark exceeded"
        rover.half_close()
        assert ended_streams(transport, 1, delivery) == [(StreamEvent.ERROR, [b"kept"])]
        assert (transport.counts().overload_refused, transport.counts().overload_cut) == (0, 1)


def test_overload_cuts_streams_of_side_services_too() -> None:
    answers = chain([False], repeat(True))
    with serving(exceeded=lambda: next(answers)) as (transport, channel):
        rover = Rover(channel, method=METER)
        rover.send(b"one")
        assert rover.reply.exception(WAIT_S).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        rover.half_close()
        assert transport.counts().overload_cut == 1
