"""``count``: how many rows."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where),)


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[0])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": state["value"]}


COUNT = Function(
    name="count",
    needs_value=False,
    signature="count()",
    columns=(StateColumn("value", Store.LONG, Merge.ADD),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="number of rows",
        unit="rows",
        longer="the number of rows in the hour or day",
    ),
)
