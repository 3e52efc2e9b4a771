"""``min``: the smallest value."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MIN, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[1])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


MIN = Function(
    name="min",
    needs_value=True,
    signature="min()",
    columns=(StateColumn("value", Store.LONG, Merge.MIN),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="smallest {value} of all rows",
        unit="{unit}",
        longer="the smallest of all their rows",
    ),
)
