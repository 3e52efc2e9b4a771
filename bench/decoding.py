"""Decode alone: our decoder, protobuf objects that fill the same columns, and protobuf's parser on its own."""

from bench.inputs import BLOCK_MESSAGES, Corpus
from bench.interleaved import interleaved, seconds
from bench.protobuf_columns import fill_columns
from bench.results import Finding, Target, each_us, pairwise, per_second
from bench.rig import input_facts
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.decode.batch import Decoder

OURS, OBJECTS, PARSER = "our decoder", "protobuf objects, same columns", "FromString alone"
OBJECTS_TARGET, PARSER_TARGET = Target(12), Target(1, strict=True)


def decoding(corpus: Corpus, repetitions: int) -> Finding:
    """Measure on a corpus. All three get messages in batches of a block; neither is charged for making these."""
    blocks, messages = corpus.blocks(), corpus.messages()
    batches = [messages[first : first + BLOCK_MESSAGES] for first in range(0, len(messages), BLOCK_MESSAGES)]
    decoder = Decoder()

    def ours() -> None:
        for block in blocks:
            decoder.decode(block)

    def objects() -> None:
        for batch in batches:
            fill_columns(batch).all_tables()

    def parser() -> None:
        parse = EBPFAccessLogMessage.FromString
        for batch in batches:
            for message in batch:
                parse(message)

    contenders = {OURS: seconds(ours), OBJECTS: seconds(objects), PARSER: seconds(parser)}
    for warm_up in contenders.values():
        warm_up()
    taken = interleaved(contenders, repetitions)
    given = input_facts(corpus)
    logs = float(given["logs per message"]) * len(corpus)
    return Finding(
        "decode",
        f"Decode alone, {corpus.name} corpus",
        {**given, "messages per block": BLOCK_MESSAGES},
        [
            *(each_us(name, "message", len(corpus), taken[name]) for name in contenders),
            per_second(OURS, "messages/s", len(corpus), taken[OURS]),
            per_second(OURS, "logs/s", logs, taken[OURS]),
        ],
        [
            pairwise(f"{OURS}, times faster than {OBJECTS}", taken[OBJECTS], taken[OURS], OBJECTS_TARGET),
            pairwise(f"{OURS}, times faster than {PARSER}", taken[PARSER], taken[OURS], PARSER_TARGET),
        ],
    )
