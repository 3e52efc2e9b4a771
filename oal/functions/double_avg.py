"""``doubleAvg``: the mean as a double."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import doubles, integers, real_quotient
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM_DOUBLE, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"double_summation": doubles(columns[1]), "count": integers(columns[0])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = doubles(state["double_summation"]), integers(state["count"])
    return {"double_summation": summation, "count": count, "double_value": real_quotient(summation, count)}


DOUBLE_AVG = Function(
    name="doubleAvg",
    needs_value=True,
    signature="doubleAvg()",
    columns=(
        StateColumn("double_summation", Store.DOUBLE, Merge.ADD),
        StateColumn("count", Store.LONG, Merge.ADD),
        StateColumn("double_value", Store.DOUBLE, Merge.NONE),
    ),
    value_column="double_value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="mean of {value} over the rows, with its fraction (double_summation / count)",
        unit="{unit}",
        longer="the mean over all their rows, not of their minutes",
    ),
)
