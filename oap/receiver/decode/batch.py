"""Blocks of raw messages to batches of tables."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oap.receiver.block import Block
from oap.receiver.decode import kernel
from oap.receiver.decode import layout as lay

_OPERATIONS = (lay.CONNECT, lay.ACCEPT, lay.CLOSE, lay.READ, lay.WRITE, lay.HTTP)
_NODE_WIDTH = 4


@dataclass(frozen=True, slots=True)
class LogBatch:
    """A decoded block. All arrays are views that the next ``decode`` of the same decoder overwrites.

    ``malformed`` bool[messages]; ``connection_row`` int32[messages], -1 where the message has none; ``connections``
    int64[:, 33] as ``layout`` numbers it, the first entry being the message, texts as offset and length in the payload;
    ``nodes`` int64[:, 4]: message, occurrences of the field, offset and length of the last one; ``order``
    int64[logs, 5]: message, operation, row, start offset (ns since boot) and flags of every log in order of arrival;
    ``tables`` int64[rows, attributes] by operation, columns as ``layout.COLUMNS``.
    """

    block: Block
    malformed: npt.NDArray[np.bool_]
    connection_row: npt.NDArray[np.int32]
    connections: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    tables: dict[int, npt.NDArray[np.int64]]

    @property
    def payload(self) -> npt.NDArray[np.uint8]:
        """The block's bytes."""
        return self.block.payload


class Decoder:
    """Decodes block after block into buffers that it keeps and enlarges as needed. Not for several threads at once."""

    def __init__(self, rows: int = 4096) -> None:
        self._transitions = lay.transition_table()
        self._messages = np.empty((rows, 2), dtype=np.int32)
        # In the order of kernel.ORDER, CONNECTIONS, NODES, TABLE_COUNT + operation.
        widths = (lay.ORDER_WIDTH, lay.CONNECTION_WIDTH, _NODE_WIDTH, *(len(lay.COLUMNS[op]) for op in _OPERATIONS))
        self._arrays = [np.empty((rows, width), dtype=np.int64) for width in widths]

    def decode(self, block: Block) -> LogBatch:
        """Decode all messages of a block; malformed ones are marked and leave no rows."""
        total = len(block)
        if len(self._messages) < total:
            self._messages = np.empty((2 * total, 2), dtype=np.int32)
        counts = np.zeros(kernel.COUNTS, dtype=np.int64)
        done = 0
        while True:
            order, connections, nodes, *tables = self._arrays
            done = kernel.decode_messages(
                block.payload,
                block.offsets,
                done,
                self._transitions,
                self._messages,
                order,
                connections,
                nodes,
                counts,
                *tables,
            )
            if done == total:
                return self._batch(block, counts)
            lacking = counts[kernel.LACKING]
            self._arrays[lacking] = _doubled(self._arrays[lacking])

    def _batch(self, block: Block, counts: npt.NDArray[np.int64]) -> LogBatch:
        total = len(block)
        order, connections, nodes, *tables = (
            array[:count] for array, count in zip(self._arrays, counts[: kernel.LACKING].tolist(), strict=True)
        )
        return LogBatch(
            block=block,
            malformed=self._messages[:total, 0] == kernel.MALFORMED,
            connection_row=self._messages[:total, 1],
            connections=connections,
            nodes=nodes,
            order=order,
            tables=dict(zip(_OPERATIONS, tables, strict=True)),
        )


def _doubled(array: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    larger = np.empty((2 * len(array), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
