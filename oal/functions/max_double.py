"""``maxDouble``: the largest value as a double; the state starts at 0.0, so it is never negative."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import doubles
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MAX_DOUBLE, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": doubles(columns[1])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


MAX_DOUBLE = Function(
    name="maxDouble",
    needs_value=True,
    signature="maxDouble()",
    columns=(StateColumn("value", Store.DOUBLE, Merge.MAX),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="largest {value} of all rows with its fraction, at least 0",
        unit="{unit}",
        longer="the largest of all their rows",
    ),
)
