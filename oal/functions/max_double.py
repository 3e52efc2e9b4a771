"""``maxDouble``: the largest value as a double; the state starts at 0.0, so it is never negative."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.MAX_DOUBLE, call.where, call.value))


MAX_DOUBLE = Function(
    name="maxDouble",
    needs_value=True,
    signature="maxDouble()",
    columns=(StateColumn("value", Store.DOUBLE, Merge.MAX),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="largest {value} of all rows with its fraction, at least 0",
        unit="{unit}",
        longer="the largest of all their rows",
    ),
)
