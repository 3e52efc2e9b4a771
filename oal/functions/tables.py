"""Table columns as a whole: selecting, joining, adding; their stored text ``key,value|...`` (spec storage 1.4)."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Tables
from oal.functions.grouping import add_by_label, add_by_number, rows_of

NO_LIMIT = 1 << 62


def empty_tables(size: int, labels: tuple[str, ...] | None = None) -> Tables:
    """``size`` records without entries."""
    nothing = np.zeros(0, dtype=np.int64)
    return Tables(np.zeros(size + 1, dtype=np.int64), nothing, nothing, labels)


def select_tables(tables: Tables, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Tables:
    """The records at these indices (any order, repeats allowed) or where this mask is true."""
    index = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64, copy=False)
    lengths = np.diff(tables.offsets)[index]
    offsets = np.zeros(len(index) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    positions = np.repeat(tables.offsets[:-1][index] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Tables(offsets, tables.keys[positions], tables.values[positions], tables.labels)


def concat_tables(parts: Sequence[Tables]) -> Tables:
    """All records of the parts, one part after the other. All parts are numeric or all are labelled."""
    parts = _with_one_label_set(parts) if _labelled(parts) else list(parts)
    offsets = [np.zeros(1, dtype=np.int64)]
    base = 0
    for part in parts:
        offsets.append(part.offsets[1:] + base)
        base += int(part.offsets[-1])
    return Tables(
        np.concatenate(offsets),
        np.concatenate([part.keys for part in parts]) if parts else np.zeros(0, dtype=np.int64),
        np.concatenate([part.values for part in parts]) if parts else np.zeros(0, dtype=np.int64),
        parts[0].labels if parts else None,
    )


def add_tables(parts: Sequence[Tables], limit: int = NO_LIMIT) -> Tables:
    """Record-wise sum of aligned tables (all of one length, at least one): values of equal keys are added.

    Numeric keys come out ascending; labels in order of arrival, earlier parts first, at most ``limit`` of each record.
    """
    size = len(parts[0])
    labelled = _labelled(parts)
    if labelled:
        parts = _with_one_label_set(parts)
    rows = np.concatenate([rows_of(part) for part in parts])
    keys = np.concatenate([part.keys for part in parts])
    values = np.concatenate([part.values for part in parts])
    if labelled:
        return add_by_label(rows, keys, values, size, labels=parts[0].labels or (), limit=limit)
    return add_by_number(rows, keys, values, size)


def relabel_tables(tables: Tables, labels: Iterable[str], limit: int = NO_LIMIT) -> Tables:
    """The same tables under other labels, one for each old one; entries whose labels become equal are added up."""
    index: dict[str, int] = {}
    mapping = np.array([index.setdefault(label, len(index)) for label in labels], dtype=np.int64)
    keys = mapping[tables.keys] if len(mapping) else tables.keys
    return add_by_label(rows_of(tables), keys, tables.values, len(tables), labels=tuple(index), limit=limit)


def render_tables(tables: Tables) -> list[str]:
    """The stored text of every record; an empty table gives ``""``."""
    if tables.labels is None:
        entries = list(map("%d,%d".__mod__, zip(tables.keys.tolist(), tables.values.tolist(), strict=True)))
    else:
        prefixes = [f"{label}," for label in tables.labels]
        entries = [
            prefixes[key] + str(value) for key, value in zip(tables.keys.tolist(), tables.values.tolist(), strict=True)
        ]
    bounds = tables.offsets.tolist()
    return ["|".join(entries[start:end]) for start, end in itertools.pairwise(bounds)]


def parse_numeric_tables(texts: Sequence[str | None]) -> Tables:
    """Tables from stored texts with integer keys; None reads as empty. Raises ValueError for other than integers."""
    filled = [text for text in texts if text]
    if any(text.count(",") != text.count("|") + 1 for text in filled):
        raise ValueError("an entry of a stored table is no pair of key and value")
    numbers = ",".join(filled).replace("|", ",").split(",") if filled else []
    flat = np.array(list(map(int, numbers)), dtype=np.int64)
    lengths = np.array([text.count("|") + 1 if text else 0 for text in texts], dtype=np.int64)
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    return add_by_number(rows, flat[0::2], flat[1::2], len(texts))


def parse_label_tables(texts: Sequence[str | None]) -> Tables:
    """Tables from stored texts with label keys, in text order. Raises ValueError where no integer follows a key."""
    index: dict[str, int] = {}
    offsets, keys, values = [0], [], []
    for text in texts:
        for entry in text.split("|") if text else ():
            label, _, value = entry.rpartition(",")
            keys.append(index.setdefault(label, len(index)))
            values.append(int(value))
        offsets.append(len(keys))
    int64 = np.int64
    return Tables(np.array(offsets, int64), np.array(keys, int64), np.array(values, int64), tuple(index))


def _labelled(parts: Sequence[Tables]) -> bool:
    return any(part.labels is not None for part in parts)


def _with_one_label_set(parts: Sequence[Tables]) -> list[Tables]:
    """The parts with keys that all index the same labels."""
    index: dict[str, int] = {}
    mappings = [
        np.array([index.setdefault(label, len(index)) for label in part.labels or ()], dtype=np.int64) for part in parts
    ]
    labels = tuple(index)
    return [
        Tables(part.offsets, mapping[part.keys] if len(mapping) else part.keys, part.values, labels)
        for part, mapping in zip(parts, mappings, strict=True)
    ]
