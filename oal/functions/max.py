"""``max``: the largest value; the state starts at 0, so it is never negative."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MAX, call.where, call.value))


MAX = Function(
    name="max",
    needs_value=True,
    signature="max()",
    columns=(StateColumn("value", Store.LONG, Merge.MAX),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="largest {value} of all rows, at least 0",
        unit="{unit}",
        longer="the largest of all their rows",
    ),
)
