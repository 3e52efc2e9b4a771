"""The parser's automaton: which tokens may stand where (LALR(1)), and the tree of those that do.

A driver of 40 lines for kept tables: lark's own costs a third of the time of checking the shipped rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from oal.grammar_tables import ACCEPTING, REDUCTIONS, STATES
from oal.syntax import Statement
from oal.token import END, Token
from oal.tree import BUILDERS

BEGIN: Final = (0,)
"""The states of a parser that has read nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The token at index ``at`` cannot stand there, or the end if there is no such token; the states show why."""

    at: int
    states: Sequence[int]


def read(tokens: Sequence[Token]) -> Statement | Refusal:
    """The statement that the tokens make, all of them."""
    states = list(BEGIN)
    values: list[Any] = []
    for at, token in enumerate(tokens):
        kind = token.type
        while (action := STATES[states[-1]].get(kind)) is not None and action < 0:
            _reduce(~action, states, values)
        if action is None:
            return Refusal(at, states)
        states.append(action)
        values.append(token)
    while states[-1] != ACCEPTING:
        if (action := STATES[states[-1]].get(END)) is None:
            return Refusal(len(tokens), states)
        _reduce(~action, states, values)
    return cast("Statement", values[-1])


def advance(states: list[int], kind: str) -> bool:
    """Move on over a token of this type, making nothing; whether it can stand here."""
    while (action := STATES[states[-1]].get(kind)) is not None:
        if action >= 0:
            states.append(action)
            return True
        _reduce_states(~action, states)
        if kind == END and states[-1] == ACCEPTING:
            return True
    return False


def accepted_kinds(states: Sequence[int]) -> frozenset[str]:
    """The types of all tokens that can stand here. The table alone names some that a pending reduction would refuse."""
    return frozenset(kind for kind in STATES[states[-1]] if kind.isupper() and advance(list(states), kind))


def _reduce(number: int, states: list[int], values: list[Any]) -> None:
    _, size, inner = REDUCTIONS[number]
    parts = values[-size:]
    del values[-size:]
    if inner >= 0:
        parts[inner : inner + 1] = parts[inner]
    values.append(_BUILD[number](parts))
    _reduce_states(number, states)


def _reduce_states(number: int, states: list[int]) -> None:
    name, size, _ = REDUCTIONS[number]
    del states[-size:]
    states.append(STATES[states[-1]][name])


def _as_list(parts: Sequence[Any]) -> Sequence[Any]:
    return parts


_BUILD: Sequence[Callable[[Sequence[Any]], Any]] = [BUILDERS.get(name, _as_list) for name, _, _ in REDUCTIONS]
