"""``longAvg``: the mean as an integer, cut toward zero."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers, truncated_quotient
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"summation": integers(columns[1]), "count": integers(columns[0])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = integers(state["summation"]), integers(state["count"])
    return {"summation": summation, "count": count, "value": truncated_quotient(summation, count)}


LONG_AVG = Function(
    name="longAvg",
    needs_value=True,
    signature="longAvg()",
    columns=(
        StateColumn("summation", Store.LONG, Merge.ADD),
        StateColumn("count", Store.LONG, Merge.ADD),
        StateColumn("value", Store.LONG, Merge.NONE),
    ),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="mean of {value} over the rows, cut to a whole number (summation / count)",
        unit="{unit}",
        longer="the mean over all their rows, not of their minutes",
    ),
)
