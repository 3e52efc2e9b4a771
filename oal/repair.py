"""The smallest change of symbols that would let the parser go on: what was probably meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from oal.automaton import BEGIN, advance
from oal.token import END, Token

# A missing ";" is told by what stands behind it (oal.expectation), as nothing has to fit there.
_SYMBOLS = ("RPAR", "RSQB", "DOT", "LPAR", "LSQB", "EQUAL", "COMMA", "FROM", "EQ")
_AHEAD = 4
"""How many tokens must fit behind a change before it is believed."""


class Change(Enum):
    """What to do at the token where parsing stopped, or at the one before."""

    INSERT = auto()
    REPLACE = auto()
    DELETE = auto()
    REPLACE_PREVIOUS = auto()


@dataclass(frozen=True, slots=True)
class Repair:
    """A change; ``kind`` is the type of the token to write, empty for DELETE."""

    change: Change
    kind: str = ""


def find_repair(states: Sequence[int], tokens: Sequence[Token], at: int, accepted: frozenset[str]) -> Repair | None:
    """A change at the token at this index, refused by the parser in these states, that makes it and those behind fit.

    The token before is only doubted when it stands on an earlier line: there the mistake was made.
    """
    kinds = [kind for kind in _SYMBOLS if kind in accepted]
    upcoming = [token.type for token in tokens[at : at + _AHEAD + 1]]
    for kind in kinds:
        if _fits(states, [kind, *upcoming[:_AHEAD]]):
            return Repair(Change.INSERT, kind)
    if at > 0 and tokens[at - 1].line < tokens[at].line:
        written = [token.type for token in tokens[: at - 1]]
        for kind in (*_SYMBOLS, "SEMICOLON"):
            behind = upcoming[:_AHEAD] if kind != "SEMICOLON" else []
            if _fits(BEGIN, [*written, kind, *behind]):
                return Repair(Change.REPLACE_PREVIOUS, kind)
    if upcoming[0] in {END, "SEMICOLON"} or len(upcoming) == 1:
        return None
    for kind in kinds:
        if _fits(states, [kind, *upcoming[1:]]):
            return Repair(Change.REPLACE, kind)
    return Repair(Change.DELETE) if _fits(states, upcoming[1:]) else None


def _fits(states: Sequence[int], kinds: Sequence[str]) -> bool:
    """Whether the parser takes tokens of these types; what comes behind the end of a statement does not matter."""
    trial = list(states)
    for kind in kinds:
        if not advance(trial, kind):
            return False
        if kind in {"SEMICOLON", END}:
            return True
    return True
