"""The seam between a transport and the pipeline: blocks of raw messages."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt


class StreamEvent(IntEnum):
    """What happened to a stream between two of its messages."""

    BEGIN = 0
    END = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Block:
    """Messages of many streams in arrival order, in one buffer.

    ``payload`` (uint8) holds message i at ``offsets[i]:offsets[i + 1]`` (int64, n + 1 entries) and ``streams[i]``
    (int32) is the slot of its stream. Slots are small and are used again after END or ERROR. ``events`` lists
    (position, slot, event): the event happened before the message at that position (n = after the last one). BEGIN
    precedes a stream's first message, END or ERROR follows its last; a stream may span many blocks.
    """

    payload: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    streams: npt.NDArray[np.int32]
    events: tuple[tuple[int, int, StreamEvent], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.streams)


class BlockSource(Protocol):
    """What the pipeline needs of a transport."""

    def take(self, timeout_s: float) -> Block | None:
        """Return the next block, or None when nothing arrived within the timeout. Called by one thread only."""

    def acknowledge(self, block: Block) -> None:
        """Say that the block is safe: streams that ended in it may be answered now."""
