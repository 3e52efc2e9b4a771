"""``min``: the smallest value."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MIN, call.where, call.value))


MIN = Function(
    name="min",
    needs_value=True,
    signature="min()",
    columns=(StateColumn("value", Store.LONG, Merge.MIN),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="smallest {value} of all rows",
        unit="{unit}",
        longer="the smallest of all their rows",
    ),
)
