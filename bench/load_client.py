"""The sending process of the end-to-end benchmark: plays parts of a corpus to a port, as bytes made beforehand.

``python -m bench.load_client CORPUS_FILE STREAMS`` reads jobs from standard input, one JSON object a line with ``port``,
``first`` and ``end``, and answers each with the seconds from the first message to the last stream's answer.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import grpc

from bench.inputs import Corpus, read_corpus
from bench.receiving_server import METHOD, SERVICE
from oap.emulator.wire import bytes_field
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage

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


def split_into_streams(corpus: Corpus, node: bytes, streams: int) -> list[list[bytes]]:
    """The messages dealt to streams in long runs, each stream beginning with the node."""
    messages = corpus.messages()
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


def main() -> None:
    """Do jobs until standard input ends."""
    corpus, streams = read_corpus(Path(sys.argv[1])), int(sys.argv[2])
    node = node_field(corpus)
    for line in sys.stdin:
        job = json.loads(line)
        part = corpus.part(job["first"], job["end"])
        print(json.dumps(play(job["port"], split_into_streams(part, node, streams))), flush=True)


if __name__ == "__main__":
    main()
