"""``minDouble``: the smallest value as a double."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import doubles
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MIN_DOUBLE, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": doubles(columns[1])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


MIN_DOUBLE = Function(
    name="minDouble",
    needs_value=True,
    signature="minDouble()",
    columns=(StateColumn("value", Store.DOUBLE, Merge.MIN),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="smallest {value} of all rows with its fraction",
        unit="{unit}",
        longer="the smallest of all their rows",
    ),
)
