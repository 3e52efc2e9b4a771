"""``cpm``: rows per minute of the bucket, cut to a whole number."""

from oal.functions.contract import Call, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where),)


CPM = Function(
    name="cpm",
    needs_value=False,
    signature="cpm()",
    columns=(StateColumn("value", Store.LONG, Merge.NONE), StateColumn("total", Store.LONG, Merge.ADD)),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    meaning=Meaning(
        formula="number of rows per minute (total / minutes), cut to a whole number",
        unit="rows per minute",
        longer="rows divided by 60 or 1440: fewer than that give 0",
    ),
)
