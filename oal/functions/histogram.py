"""``histogram``: rows by value in equal steps, the last one open; empty steps have an entry too (spec oal 3.5)."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import tables
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
from oal.functions.tables import add_tables
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    step, highest = (narrowed(argument, int) for argument in call.arguments)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.TALLY, call.where, call.value, step=step, low=0, high=highest),
    )


def _assemble(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    step, highest = parameters
    tally = tables(columns[1])
    size, width = len(tally), highest + 1
    zeros = Tables(
        np.arange(size + 1, dtype=np.int64) * width,
        np.tile(np.arange(width, dtype=np.int64), size),
        np.zeros(size * width, dtype=np.int64),
    )
    full = add_tables((zeros, tally))
    return {"dataset": Tables(full.offsets, full.keys * step, full.values)}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"dataset": state["dataset"]}


HISTOGRAM = Function(
    name="histogram",
    needs_value=True,
    signature="histogram(step, maxNumOfSteps)",
    columns=(StateColumn("dataset", Store.TABLE, Merge.ADD),),
    value_column="dataset",
    value_kind=ValueKind.HEATMAP,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    arguments=(Parameter("step", Takes.INTEGER), Parameter("maxNumOfSteps", Takes.INTEGER)),
    meaning=Meaning(
        formula="number of rows by {value} in {maxNumOfSteps} steps of {step} and an open one above",
        unit="rows",
        longer="the rows of the hour or day, by step",
    ),
)
