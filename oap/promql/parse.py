"""PromQL text to the tree of the parser library, with places in messages (the library tells none)."""

import re
from itertools import product
from typing import Final

import promql_parser
from promql_parser import Expr

from oal.nearest import suggestion
from oap.promql.errors import PromqlError
from oap.promql.tokens import CLOSING, Token, open_brackets, place_of, tokens_of

# Bounds of the stacks of the parser and the evaluator; no dashboard comes near.
_LONGEST: Final = 10_000
_MOST_WORDS: Final = 400
_DEEPEST: Final = 50

# What may follow a beginning of a valid query, up to the brackets left open, and after them.
_TAILS: Final = ("", "m", "m[5m]", "5m]", "1", '"x"', "x", 'x="y"', '="y"', ",1", "(m)", "(m[5m])", "(x)(m)", "1,m",
    "m,1", "m,1,1", 'm,"a","b","c","d"', "bool 1", ",m[5m]", ',"b","c","d"', ',"c","d"', ',"d"', ",1,1")  # fmt: skip
_AFTER: Final = ("", "(m)", "m")
_UNKNOWN_FUNCTION: Final = re.compile(r"unknown function with name '(.*)'")


def parse(text: str, functions: frozenset[str]) -> Expr:
    """Tree of a query. Raises PromqlError with place and offending word; ``functions`` are those to suggest."""
    words = tokens_of(text)
    _check_size(text, words)
    try:
        return promql_parser.parse(text)
    except ValueError as error:
        raise PromqlError(_explain(str(error), text, words, functions)) from None


def _check_size(text: str, words: tuple[Token, ...]) -> None:
    if len(text) > _LONGEST or len(words) > _MOST_WORDS:
        raise PromqlError(f"the query is too long, at most {_MOST_WORDS} words and {_LONGEST} characters are read")
    depth = 0
    for word in words:
        depth += (word.text in {"(", "[", "{"}) - (word.text in CLOSING)
        if depth > _DEEPEST:
            place = place_of(text, word.start)
            raise PromqlError(f"{place}: the query is nested more than {_DEEPEST} brackets deep")


def _explain(message: str, text: str, words: tuple[Token, ...], functions: frozenset[str]) -> str:
    if not words:
        return "line 1, column 1: the query is empty"
    unknown = _UNKNOWN_FUNCTION.search(message)
    if unknown is not None:
        at = next((word.start for word in words if word.text == unknown[1]), 0)
        hint = suggestion(unknown[1], functions)
        return f"{place_of(text, at)}: there is no function '{unknown[1]}'" + (f"; {hint}" if hint else "")
    impossible = _first_impossible(text, words)
    if impossible is None:
        return f"{place_of(text, len(text.rstrip()))}: the query ends too early: {message}"
    word = words[impossible]
    return f"{place_of(text, word.start)}: unexpected {_shown(word)}: {message}"


def _shown(word: Token) -> str:
    return word.text if word.kind == "text" else f"'{word.text}'"


def _first_impossible(text: str, words: tuple[Token, ...]) -> int | None:
    """Index of the word up to which no valid query begins so. More words never make a beginning valid again."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        if _begins_a_query(text, words[: middle + 1]):
            low = middle + 1
        else:
            high = middle
    return low if low < len(words) else None


def _begins_a_query(text: str, words: tuple[Token, ...]) -> bool:
    beginning = text[: words[-1].end]
    for tail, after in product(_TAILS, _AFTER):
        closing = open_brackets((*words, *tokens_of(tail)))
        try:
            promql_parser.parse(f"{beginning} {tail}{closing}{after}")
        except ValueError:
            continue
        return True
    return False
