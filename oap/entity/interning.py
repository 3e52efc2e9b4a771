"""Dense numbers for texts and for tuples of integers: open-addressing tables that compiled code fills.

Both tables only grow; whoever owns them forgets by making new ones. A full table makes ``intern_*`` return
``NO_ROOM``: the caller enlarges it (``grown_*``) and repeats that one call, so a number never depends on where a batch
was cut.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oap.compiled import njit

NO_ROOM = -1

_TEXT_BYTES = 256  # on average, beyond which texts are too long to be remembered as many

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


class TextTable(NamedTuple):
    """Texts by number: ``arena[starts[i]:starts[i + 1]]``; ``size`` int64[1] how many there are."""

    slots: npt.NDArray[np.int32]
    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    arena: npt.NDArray[np.uint8]
    size: npt.NDArray[np.int64]

    def text(self, number: int) -> str:
        """The text of a number (decoded texts are known to be UTF-8)."""
        return self.arena[self.starts[number] : self.starts[number + 1]].tobytes().decode()


class TupleTable(NamedTuple):
    """Tuples of int64 by number: ``rows[i]``; ``size`` int64[1] how many there are."""

    slots: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]


def new_text_table(texts: int = 4096, text_bytes: int = 1 << 18) -> TextTable:
    """An empty table with room for so many texts (a power of two) and bytes."""
    return TextTable(
        np.full(2 * texts, -1, np.int32),
        np.empty(texts, np.uint64),
        np.zeros(texts + 1, np.int64),
        np.empty(text_bytes, np.uint8),
        np.zeros(1, np.int64),
    )


def new_tuple_table(width: int, rows: int = 4096) -> TupleTable:
    """An empty table with room for so many tuples (a power of two)."""
    return TupleTable(np.full(2 * rows, -1, np.int32), np.empty((rows, width), np.int64), np.zeros(1, np.int64))


def grown_texts(table: TextTable) -> TextTable:
    """The same texts under the same numbers with twice the room."""
    count = int(table.size[0])
    larger = new_text_table(2 * len(table.hashes), 2 * len(table.arena))
    larger.hashes[:count] = table.hashes[:count]
    larger.starts[: count + 1] = table.starts[: count + 1]
    larger.arena[: len(table.arena)] = table.arena
    larger.size[0] = count
    _fill_slots(larger.slots, larger.hashes, count)
    return larger


def grown_tuples(table: TupleTable) -> TupleTable:
    """The same tuples under the same numbers with twice the room."""
    count = int(table.size[0])
    larger = new_tuple_table(table.rows.shape[1], 2 * len(table.rows))
    larger.rows[:count] = table.rows[:count]
    larger.size[0] = count
    _fill_tuple_slots(larger.slots, larger.rows, count)
    return larger


def exceeds(texts: TextTable, keys: TupleTable, limit: int) -> bool:
    """Whether more than so many entries are remembered, or texts of an unusual size."""
    count = int(texts.size[0])
    return max(count, int(keys.size[0])) > limit or int(texts.starts[count]) > _TEXT_BYTES * limit


@njit()
def _fill_slots(slots: npt.NDArray[np.int32], hashes: npt.NDArray[np.uint64], count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(count):
        slot = hashes[number] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


@njit()
def _tuple_hash(row: npt.NDArray[np.int64]) -> np.uint64:
    code = _FNV_OFFSET
    for i in range(len(row)):
        code = (code ^ np.uint64(row[i])) * _MIX
        code ^= code >> np.uint64(29)
    return code


@njit()
def _fill_tuple_slots(slots: npt.NDArray[np.int32], rows: npt.NDArray[np.int64], count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(count):
        slot = _tuple_hash(rows[number]) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


@njit(boundscheck=False)
def intern_text(table: TextTable, buffer: npt.NDArray[np.uint8], at: int, size: int) -> int:
    """Number of the text at ``buffer[at:at + size]``, or NO_ROOM."""
    code = _FNV_OFFSET
    for i in range(at, at + size):
        code = (code ^ np.uint64(buffer[i])) * _FNV_PRIME
    code ^= code >> np.uint64(32)
    mask = np.uint64(len(table.slots) - 1)
    slot = code & mask
    while True:
        number = int(table.slots[slot])
        if number < 0:
            break
        if table.hashes[number] == code:
            start = table.starts[number]
            same = table.starts[number + 1] - start == size
            for i in range(size):
                if not same:
                    break
                same = table.arena[start + i] == buffer[at + i]
            if same:
                return number
        slot = (slot + np.uint64(1)) & mask
    count = int(table.size[0])
    start = table.starts[count]
    if count == len(table.hashes) or start + size > len(table.arena):
        return NO_ROOM
    table.slots[slot] = count
    table.hashes[count] = code
    for i in range(size):
        table.arena[start + i] = buffer[at + i]
    table.starts[count + 1] = start + size
    table.size[0] = count + 1
    return count


@njit(boundscheck=False)
def intern_tuple(table: TupleTable, row: npt.NDArray[np.int64]) -> int:
    """Number of the tuple, or NO_ROOM."""
    mask = np.uint64(len(table.slots) - 1)
    slot = _tuple_hash(row) & mask
    while True:
        number = int(table.slots[slot])
        if number < 0:
            break
        same = True
        for i in range(len(row)):
            if table.rows[number, i] != row[i]:
                same = False
                break
        if same:
            return number
        slot = (slot + np.uint64(1)) & mask
    count = int(table.size[0])
    if count == len(table.rows):
        return NO_ROOM
    table.slots[slot] = count
    table.rows[count] = row
    table.size[0] = count + 1
    return count
