"""The hot method: access-log streams go to the collector as raw bytes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import grpc

from oap.receiver.collector import Collector, OpenStream
from oap.receiver.gate import Gate
from oap.receiver.side_services import in_pool

# grpcio ends the loop over the messages for a half-close and, most times, for a broken call too; the news that the call
# is over comes right behind. If it comes later, the stream counts as one that ended well but could not be answered.
SETTLE_S = 0.005


def access_log_handler(collector: Collector, gate: Gate, pool: ThreadPoolExecutor) -> grpc.GenericRpcHandler:
    """Return the handler of EBPFAccessLogService; each open stream occupies one thread of ``pool``."""

    def collect(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        stream = OpenStream()
        if not context.add_callback(partial(collector.abandon, stream)):
            collector.abandon(stream)
        collector.begin(stream)
        try:
            collector.deliver(stream, gate.watched(messages, context))
        except Exception:
            collector.fail(stream)
            raise
        if stream.settled.wait(SETTLE_S):
            collector.fail(stream)
            return b""
        collector.finish(stream)
        # An early reply would make the client drop what it has not sent yet; one before the acknowledgement would lie.
        collector.wait_until_safe(stream)
        return b""

    # No deserializer: building protobuf objects costs more than all the work behind it.
    method = grpc.stream_unary_rpc_method_handler(in_pool(collect, pool))
    return grpc.method_handlers_generic_handler("skywalking.v3.EBPFAccessLogService", {"collect": method})
