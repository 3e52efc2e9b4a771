"""``labelAvg``: the mean of a value by label, cut toward zero, but 1 where a positive sum would give 0."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import Integers, tables, truncated_quotient
from oal.functions.contract import (
    Call,
    Column,
    Function,
    Meaning,
    Merge,
    Parameter,
    StateColumn,
    Store,
    Tables,
    Takes,
    ValueKind,
)
from oal.functions.labels import DEFAULT_LABEL_LIMIT, named, storable
from oal.functions.narrowing import narrowed
from oal.plan import Fold, Operand, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    label, value = narrowed(call.arguments[0], Operand), narrowed(call.arguments[1], Operand)
    limit = narrowed(call.arguments[2], int)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.LABEL_SUM, call.where, value, label=label, limit=limit),
        Primitive(Fold.LABEL_COUNT, call.where, label=label, limit=limit),
    )


def _assemble(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {
        "datatable_summation": storable(tables(columns[1]), parameters[0]),
        "datatable_count": storable(tables(columns[2]), parameters[0]),
    }


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = tables(state["datatable_summation"]), tables(state["datatable_count"])
    counts = _counts_like(summation, count)
    mean = truncated_quotient(summation.values, counts)
    mean = np.where((mean == 0) & (summation.values > 0), 1, mean)
    value = named(Tables(summation.offsets, summation.keys, mean, summation.labels))
    return {"datatable_summation": summation, "datatable_count": count, "datatable_value": value}


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


def _entries(tables_: Tables, row: int) -> dict[str, int]:
    entries = slice(tables_.offsets[row], tables_.offsets[row + 1])
    labels = tables_.labels or ()
    return {labels[key]: int(value) for key, value in zip(tables_.keys[entries], tables_.values[entries], strict=True)}


LABEL_AVG = Function(
    name="labelAvg",
    needs_value=False,
    signature="labelAvg(label, value[, limit])",
    columns=(
        StateColumn("datatable_summation", Store.TABLE, Merge.ADD),
        StateColumn("datatable_count", Store.TABLE, Merge.ADD),
        StateColumn("datatable_value", Store.TABLE, Merge.NONE),
    ),
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    arguments=(
        Parameter("label", Takes.STRING_PATH),
        Parameter("value", Takes.NUMERIC_PATH),
        Parameter("limit", Takes.INTEGER, default=DEFAULT_LABEL_LIMIT),
    ),
    labels_limited=True,
    meaning=Meaning(
        formula="mean of {value} by text of {label}, the first {limit} texts",
        unit="{unit}",
        longer="the mean over all their rows, by text",
    ),
)
