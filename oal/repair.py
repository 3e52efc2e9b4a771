"""The smallest change of symbols that would let the parser go on: what was probably meant."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from enum import Enum, auto

from lark import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

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


def find_repair(state: InteractiveParser, tokens: Sequence[Token], at: int, accepted: frozenset[str]) -> Repair | None:
    """A change at the token at this index, which the parser refused, that makes it and those behind it fit.

    The token before is only doubted when it stands on an earlier line: there the mistake was made.
    """
    kinds = [kind for kind in _SYMBOLS if kind in accepted]
    upcoming = [token.type for token in tokens[at : at + _AHEAD + 1]]
    for kind in kinds:
        if _fits(state, [kind, *upcoming[:_AHEAD]]):
            return Repair(Change.INSERT, kind)
    if at > 0 and tokens[at - 1].line < tokens[at].line:
        written = [token.type for token in tokens[: at - 1]]
        for kind in (*_SYMBOLS, "SEMICOLON"):
            behind = upcoming[:_AHEAD] if kind != "SEMICOLON" else []
            if _fits(_from_start(state), [*written, kind, *behind]):
                return Repair(Change.REPLACE_PREVIOUS, kind)
    if upcoming[0] in {END, "SEMICOLON"} or len(upcoming) == 1:
        return None
    for kind in kinds:
        if _fits(state, [kind, *upcoming[1:]]):
            return Repair(Change.REPLACE, kind)
    return Repair(Change.DELETE) if _fits(state, upcoming[1:]) else None


def _fits(state: InteractiveParser, kinds: Sequence[str]) -> bool:
    """Whether the parser takes tokens of these types; what comes behind the end of a statement does not matter."""
    trial = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    trial.parser_state.parse_conf = copy(trial.parser_state.parse_conf)
    trial.parser_state.parse_conf.callbacks = {}
    ended = False
    for kind in kinds:
        if ended:
            return True
        try:
            trial.feed_token(Token(kind, "", 0, 0, 1, 1, 1, 1))
        except UnexpectedToken:
            return False
        ended = kind in {"SEMICOLON", END}
    return True


def _from_start(state: InteractiveParser) -> InteractiveParser:
    """A parser that has read nothing yet."""
    fresh: InteractiveParser = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    fresh.parser_state.state_stack[:] = [fresh.parser_state.parse_conf.start_state]
    fresh.parser_state.value_stack.clear()
    return fresh
