"""Rows that came after their minute was settled, by minute and operation."""

from typing import Final

import numpy as np
import numpy.typing as npt

KEPT_MINUTES: Final = 1440
OPERATION_BITS: Final = 3
"""A late row is noted as ``minute << OPERATION_BITS | operation``, the operation a position in ``OPERATIONS``."""

_MASK: Final = (1 << OPERATION_BITS) - 1


class LateRows:
    """Counts late rows; of the newest ``KEPT_MINUTES`` minutes that have any, so that old data takes no room."""

    def __init__(self) -> None:
        self._counts: dict[int, npt.NDArray[np.int64]] = {}

    def add(self, notes: npt.NDArray[np.int64]) -> None:
        """Take in rows as they were noted, int64[n]."""
        distinct, rows = np.unique(notes, return_counts=True)
        for note, count in zip(distinct.tolist(), rows.tolist(), strict=True):
            counts = self._counts.setdefault(note >> OPERATION_BITS, np.zeros(_MASK + 1, np.int64))
            counts[note & _MASK] += count
        for minute in sorted(self._counts)[:-KEPT_MINUTES]:
            del self._counts[minute]

    def of(self, minute: int, operation: int) -> int:
        """How many rows of an operation (its position in ``OPERATIONS``) came late for a minute, by its index."""
        counts = self._counts.get(minute)
        return 0 if counts is None else int(counts[operation])
