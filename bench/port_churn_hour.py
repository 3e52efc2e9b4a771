"""An hour of port churn, played fast: the same services and pods, but every message from a connection of its own.

Ports run through their whole range, and whatever is no pod has an address that never occurs again; if wanted, no path
that is asked for occurs again either. The texts of the addresses, and of such paths, all have the same length, so that
each minute is made from the same bytes by writing other digits into them; the minute moves on because the node says that
it booted a minute later.
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
from oap.receiver.decode.batch import Decoder, LogBatch

_HOST = "100.100.100.100"
_HOST_DIGITS = np.array([1, 2, 5, 6, 9, 10, 13, 14])  # all that change; the leading 1 of each number stays
_PATH = "/api/v1/products/reviews/00000000"
_PATH_DIGITS = np.arange(len(_PATH) - 8, len(_PATH))
_BASE = 10 ** np.arange(8)[::-1]


@dataclass(frozen=True, slots=True)
class _Template:
    """Blocks of a minute's messages without the node, and where in each block's payload the digits stand.

    ``hosts`` and ``paths`` hold int64[n, 8] for each block.
    """

    blocks: tuple[Block, ...]
    hosts: tuple[npt.NDArray[np.int64], ...]
    paths: tuple[npt.NDArray[np.int64], ...]


@dataclass(slots=True)
class _Counter:
    """Numbers of eight digits that never repeat; ``used`` is how many were written so far."""

    used: int = 0

    def write(self, payload: npt.NDArray[np.uint8], digits: npt.NDArray[np.int64]) -> None:
        """Write one number at each row of positions."""
        numbers = np.arange(self.used, self.used + len(digits))
        self.used += len(digits)
        payload[digits] = numbers[:, None] // _BASE % 10 + ord("0")


class PortChurnHour:
    """Minutes of messages, one after the other."""

    def __init__(self, corpus: Corpus, templates: int = 2, *, new_paths: bool = False) -> None:
        """Make so many different minutes from a corpus with port churn, each from its share of the messages."""
        messages = [EBPFAccessLogMessage.FromString(raw) for raw in corpus.messages()]
        self._node = messages[0].node
        for message in messages:
            message.ClearField("node")
            if message.connection.remote.HasField("ip"):
                message.connection.remote.ip.host = _HOST
            if new_paths and message.protocolLog.HasField("http"):
                message.protocolLog.http.request.path = _PATH
        raw = [message.SerializeToString() for message in messages]
        share = len(raw) // templates
        parts = [joined("", raw[at * share : (at + 1) * share]) for at in range(templates)]
        self._templates = [_template(part, new_paths=new_paths) for part in parts]
        self._hosts, self._paths = _Counter(), _Counter()

    @property
    def addresses(self) -> int:
        """How many addresses were used so far."""
        return self._hosts.used

    def minute(self, number: int) -> Iterator[Block]:
        """The blocks of a minute, counted from 0, all of one stream; the first begins it and names the node."""
        for at, block in enumerate(self.fresh_blocks(number)):
            yield self._with_node(block, number) if at == 0 else block

    def fresh_blocks(self, number: int) -> Iterator[Block]:
        """The messages of a minute at the corpus' own time, without node and beginning."""
        template = self._templates[number % len(self._templates)]
        for block, hosts, paths in zip(template.blocks, template.hosts, template.paths, strict=True):
            payload = block.payload.copy()
            self._hosts.write(payload, hosts)
            self._paths.write(payload, paths)
            yield Block(payload, block.offsets, block.streams)

    def now_s(self, number: int) -> float:
        """What the clock shows in a minute."""
        return float(START_S + 60 * number + 30)

    def _with_node(self, block: Block, minute: int) -> Block:
        node = EBPFAccessLogNodeInfo()
        node.CopyFrom(self._node)
        node.bootTime.seconds += 60 * minute
        field = np.frombuffer(bytes_field(1, node.SerializeToString()), np.uint8)
        offsets = block.offsets + len(field)
        offsets[0] = 0
        return Block(np.concatenate([field, block.payload]), offsets, block.streams, ((0, STREAM, StreamEvent.BEGIN),))


def _template(corpus: Corpus, *, new_paths: bool) -> _Template:
    blocks = tuple(corpus.blocks(BLOCK_MESSAGES))
    batches = [Decoder().decode(block) for block in blocks]
    hosts = tuple(_hosts(batch)[:, None] + _HOST_DIGITS for batch in batches)
    paths = tuple(batch.tables[lay.HTTP][:, lay.HTTP_PATH, None] + _PATH_DIGITS for batch in batches)
    return _Template(blocks, hosts, paths if new_paths else tuple(each[:0] for each in paths))


def _hosts(batch: LogBatch) -> npt.NDArray[np.int64]:
    connections = batch.connections
    hosts: npt.NDArray[np.int64] = connections[connections[:, lay.R_KIND] == lay.IP, lay.R_HOST]
    return hosts
