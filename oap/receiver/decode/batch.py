"""Blocks of raw messages to batches of tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oap.receiver.block import Block
from oap.receiver.decode import kernel
from oap.receiver.decode import layout as lay

_OPERATIONS = (lay.CONNECT, lay.ACCEPT, lay.CLOSE, lay.READ, lay.WRITE, lay.HTTP)


@dataclass(frozen=True, slots=True)
class LogBatch:
    """A decoded block. All arrays are views that the next ``decode`` of the same decoder overwrites.

    ``malformed`` bool[messages]; ``connection_row`` int32[messages], -1 where the message has none; ``connections``
    int64[:, 23] as ``layout`` numbers it, texts as offset and length in ``payload``; ``nodes`` int64[:, 4]: message, occurrences, offset and length of the last one; ``order`` int32[logs, 3] message, operation, row of every log in order of arrival; ``tables`` int64[rows,
    3 + attributes] by operation: message, start offset (ns since boot), flags, then ``layout.COLUMNS``.
    """

    block: Block
    malformed: npt.NDArray[np.bool_]
    connection_row: npt.NDArray[np.int32]
    connections: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    order: npt.NDArray[np.int32]
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
        self._order = np.empty((4 * rows, 3), dtype=np.int32)
        self._connections = np.empty((rows, lay.CONNECTION_WIDTH), dtype=np.int64)
        self._nodes = np.empty((rows, 4), dtype=np.int64)
        self._tables = {
            op: np.empty((rows, lay.ATTRIBUTES + len(lay.COLUMNS[op])), dtype=np.int64) for op in _OPERATIONS
        }

    def decode(self, block: Block) -> LogBatch:
        """Decode all messages of a block; malformed ones are marked and leave no rows."""
        total = len(block)
        if len(self._messages) < total:
            self._messages = np.empty((2 * total, 2), dtype=np.int32)
        counts = np.zeros(kernel.COUNTS, dtype=np.int64)
        done = 0
        while True:
            done = kernel.decode_messages(
                block.payload,
                block.offsets,
                done,
                self._transitions,
                self._messages,
                self._order,
                self._connections,
                self._nodes,
                *(self._tables[op] for op in _OPERATIONS),
                counts,
            )
            if done == total:
                break
            self._make_room(counts)
        return self._batch(block, counts)

    def _make_room(self, counts: npt.NDArray[np.int64]) -> None:
        """Double whatever is more than half full: one message holds tens of thousands of logs at most, so few rounds do."""
        if 2 * counts[kernel.ORDER] >= len(self._order) or self._nearly_empty(counts):
            self._order = _doubled(self._order)
        if 2 * counts[kernel.CONNECTIONS] >= len(self._connections):
            self._connections = _doubled(self._connections)
        if 2 * counts[kernel.NODES] >= len(self._nodes):
            self._nodes = _doubled(self._nodes)
        for op in _OPERATIONS:
            if 2 * counts[kernel.TABLE_COUNT + op] >= len(self._tables[op]) or self._nearly_empty(counts):
                self._tables[op] = _doubled(self._tables[op])

    def _nearly_empty(self, counts: npt.NDArray[np.int64]) -> bool:
        """Whether a single message filled a table: then no count is above half, and all of them must grow."""
        used = any(2 * counts[kernel.TABLE_COUNT + op] >= len(self._tables[op]) for op in _OPERATIONS)
        return not used and 2 * counts[kernel.ORDER] < len(self._order)

    def _batch(self, block: Block, counts: npt.NDArray[np.int64]) -> LogBatch:
        total = len(block)
        return LogBatch(
            block=block,
            malformed=self._messages[:total, 0] == kernel.MALFORMED,
            connection_row=self._messages[:total, 1],
            connections=self._connections[: counts[kernel.CONNECTIONS]],
            nodes=self._nodes[: counts[kernel.NODES]],
            order=self._order[: counts[kernel.ORDER]],
            tables={op: self._tables[op][: counts[kernel.TABLE_COUNT + op]] for op in _OPERATIONS},
        )


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    larger = np.empty((2 * len(array), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
