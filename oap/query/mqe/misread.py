"""Why a text is no expression: the offending token, its place, what could stand there, what may have been meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from oal.nearest import suggestion
from oap.query.mqe.errors import Finding, Place

FUNCTIONS: Final = (
    "abs", "aggregate_labels", "avg", "baseline", "ceil", "count", "floor", "increase", "is_present", "latest", "max",
    "min", "rate", "relabels", "round", "sort_label_values", "sort_values", "sum", "top_n", "top_n_of", "view_as_seq",
)  # fmt: skip

# Spelling of terminals that are one word. A name can be a slip of any of them.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **{name.upper(): (name,) for name in FUNCTIONS},
    "ASCENDING": ("asc",),
    "DESCENDING": ("des",),
    "ATTRIBUTE": tuple(f"attr{number}" for number in range(6)),
    "BASELINE_KIND": ("value", "upper", "lower"),
    "BOOL": ("bool",),
}
# How sets of terminals read. The first whose members are all possible stands for them.
_PHRASES: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"NAME", "INTEGER", "DECIMAL", "LPAR", "AVG", "ROUND"}), "a metric, a number, '(' or a function"),
    (frozenset({"NAME", "UNDERSCORE"}), "a label name"),
    (frozenset({"NAME"}), "a metric"),
    (frozenset({"BOOLEAN", "COMPARE", "UNEQUAL", "ADDITIVE", "MULTIPLICATIVE"}), "an operator"),
    (frozenset({"ADDITIVE", "MULTIPLICATIVE"}), "an operator"),
    (frozenset({"ASCENDING", "DESCENDING"}), "asc or des"),
    (frozenset({"EQUAL", "UNEQUAL"}), "'=' or '!='"),
    (frozenset({"ATTRIBUTE"}), "an attribute (attr0 to attr5)"),
    (frozenset({"BASELINE_KIND"}), "value, upper or lower"),
    (frozenset({"INTEGER"}), "a whole number"),
    (frozenset({"TEXT"}), "a text in quotes"),
    (frozenset({"EQUAL"}), "'='"),
    (frozenset({"TOP_N"}), "top_n"),
    (frozenset({"LBRACE"}), "'{'"),
    (frozenset({"RBRACE"}), "'}'"),
    (frozenset({"LPAR"}), "'('"),
    (frozenset({"RPAR"}), "')'"),
    (frozenset({"COMMA"}), "','"),
    (frozenset({"$END"}), "the end"),
)
_OPERAND: Final = _PHRASES[0][0]
_OTHER_LANGUAGES: Final[Mapping[str, str]] = {
    "and": "&&", "or": "||", "&": "&&", "|": "||", "=": "==", "!": "!=", "<>": "!=", "desc": "des",
}  # fmt: skip


def explain(error: UnexpectedInput, text: str, lark: Lark) -> Finding:
    """What is wrong with a text that the parser refused."""
    match error:
        case UnexpectedCharacters():
            return _strange_character(text, error.pos_in_stream or 0)
        case UnexpectedToken() if error.token.type != "$END":
            return _strange_token(error, text, lark)
        case UnexpectedToken():
            if not text.strip():
                return Finding("the expression is empty", Place())
            message = f"the expression ends too early, expected {_expected(_possible(error))}"
            return Finding(message, _place(text, len(text)))
        case _:
            return Finding("the expression cannot be read", Place())


def _strange_character(text: str, at: int) -> Finding:
    place, character = _place(text, at), text[at]
    if character in "'\"":
        return Finding(f"the text that begins with {character} is not closed", place)
    if character == ".":
        return Finding("unexpected '.'", place, "a decimal number needs digits on both sides of its dot")
    known = _OTHER_LANGUAGES.get(character)
    shown = character if character.isprintable() else ascii(character).strip("'")
    return Finding(f"unexpected character '{shown}'", place, f"did you mean '{known}'?" if known else "")


def _strange_token(error: UnexpectedToken, text: str, lark: Lark) -> Finding:
    token, possible = error.token, _possible(error)
    at = token.start_pos or 0
    before = _token_before(lark, text, at)
    if token.type == "LPAR" and before is not None and before.type == "NAME":
        hint = suggestion(before, FUNCTIONS) or f"functions are {', '.join(FUNCTIONS)}"
        return Finding(f"there is no function '{before}'", _place(text, before.start_pos or 0), hint)
    is_reserved = token[0].isalpha() and token.type != "NAME" and "NAME" in possible
    found = f"'{token}' is a reserved word" if is_reserved else f"unexpected {_shown(token)}"
    return Finding(f"{found}, expected {_expected(possible)}", _place(text, at), _hint(token, possible))


def _shown(token: Token) -> str:
    return str(token) if token.type == "TEXT" else f"'{token}'"


def _hint(token: Token, possible: frozenset[str]) -> str:
    if token.type == "ADDITIVE" and token.endswith("-") and possible >= _OPERAND:
        return "there is no sign, write 0-x for -x"
    if token.type in {"NAME", "INTEGER"} and "TEXT" in possible:
        return f"put it in quotes: '{token}'"
    meant = _OTHER_LANGUAGES.get(token.lower())
    if meant is not None and any(meant in spelling for spelling in _spellings(possible)):
        return f"did you mean '{meant}'?"
    if token.type != "NAME":
        return ""
    return suggestion(token, (word for name in possible for word in _WORDS.get(name, ())))


def _spellings(possible: frozenset[str]) -> Iterator[tuple[str, ...]]:
    yield from (_WORDS[name] for name in possible if name in _WORDS)
    if "BOOLEAN" in possible:
        yield "&&", "||", "==", "!="


def _possible(error: UnexpectedToken) -> frozenset[str]:
    return frozenset(error.accepts or error.expected)


def _expected(possible: Iterable[str]) -> str:
    left, phrases = set(possible), []
    for names, phrase in _PHRASES:
        if names <= left:
            left -= _NAMED_TOGETHER if names == _OPERAND else names
            phrases.append(phrase)
    phrases += sorted(word for name in left for word in _WORDS.get(name, ()) if name != "BOOL")
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} or {phrases[-1]}"


_NAMED_TOGETHER: Final = _OPERAND | {name.upper() for name in FUNCTIONS}


def _token_before(lark: Lark, text: str, at: int) -> Token | None:
    before = None
    try:
        for token in lark.lex(text):
            if (token.start_pos or 0) >= at:
                break
            before = token
    except UnexpectedCharacters:
        pass  # what follows the place cannot be read either
    return before


def _place(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
