"""``doubleAvg``: the mean as a double."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), Primitive(Fold.SUM_DOUBLE, call.where, call.value))


DOUBLE_AVG = Function(
    name="doubleAvg",
    needs_value=True,
    signature="doubleAvg()",
    columns=(
        StateColumn("double_summation", Store.DOUBLE, Merge.ADD),
        StateColumn("count", Store.LONG, Merge.ADD),
        StateColumn("double_value", Store.DOUBLE, Merge.NONE),
    ),
    value_column="double_value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="mean of {value} over the rows, with its fraction (double_summation / count)",
        unit="{unit}",
        longer="the mean over all their rows, not of their minutes",
    ),
)
