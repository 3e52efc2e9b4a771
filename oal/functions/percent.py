"""``percent``: the share of rows that meet a condition, in hundredths of a percent."""

from oal.functions.condition import count_where
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
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where), count_where(call, 0))


PERCENT = Function(
    name="percent",
    needs_value=False,
    signature="percent(condition)",
    columns=(
        StateColumn("total", Store.LONG, Merge.ADD),
        StateColumn("percentage", Store.INT, Merge.NONE),
        StateColumn("match", Store.LONG, Merge.ADD),
    ),
    value_column="percentage",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    arguments=(Parameter("condition", Takes.CONDITION),),
    meaning=Meaning(
        formula="share of the rows with {condition} (match * 10000 / total)",
        unit="1/100 %",
        longer="the share of all their rows",
    ),
)
