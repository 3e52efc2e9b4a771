"""``longAvg``: the mean as an integer, cut toward zero."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM, call.where, call.value))


LONG_AVG = Function(
    name="longAvg",
    needs_value=True,
    signature="longAvg()",
    columns=(
        StateColumn("summation", Store.LONG, Merge.ADD),
        StateColumn("count", Store.LONG, Merge.ADD),
        StateColumn("value", Store.LONG, Merge.NONE),
    ),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="mean of {value} over the rows, cut to a whole number (summation / count)",
        unit="{unit}",
        longer="the mean over all their rows, not of their minutes",
    ),
)
