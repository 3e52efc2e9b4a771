"""``labelAvg``: the mean of a value by label, cut toward zero, but 1 where a positive sum would give 0."""

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
from oal.functions.labels import DEFAULT_LABEL_LIMIT
from oal.functions.narrowing import narrowed
from oal.plan import Fold, Operand, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    label, value = narrowed(call.arguments[0], Operand), narrowed(call.arguments[1], Operand)
    limit = narrowed(call.arguments[2], int)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.LABEL_SUM, call.where, value, label=label, limit=limit),
        Primitive(Fold.LABEL_COUNT, call.where, label=label, limit=limit),
    )


LABEL_AVG = Function(
    name="labelAvg",
    needs_value=False,
    signature="labelAvg(label, value[, limit])",
    columns=(
        StateColumn("datatable_summation", Store.TABLE, Merge.ADD),
        StateColumn("datatable_count", Store.TABLE, Merge.ADD),
        StateColumn("datatable_value", Store.TABLE, Merge.NONE),
    ),
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=_primitives,
    arguments=(
        Parameter("label", Takes.STRING_PATH),
        Parameter("value", Takes.NUMERIC_PATH),
        Parameter("limit", Takes.INTEGER, default=DEFAULT_LABEL_LIMIT),
    ),
    labels_limited=True,
    meaning=Meaning(
        formula="mean of {value} by text of {label}, the first {limit} texts",
        unit="{unit}",
        longer="the mean over all their rows, by text",
    ),
)
