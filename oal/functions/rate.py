"""``rate``: rows that meet one condition per rows that meet another, in hundredths of a percent.

The percentage keeps 64 bits although its column is declared as int, where upstream wraps at 32 (spec oal 3.4).
"""

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
    return (Primitive(Fold.COUNT, call.where), count_where(call, 0), count_where(call, 1))


RATE = Function(
    name="rate",
    needs_value=False,
    signature="rate(numerator, denominator)",
    columns=(
        StateColumn("denominator", Store.LONG, Merge.ADD),
        StateColumn("percentage", Store.INT, Merge.NONE),
        StateColumn("numerator", Store.LONG, Merge.ADD),
    ),
    value_column="percentage",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    arguments=(Parameter("numerator", Takes.CONDITION), Parameter("denominator", Takes.CONDITION)),
    meaning=Meaning(
        formula="rows with {numerator} in relation to rows with {denominator} (numerator * 10000 / denominator)",
        unit="1/100 %",
        longer="the relation of all their rows",
    ),
)
