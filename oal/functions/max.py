"""``max``: the largest value; the state starts at 0, so it is never negative."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MAX, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[1])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


MAX = Function(
    name="max",
    needs_value=True,
    signature="max()",
    columns=(StateColumn("value", Store.LONG, Merge.MAX),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="largest {value} of all rows, at least 0",
        unit="{unit}",
        longer="the largest of all their rows",
    ),
)
