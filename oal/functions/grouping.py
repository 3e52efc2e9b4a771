"""Adding up the entries of tables by record and key: the vectorised core of folding and merging tables."""

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Tables

Integers = npt.NDArray[np.int64]

_CODE_LIMIT = 1 << 62


def rows_of(tables: Tables) -> Integers:
    """The record number of every entry."""
    return np.repeat(np.arange(len(tables), dtype=np.int64), np.diff(tables.offsets))


def offsets_of(rows: Integers, size: int) -> Integers:
    """Offsets (size + 1 entries) of entries whose record numbers are in ascending order."""
    offsets = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=size), out=offsets[1:])
    return offsets


def ascending_by_key(rows: Integers, keys: Integers) -> Integers:
    """The stable order of entries by record, then key."""
    if len(rows) == 0:
        return np.zeros(0, dtype=np.int64)
    low = int(keys.min())
    span = int(keys.max()) - low + 1
    if (int(rows.max()) + 1) * span < _CODE_LIMIT:
        # One sort key instead of two: runs that are sorted already (the usual case of a merge) cost a single pass.
        return np.argsort(rows * span + (keys - low), kind="stable")
    return np.lexsort((keys, rows))


def add_by_number(rows: Integers, keys: Integers, values: Integers, size: int) -> Tables:
    """Tables of ``size`` records with the values added up by (record, key), keys ascending."""
    order = ascending_by_key(rows, keys)
    rows, keys, values = rows[order], keys[order], values[order]
    starts = _group_starts(rows, keys)
    return Tables(offsets_of(rows[starts], size), keys[starts], _sums(values, starts))


def add_by_label(
    rows: Integers, keys: Integers, values: Integers, size: int, *, labels: tuple[str, ...], limit: int
) -> Tables:
    """As ``add_by_number`` for keys that index ``labels``: in order of arrival, at most ``limit`` per record."""
    order = ascending_by_key(rows, keys)
    sorted_rows, sorted_keys = rows[order], keys[order]
    starts = _group_starts(sorted_rows, sorted_keys)
    sums = _sums(values[order], starts)
    # The sort is stable, so the first entry of a group is the one that arrived first.
    arrival = np.lexsort((order[starts], sorted_rows[starts]))
    group_rows = sorted_rows[starts][arrival]
    group_keys = sorted_keys[starts][arrival]
    offsets = offsets_of(group_rows, size)
    kept = np.arange(len(group_rows)) - offsets[group_rows] < limit
    return Tables(offsets_of(group_rows[kept], size), group_keys[kept], sums[arrival][kept], labels)


def _group_starts(rows: Integers, keys: Integers) -> Integers:
    if len(rows) == 0:
        return np.zeros(0, dtype=np.int64)
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])
    return np.flatnonzero(new)


def _sums(values: Integers, starts: Integers) -> Integers:
    if len(starts) == 0:
        return np.zeros(0, dtype=np.int64)
    return np.add.reduceat(values, starts)
