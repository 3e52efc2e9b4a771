"""``apdex``: the satisfaction score times 10,000; the first argument's text picks the threshold (spec oal 3.2, 5)."""

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
from oal.plan import ApdexTier, Compare, Fold, Operand, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    name, value = narrowed(call.arguments[0], Operand), narrowed(call.value, Operand)
    status = _status(call.arguments[1])
    satisfied = ApdexTier(satisfied=True, value=value, name=name, status=status)
    tolerated = ApdexTier(satisfied=False, value=value, name=name, status=status)
    return (
        Primitive(Fold.COUNT, call.where),
        Primitive(Fold.COUNT, (*call.where, satisfied)),
        Primitive(Fold.COUNT, (*call.where, tolerated)),
    )


def _status(argument: object) -> Compare | bool:
    if isinstance(argument, bool):
        return argument
    return Compare(narrowed(argument, Operand), "==", literal=True)


APDEX = Function(
    name="apdex",
    needs_value=True,
    signature="apdex(name, status)",
    columns=(
        StateColumn("total_num", Store.LONG, Merge.ADD),
        StateColumn("s_num", Store.LONG, Merge.ADD),
        StateColumn("t_num", Store.LONG, Merge.ADD),
        StateColumn("int_value", Store.INT, Merge.NONE),
    ),
    value_column="int_value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    arguments=(Parameter("name", Takes.STRING_PATH), Parameter("status", Takes.BOOL)),
    meaning=Meaning(
        formula="how satisfied callers are, 0 to 10000: (satisfied rows + half of the tolerated ones) * 10000 / rows; "
        "satisfied: {status} and {value} <= T, tolerated: {status} and {value} <= 4T; T is the threshold for {name}, ms",
        unit="1/10000",
        longer="computed anew from all their rows",
    ),
)
