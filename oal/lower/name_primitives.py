"""Sixth pass: the function says which state it wants."""

from collections.abc import Iterable
from dataclasses import replace

from oal.functions.contract import Call
from oal.lower.draft import Draft
from oal.plan import Predicate


def name_primitives(draft: Draft) -> Draft:
    """Ask the function; conditions come out in one order, so that equal sets of them are equal primitives."""
    function = draft.rule.function
    if function is None:
        return draft
    wanted = function.primitives(Call(draft.value, draft.where, draft.arguments))
    return replace(draft, primitives=tuple(replace(primitive, where=in_order(primitive.where)) for primitive in wanted))


def in_order(where: Iterable[Predicate]) -> tuple[Predicate, ...]:
    """The distinct conditions in the one order that they have in every primitive."""
    return tuple(sorted(dict.fromkeys(where), key=repr))
