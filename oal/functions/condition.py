"""Counting the rows of a call that meet one more condition."""

from oal.functions.contract import Call
from oal.functions.narrowing import narrowed
from oal.plan import NEVER, Compare, Fold, Primitive


def count_where(call: Call, position: int) -> Primitive:
    """The count of the call's rows that meet the condition at an argument position (a bool: it is decided already)."""
    condition = call.arguments[position]
    if condition is True:
        return Primitive(Fold.COUNT, call.where)
    if condition is False:
        return Primitive(Fold.COUNT, (*call.where, NEVER))
    return Primitive(Fold.COUNT, (*call.where, narrowed(condition, Compare)))
