"""Percentile ranks of tallied values (spec oal 3.3)."""

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Tables

RANKS = (50, 75, 90, 95, 99)


def rank_roofs(totals: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Per record and rank (shape n x 5): how many rows lie at or below the percentile.

    Upstream divides in 32-bit floats and rounds half up; the result differs from exact arithmetic from total 338950 on.
    The sum with one half is exact in 64 bits, as Java's rounding is.
    """
    scaled = (totals[:, None] * np.array(RANKS, dtype=np.int64)).astype(np.float32)
    return np.floor((scaled / np.float32(100)).astype(np.float64) + 0.5).astype(np.int64)


def rank_keys(tally: Tables) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Which records have entries, and for those (shape m x 5) the key where the count reaches each roof."""
    filled = np.diff(tally.offsets) > 0
    reached = np.cumsum(tally.values)
    before = np.concatenate((np.zeros(1, dtype=np.int64), reached))
    base = before[tally.offsets[:-1]][filled]
    totals = before[tally.offsets[1:]][filled] - base
    # Counts are positive, so one running total over all records is ascending and a single search serves every record.
    positions = np.searchsorted(reached, base[:, None] + rank_roofs(totals), side="left")
    return filled, tally.keys[positions]
