"""The clock of a recording: the newest second that any of its logs tells."""

from collections.abc import Iterable

import numpy as np

from oap.accounting import Accounts
from oap.entity.connections import ConnectionCache
from oap.entity.names import NameLimits
from oap.entity.nodes import NodeTable
from oap.entity.registries import FirstKnown
from oap.entity.routes import RouteTable
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder

_NS_PER_S = 1_000_000_000


def newest_second(blocks: Iterable[Block], latest_s: int | None = None) -> int:
    """Epoch second of the newest log, 0 without any; logs behind ``latest_s`` have a wrong clock and do not count."""
    decoder, nodes = Decoder(), NodeTable()
    # Streams are followed for their nodes only: whom the addresses belong to does not matter.
    streams = ConnectionCache(RouteTable(NameLimits()), nodes, FirstKnown(()), Accounts())
    newest = 0
    for block in blocks:
        batch = decoder.decode(block)
        node = streams.attribute(batch, 0.0).node[batch.order[:, lay.MESSAGE]]
        logs = batch.order[node >= 0]
        seconds = nodes.boot_s.view[node[node >= 0]] + logs[:, lay.OFFSET] // _NS_PER_S
        if latest_s is not None:
            seconds = seconds[seconds <= latest_s]
        newest = max(newest, int(np.max(seconds, initial=0)))
    return newest
