"""A window's state as bytes that another process can read (design 7, 8).

Cells are numbered in order of arrival, differently in every process, so they are written as descriptions and interned
again by the reader. The format: a magic word, version, checksum and length of what follows; a header in JSON; then the
arrays that the header counts, little-endian, one after the other without padding.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from oap.timebucket import Precision
from oap.window.state import TableState
from oap.window.tally import Tally, merged, new_tally
from oap.window.window import FoldPlan, Window

_MAGIC: Final = b"OAPW"
_VERSION: Final = 1
_FRAME: Final = struct.Struct("<4sIIQ")
_INT32, _INT64, _FLOAT64 = np.dtype("<i4"), np.dtype("<i8"), np.dtype("<f8")

Description = Sequence[Any]
"""What a cell is, in texts, integers and lists of them: enough to intern it elsewhere."""
Describe = Callable[[str, int], Description]
"""(grain, cell) -> its description."""
Intern = Callable[[str, Description], int]
"""(grain, description) -> the cell's number in this process."""


class UnreadableWindowError(Exception):
    """These bytes hold no window, or one that was folded by other rules."""


def plan_fingerprint(plan: FoldPlan) -> str:
    """Equal for plans whose state means the same: the tables with their primitives in order."""
    primitives = [(key, fold.primitives) for key, fold in sorted(plan.tables.items())]
    return hashlib.sha256(repr(primitives).encode()).hexdigest()


def dump_window(window: Window, describe: Describe) -> bytes:
    """The window as bytes; cells without rows are left out."""
    cells = {grain: np.flatnonzero(window.seen(grain)) for grain in dict.fromkeys(grain for grain, _ in window.tables)}
    arrays: list[npt.NDArray[Any]] = []
    header = {
        "plan": plan_fingerprint(window.plan),
        "minute": window.minute,
        "precision": window.precision.name,
        "cells": {grain: [describe(grain, cell) for cell in used.tolist()] for grain, used in cells.items()},
        "tables": [_dump_table(key, state, cells[key[0]], arrays) for key, state in window.tables.items()],
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    body = b"".join((struct.pack("<Q", len(text)), text, *(array.tobytes() for array in arrays)))
    return _FRAME.pack(_MAGIC, _VERSION, zlib.crc32(body), len(body)) + body


def load_window(data: bytes, plan: FoldPlan, intern: Intern) -> Window:
    """The window that was dumped, its cells numbered by ``intern``.

    Raises UnreadableWindowError for damaged bytes, another version of the format, a window of another plan, or two
    cells that are one and the same here (names are cut to other lengths).
    """
    body = _checked_body(data)
    (size,) = struct.unpack_from("<Q", body)
    header = json.loads(body[8 : 8 + size])
    if header["plan"] != plan_fingerprint(plan):
        raise UnreadableWindowError("the window was folded by other rules than those that run now")
    window = Window(header["minute"], Precision[header["precision"]], plan)
    numbers = {grain: _interned(grain, cells, intern) for grain, cells in header["cells"].items()}
    reader = _Reader(memoryview(body)[8 + size :])
    for table in header["tables"]:
        state = window.tables[table["grain"], table["table"]]
        _load_table(table, state, numbers[table["grain"]], reader)
    return window


def _checked_body(data: bytes) -> bytes:
    if len(data) < _FRAME.size or not data.startswith(_MAGIC):
        raise UnreadableWindowError("these bytes are no window")
    _, version, checksum, size = _FRAME.unpack_from(data)
    if version != _VERSION:
        raise UnreadableWindowError(f"the window has format {version}, this server reads {_VERSION}")
    body = data[_FRAME.size :]
    if len(body) != size or zlib.crc32(body) != checksum:
        raise UnreadableWindowError("the window is damaged or cut short")
    return body


def _interned(grain: str, cells: Sequence[Description], intern: Intern) -> npt.NDArray[np.int64]:
    numbers = np.array([intern(grain, cell) for cell in cells], dtype=np.int64)
    if len(np.unique(numbers)) != len(numbers):
        raise UnreadableWindowError(f"two cells of the grain '{grain}' are one here")
    return numbers


def _dump_table(
    key: tuple[str, str], state: TableState, cells: npt.NDArray[np.int64], arrays: list[npt.NDArray[Any]]
) -> Mapping[str, object]:
    """Append the arrays of a table; return what the header says of it."""
    own = np.flatnonzero(state.counts)
    arrays += [_little(np.searchsorted(cells, own), _INT32), _little(state.counts[own], _INT64)]
    arrays += [_little(state.integers[own], _INT64), _little(state.doubles[own], _FLOAT64)]
    tallies = [_dump_tally(state, index, cells, arrays) for index in state.tallies]
    return {"grain": key[0], "table": key[1], "cells": len(own), "tallies": tallies}


def _dump_tally(
    state: TableState, index: int, cells: npt.NDArray[np.int64], arrays: list[npt.NDArray[Any]]
) -> Mapping[str, object]:
    tally = state.tallies[index]
    size = int(tally.size[0])
    arrays += [_little(np.searchsorted(cells, tally.cells[:size]), _INT32)]
    arrays += [_little(tally.keys[:size], _INT64), _little(tally.counts[:size], _INT64)]
    return {"index": index, "entries": size, "labels": list(state.labels[index])}


def _load_table(table: Mapping[str, Any], state: TableState, numbers: npt.NDArray[np.int64], reader: "_Reader") -> None:
    size = table["cells"]
    cells = numbers[reader.take(_INT32, (size,))]
    state.resize(int(cells.max(initial=-1)) + 1)
    state.counts[cells] = reader.take(_INT64, (size,))
    state.integers[cells] = reader.take(_INT64, (size, len(state.fold.kinds)))
    state.doubles[cells] = reader.take(_FLOAT64, (size, len(state.fold.double_kinds)))
    for entry in table["tallies"]:
        index = entry["index"]
        state.tallies[index] = _loaded_tally(entry["entries"], numbers, reader)
        state.labels[index] = {label: number for number, label in enumerate(entry["labels"])}


def _loaded_tally(entries: int, numbers: npt.NDArray[np.int64], reader: "_Reader") -> Tally:
    cells = numbers[reader.take(_INT32, (entries,))].astype(np.int32)
    keys, counts = reader.take(_INT64, (entries,)), reader.take(_INT64, (entries,))
    return merged(new_tally(), cells, keys, counts)


def _little(values: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.ascontiguousarray(values, dtype=dtype)


class _Reader:
    """Takes arrays from bytes in the order in which they were written."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def take(self, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """The next array, a copy in the machine's own byte order."""
        count = int(np.prod(shape))
        taken = np.frombuffer(self._data, dtype, count, self._at).reshape(shape)
        self._at += taken.nbytes
        return taken.astype(dtype.newbyteorder("="))
