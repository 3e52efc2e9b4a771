"""``minDouble``: the smallest value as a double."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MIN_DOUBLE, call.where, call.value))


MIN_DOUBLE = Function(
    name="minDouble",
    needs_value=True,
    signature="minDouble()",
    columns=(StateColumn("value", Store.DOUBLE, Merge.MIN),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="smallest {value} of all rows with its fraction",
        unit="{unit}",
        longer="the smallest of all their rows",
    ),
)
