"""Sixth pass: the function says which state it wants."""

from dataclasses import replace

from oal.functions.contract import Call
from oal.lower.draft import Draft
from oal.plan import Primitive


def name_primitives(draft: Draft) -> Draft:
    """Ask the function; conditions come out in one order, so that equal sets of them are equal primitives."""
    function = draft.rule.function
    if function is None:
        return draft
    wanted = function.primitives(Call(draft.value, draft.where, draft.arguments))
    return replace(draft, primitives=tuple(map(_in_order, wanted)))


def _in_order(primitive: Primitive) -> Primitive:
    return replace(primitive, where=tuple(sorted(dict.fromkeys(primitive.where), key=repr)))
