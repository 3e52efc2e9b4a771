"""``count``: how many rows."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where),)


COUNT = Function(
    name="count",
    needs_value=False,
    signature="count()",
    columns=(StateColumn("value", Store.LONG, Merge.ADD),),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="number of rows",
        unit="rows",
        longer="the number of rows in the hour or day",
    ),
)
