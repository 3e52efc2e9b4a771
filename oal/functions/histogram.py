"""``histogram``: rows by value in equal steps, the last one open; empty steps have an entry too (spec oal 3.5)."""

from oal.functions.contract import (
    Call,
    Function,
    Meaning,
    Merge,
    Parameter,
    StateColumn,
    Store,
    Takes,
    ValueKind,
)
from oal.functions.narrowing import narrowed
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    step, highest = (narrowed(argument, int) for argument in call.arguments)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.TALLY, call.where, call.value, step=step, low=0, high=highest),
    )


HISTOGRAM = Function(
    name="histogram",
    needs_value=True,
    signature="histogram(step, maxNumOfSteps)",
    columns=(StateColumn("dataset", Store.TABLE, Merge.ADD),),
    value_column="dataset",
    value_kind=ValueKind.HEATMAP,
    primitives=_primitives,
    arguments=(Parameter("step", Takes.INTEGER), Parameter("maxNumOfSteps", Takes.INTEGER)),
    meaning=Meaning(
        formula="number of rows by {value} in {maxNumOfSteps} steps of {step} and an open one above",
        unit="rows",
        longer="the rows of the hour or day, by step",
    ),
)
