"""``sum``: the values added up."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM, call.where, call.value))


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[1])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


SUM = Function(
    name="sum",
    needs_value=True,
    signature="sum()",
    columns=(StateColumn("value", Store.LONG, Merge.ADD),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="{value} of all rows added up",
        unit="{unit}",
        longer="the total of the hour or day",
    ),
)
