"""``percentile2``: the 50th to 99th percentile as lower edges of ``precision`` wide steps, as labelled values.

The value keeps 64 bits, where upstream wraps at 32 (spec oal 3.4).
"""

from oal.functions.contract import (
    Call,
    Function,
    Meaning,
    Merge,
    Parameter,
    StateColumn,
    Store,
    Takes,
    ValueKind,
)
from oal.functions.narrowing import narrowed
from oal.plan import Fold, Primitive

PERCENTILE_COLUMNS = (
    StateColumn("datatable_value", Store.TABLE, Merge.NONE),
    StateColumn("precision", Store.INT, Merge.FIRST),
    StateColumn("dataset", Store.TABLE, Merge.ADD),
)


def percentile_primitives(call: Call) -> tuple[Primitive, ...]:
    """A row count, and a tally of the values divided by the precision."""
    precision = narrowed(call.arguments[0], int)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.TALLY, call.where, call.value, step=precision),
    )


PERCENTILE2 = Function(
    name="percentile2",
    needs_value=True,
    signature="percentile2(precision)",
    columns=PERCENTILE_COLUMNS,
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=percentile_primitives,
    arguments=(Parameter("precision", Takes.INTEGER),),
    meaning=Meaning(
        formula="p50, p75, p90, p95 and p99 of {value}, each as the lower edge of its step of {precision}",
        unit="{unit}",
        longer="computed anew from all their rows",
    ),
)
