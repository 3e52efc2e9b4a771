"""``percentile2``: the 50th to 99th percentile as lower edges of ``precision`` wide steps, as labelled values.

The value keeps 64 bits, where upstream wraps at 32 (spec oal 3.4).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import integers, tables
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
from oal.functions.narrowing import narrowed
from oal.functions.ranks import RANKS, rank_keys
from oal.plan import Fold, Primitive

PERCENTILE_COLUMNS = (
    StateColumn("datatable_value", Store.TABLE, Merge.NONE),
    StateColumn("precision", Store.INT, Merge.FIRST),
    StateColumn("dataset", Store.TABLE, Merge.ADD),
)

_LABELS = tuple(f"{{p={rank}}}" for rank in RANKS)


def percentile_primitives(call: Call) -> tuple[Primitive, ...]:
    """A row count, and a tally of the values divided by the precision."""
    precision = narrowed(call.arguments[0], int)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.TALLY, call.where, call.value, step=precision),
    )


def assemble_percentile(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    """The tally as ``dataset``, with the precision of each record."""
    dataset = tables(columns[1])
    return {"precision": np.full(len(dataset), parameters[0], dtype=np.int64), "dataset": dataset}


def percentiles(state: Mapping[str, Column], labels: tuple[str, ...] | None) -> Tables:
    """The value at each rank, under the rank's number 0..4 (``labels`` then name it); empty for an empty dataset."""
    dataset, precision = tables(state["dataset"]), integers(state["precision"])
    filled, keys = rank_keys(dataset)
    offsets = np.zeros(len(dataset) + 1, dtype=np.int64)
    np.cumsum(filled * len(RANKS), out=offsets[1:])
    values = (keys * precision[filled][:, None]).reshape(-1)
    return Tables(offsets, np.tile(np.arange(len(RANKS), dtype=np.int64), len(keys)), values, labels)


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    value = percentiles(state, _LABELS)
    return {"datatable_value": value, "precision": state["precision"], "dataset": state["dataset"]}


PERCENTILE2 = Function(
    name="percentile2",
    needs_value=True,
    signature="percentile2(precision)",
    columns=PERCENTILE_COLUMNS,
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=percentile_primitives,
    assemble=assemble_percentile,
    finish=_finish,
    arguments=(Parameter("precision", Takes.INTEGER),),
    meaning=Meaning(
        formula="p50, p75, p90, p95 and p99 of {value}, each as the lower edge of its step of {precision}",
        unit="{unit}",
        longer="computed anew from all their rows",
    ),
)
