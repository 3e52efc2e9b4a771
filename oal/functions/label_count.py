"""``labelCount``: rows by the text of an attribute."""

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
    label, limit = narrowed(call.arguments[0], Operand), narrowed(call.arguments[1], int)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.LABEL_COUNT, call.where, label=label, limit=limit),
    )


LABEL_COUNT = Function(
    name="labelCount",
    needs_value=False,
    signature="labelCount(label[, limit])",
    columns=(
        StateColumn("dataset", Store.TABLE, Merge.ADD),
        StateColumn("datatable_value", Store.TABLE, Merge.NONE),
    ),
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=_primitives,
    arguments=(
        Parameter("label", Takes.STRING_PATH),
        Parameter("limit", Takes.INTEGER, default=DEFAULT_LABEL_LIMIT),
    ),
    labels_limited=True,
    meaning=Meaning(
        formula="number of rows by text of {label}, the first {limit} texts",
        unit="rows",
        longer="the rows of the hour or day, by text",
    ),
)
