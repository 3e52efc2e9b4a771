"""``labelCount`` and ``labelAvg``: what stored text can hold, and the ``{n=label}`` form that queries read.

See spec oal 3.6, storage 1.4.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import Integers, tables, truncated_quotient
from oal.functions.contract import Column, Tables
from oal.functions.kernels.kernel import Kernel
from oal.functions.tables import relabel_tables


def _assemble_count(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"dataset": _storable(tables(columns[1]), parameters[0])}


def _finish_count(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"dataset": state["dataset"], "datatable_value": _named(tables(state["dataset"]))}


def _assemble_avg(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {
        "datatable_summation": _storable(tables(columns[1]), parameters[0]),
        "datatable_count": _storable(tables(columns[2]), parameters[0]),
    }


def _finish_avg(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = tables(state["datatable_summation"]), tables(state["datatable_count"])
    counts = _counts_like(summation, count)
    mean = truncated_quotient(summation.values, counts)
    mean = np.where((mean == 0) & (summation.values > 0), 1, mean)
    value = _named(Tables(summation.offsets, summation.keys, mean, summation.labels))
    return {"datatable_summation": summation, "datatable_count": count, "datatable_value": value}


def _storable(labelled: Tables, limit: int) -> Tables:
    """The tables with ``|``, which separates entries of the stored text, replaced in labels, and the limit applied."""
    return relabel_tables(labelled, (label.replace("|", "_") for label in labelled.labels or ()), limit)


def _named(labelled: Tables) -> Tables:
    """The tables under the labels ``{n=label}``."""
    labels = tuple(f"{{n={label}}}" for label in labelled.labels or ())
    return Tables(labelled.offsets, labelled.keys, labelled.values, labels)


def _counts_like(summation: Tables, count: Tables) -> Integers:
    """The counts in the order of the sums: equal labels, but another store may have returned them in another order."""
    if summation.labels == count.labels and np.array_equal(summation.keys, count.keys):
        return count.values
    bounds = zip(summation.offsets[:-1].tolist(), summation.offsets[1:].tolist(), strict=True)
    aligned = np.zeros(len(summation.keys), dtype=np.int64)
    for row, (start, end) in enumerate(bounds):
        known = _entries(count, row)
        for at in range(start, end):
            aligned[at] = known.get((summation.labels or ())[summation.keys[at]], 0)
    return aligned


def _entries(labelled: Tables, row: int) -> dict[str, int]:
    entries = slice(labelled.offsets[row], labelled.offsets[row + 1])
    labels = labelled.labels or ()
    return {
        labels[key]: int(value) for key, value in zip(labelled.keys[entries], labelled.values[entries], strict=True)
    }


LABEL_COUNT = Kernel(_assemble_count, _finish_count)
LABEL_AVG = Kernel(_assemble_avg, _finish_avg)
