"""An hour of port churn, played fast: the same services and pods, but every message from a connection of its own.

Ports run through their whole range, and whatever is no pod has an address that never occurs again. The texts of the
addresses all have the same length, so that each minute is made from the same bytes by writing other digits into them;
the minute moves on because the node says that it booted a minute later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.corpus import START_S
from bench.inputs import BLOCK_MESSAGES, STREAM, Corpus, joined
from oap.emulator.wire import bytes_field
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage, EBPFAccessLogNodeInfo
from oap.receiver.block import Block, StreamEvent
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder

_HOST = "100.100.100.100"
_DIGITS = np.array([1, 2, 5, 6, 9, 10, 13, 14])  # all that change; the leading 1 of each number stays
_BASE = 10 ** np.arange(len(_DIGITS))[::-1]


@dataclass(frozen=True, slots=True)
class _Template:
    """Blocks of a minute's messages without the node, and where in each block's payload the addresses stand."""

    blocks: tuple[Block, ...]
    hosts: tuple[npt.NDArray[np.int64], ...]


class PortChurnHour:
    """Minutes of messages, one after the other. ``addresses`` is how many were used so far."""

    def __init__(self, corpus: Corpus, templates: int = 2) -> None:
        """Make so many different minutes from a corpus with port churn, each from its share of the messages."""
        messages = [EBPFAccessLogMessage.FromString(raw) for raw in corpus.messages()]
        self._node = messages[0].node
        for message in messages:
            message.ClearField("node")
            if message.connection.remote.HasField("ip"):
                message.connection.remote.ip.host = _HOST
        raw = [message.SerializeToString() for message in messages]
        share = len(raw) // templates
        self._templates = [_template(joined("", raw[at * share : (at + 1) * share])) for at in range(templates)]
        self.addresses = 0

    def minute(self, number: int) -> Iterator[Block]:
        """The blocks of a minute, counted from 0, all of one stream; the first begins it and names the node."""
        for at, block in enumerate(self.fresh_blocks(number)):
            yield self._with_node(block, number) if at == 0 else block

    def fresh_blocks(self, number: int) -> Iterator[Block]:
        """The messages of a minute at the corpus' own time, without node and beginning."""
        template = self._templates[number % len(self._templates)]
        for block, hosts in zip(template.blocks, template.hosts, strict=True):
            payload = block.payload.copy()
            payload[hosts[:, None] + _DIGITS] = self._fresh_digits(len(hosts))
            yield Block(payload, block.offsets, block.streams)

    def now_s(self, number: int) -> float:
        """What the clock shows in a minute."""
        return float(START_S + 60 * number + 30)

    def _fresh_digits(self, count: int) -> npt.NDArray[np.uint8]:
        numbers = np.arange(self.addresses, self.addresses + count)
        self.addresses += count
        return (numbers[:, None] // _BASE % 10 + ord("0")).astype(np.uint8)

    def _with_node(self, block: Block, minute: int) -> Block:
        node = EBPFAccessLogNodeInfo()
        node.CopyFrom(self._node)
        node.bootTime.seconds += 60 * minute
        field = np.frombuffer(bytes_field(1, node.SerializeToString()), np.uint8)
        offsets = block.offsets + len(field)
        offsets[0] = 0
        return Block(np.concatenate([field, block.payload]), offsets, block.streams, ((0, STREAM, StreamEvent.BEGIN),))


def _template(corpus: Corpus) -> _Template:
    blocks = tuple(corpus.blocks(BLOCK_MESSAGES))
    return _Template(blocks, tuple(_hosts(block) for block in blocks))


def _hosts(block: Block) -> npt.NDArray[np.int64]:
    connections = Decoder().decode(block).connections
    hosts: npt.NDArray[np.int64] = connections[connections[:, lay.R_KIND] == lay.IP, lay.R_HOST].copy()
    return hosts
