"""Tables per cell: (cell, key) -> int64, filled by compiled code (percentiles, histograms, labels)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oap.compiled import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xC2B2AE3D27D4EB4F)


class Tally(NamedTuple):
    """Entry i adds up ``counts[i]`` for (``cells[i]``, ``keys[i]``), i < ``size[0]``, in order of first arrival."""

    slots: npt.NDArray[np.int32]
    cells: npt.NDArray[np.int32]
    keys: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]


def new_tally(entries: int = 64) -> Tally:
    """An empty tally with room for so many entries (a power of two)."""
    return Tally(
        np.full(2 * entries, -1, np.int32),
        np.empty(entries, np.int32),
        np.empty(entries, np.int64),
        np.empty(entries, np.int64),
        np.zeros(1, np.int64),
    )


def grown(tally: Tally) -> Tally:
    """The same entries with twice the room."""
    larger = new_tally(2 * len(tally.cells))
    size = int(tally.size[0])
    add_entries(larger, tally.cells[:size], tally.keys[:size], tally.counts[:size], 0)
    return larger


@njit(boundscheck=False)
def _add(tally: Tally, cell: int, key: int, amount: int) -> bool:
    """Add to an entry; false when there is no room for a new one."""
    code = (np.uint64(cell) * _MIX) ^ (np.uint64(key) * _MIX2)
    code ^= code >> np.uint64(31)
    mask = np.uint64(len(tally.slots) - 1)
    slot = code & mask
    while True:
        entry = tally.slots[slot]
        if entry < 0:
            break
        if tally.cells[entry] == cell and tally.keys[entry] == key:
            tally.counts[entry] += amount
            return True
        slot = (slot + np.uint64(1)) & mask
    size = tally.size[0]
    if size == len(tally.cells):
        return False
    tally.slots[slot] = size
    tally.cells[size] = cell
    tally.keys[size] = key
    tally.counts[size] = amount
    tally.size[0] = size + 1
    return True


@njit(boundscheck=False)
def add_entries(
    tally: Tally,
    cells: npt.NDArray[np.int32],
    keys: npt.NDArray[np.int64],
    amounts: npt.NDArray[np.int64],
    first: int,
) -> int:
    """Add entries from ``first`` on; return the one there was no room for, or their number."""
    for i in range(first, len(cells)):
        if not _add(tally, cells[i], keys[i], amounts[i]):
            return i
    return len(cells)


def merged(
    tally: Tally, cells: npt.NDArray[np.int32], keys: npt.NDArray[np.int64], amounts: npt.NDArray[np.int64]
) -> Tally:
    """The tally with all entries added, in a larger one if need be."""
    done = 0
    while True:
        done = add_entries(tally, cells, keys, amounts, done)
        if done == len(cells):
            return tally
        tally = grown(tally)


@njit()
def quotients(values: npt.NDArray[np.int64], step: int, low: int, high: int) -> npt.NDArray[np.int64]:
    """``value / step`` truncated towards zero and held between ``low`` and ``high``."""
    result = np.empty(len(values), dtype=np.int64)
    for i in range(len(values)):
        quotient = values[i] // step
        if values[i] < 0 and quotient * step != values[i]:
            quotient += 1
        result[i] = min(max(quotient, low), high)
    return result
