"""``sum``: the values added up."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM, call.where, call.value))


SUM = Function(
    name="sum",
    needs_value=True,
    signature="sum()",
    columns=(StateColumn("value", Store.LONG, Merge.ADD),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="{value} of all rows added up",
        unit="{unit}",
        longer="the total of the hour or day",
    ),
)
