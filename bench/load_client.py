"""The sending process of the end-to-end benchmark: plays a corpus to a port, as bytes made beforehand.

``python -m bench.load_client CORPUS_FILE STREAMS KIND`` reads ports from standard input, one a line, and answers each
with the seconds from the first message to the last stream's answer.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise, repeat
from pathlib import Path

import grpc

from bench.inputs import Corpus, Kind, read_corpus
from bench.port_churn_hour import PortChurnHour
from bench.receiving_server import METHOD, SERVICE
from oap.emulator.wire import bytes_field
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.block import Block

_READY_S = 60


def play(port: int, streams: Sequence[Sequence[bytes]]) -> float:
    """Send all streams at once, each over a connection of its own; return the seconds until all are answered."""
    with ExitStack() as stack:
        channels = [stack.enter_context(_channel(port)) for _ in streams]
        for channel in channels:
            grpc.channel_ready_future(channel).result(_READY_S)
        started = time.perf_counter()
        calls = [
            channel.stream_unary(f"/{SERVICE}/{METHOD}").future(iter(stream))
            for channel, stream in zip(channels, streams, strict=True)
        ]
        for call in calls:
            call.result()
        return time.perf_counter() - started


def _channel(port: int) -> grpc.Channel:
    # Channels to one address would share a connection otherwise.
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])


def split_into_streams(messages: list[bytes], node: bytes, streams: int) -> list[list[bytes]]:
    """The messages dealt to streams in long runs, each stream beginning with the node."""
    return [_beginning_with(node, share) for share in _shares(messages, streams)]


def _shares(messages: list[bytes], streams: int) -> Iterator[list[bytes]]:
    size = -(-len(messages) // streams)
    for first in range(0, len(messages), size):
        yield messages[first : first + size]


def _beginning_with(node: bytes, messages: list[bytes]) -> list[bytes]:
    first = messages[0]
    return messages if first.startswith(node) else [node + first, *messages[1:]]


def node_field(corpus: Corpus) -> bytes:
    """The field with which the corpus' first message names its node."""
    (first,) = corpus.part(0, 1).messages()
    return bytes_field(1, EBPFAccessLogMessage.FromString(first).node.SerializeToString())


def rounds(corpus: Corpus, kind: Kind) -> Iterator[list[bytes]]:
    """The messages of one run after the other; all kinds but the plain one need a corpus with port churn."""
    if kind is Kind.PLAIN:
        yield from repeat(corpus.messages())
    churn = PortChurnHour(corpus, templates=1, new_paths=kind is Kind.NEW_PATHS)
    while True:
        yield [message for block in churn.fresh_blocks(0) for message in _messages_of(block)]


def _messages_of(block: Block) -> Iterator[bytes]:
    for start, end in pairwise(block.offsets.tolist()):
        yield block.payload[start:end].tobytes()


def main() -> None:
    """Do jobs until standard input ends."""
    corpus, streams, kind = read_corpus(Path(sys.argv[1])), int(sys.argv[2]), Kind(sys.argv[3])
    node, sent = node_field(corpus), rounds(corpus, kind)
    for line in sys.stdin:
        print(play(int(line), split_into_streams(next(sent), node, streams)), flush=True)


if __name__ == "__main__":
    main()
