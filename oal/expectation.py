"""What a syntax mistake means to its author: a code, words for what could stand there, and a hint (spec oal 6)."""

from dataclasses import replace

from oal.diagnostic import Diagnostic
from oal.functions.registry import FUNCTIONS
from oal.habits import advice_on
from oal.lexis import SYMBOLS
from oal.mistake import Mistake
from oal.printing import quoted
from oal.repair import Change, Repair
from oal.reserved import KEYWORDS
from oal.span import Span
from oal.token import END, Token

_WORDS = {
    "NAME": "a name",
    "SCOPE": "a scope",
    "NUMBER": "a number",
    "STRING": 'a string in "..."',
    "CAST": "a cast",
    "NOT_CONTAIN": "'not contain'",
    END: "the end of the file",
    **{kind: f"'{symbol}'" for symbol, kind in SYMBOLS.items()},
    **{kind: f"'{word}'" for word, kind in KEYWORDS.items()},
}

_RESERVED = frozenset({*KEYWORDS.values(), "SCOPE"})
_LITERALS = frozenset({"TRUE", "FALSE", "NULL"})
_OPERATORS = frozenset({"EQ", "NE", "GT", "LT", "GE", "LE", "LIKE", "IN", "CONTAIN", "NOT_CONTAIN"})
_OPERATOR_WORDS = "an operator (== != > < >= <= like in contain, not contain)"
_CLOSING = frozenset({"RPAR", "RSQB", "COMMA", "EQUAL"})


def explain(mistake: Mistake) -> Diagnostic:
    """The finding for a mistake."""
    for law in (_lost, _unclosed, _reserved):
        found = law(mistake)
        if found is not None:
            return found
    advice = advice_on(mistake)
    if advice is not None:
        token = advice.at or mistake.token
        message = advice.message or _unexpected(token, mistake.accepted)
        return Diagnostic("E102", message, mistake.file, token.span, advice.hint)
    if mistake.repair is not None:
        return _repaired(mistake, mistake.repair)
    return Diagnostic("E102", _unexpected(mistake.token, mistake.accepted), mistake.file, mistake.token.span)


def _lost(mistake: Mistake) -> Diagnostic | None:
    """E104: a token that starts no statement, or a new statement without ``;`` before it."""
    shown = _shown(mistake.token)
    if mistake.previous is not None and "SEMICOLON" in mistake.accepted and mistake.kind in {"NAME", "DISABLE"}:
        message = f"missing ';' before {shown}, which starts a new statement"
        return Diagnostic("E104", message, mistake.file, _behind(mistake.previous), "end the statement with ';'")
    if mistake.before or (mistake.kind in _RESERVED and mistake.precedes("EQUAL")):
        return None
    hint = (
        "one ';' ends a statement"
        if mistake.kind == "SEMICOLON"
        else "a statement is NAME = from(...)...; or disable(NAME);"
    )
    return Diagnostic("E104", f"{shown} starts no statement", mistake.file, mistake.token.span, hint)


def _unclosed(mistake: Mistake) -> Diagnostic | None:
    """E102: a clause that was read as part of a path, because the parenthesis before it is not closed."""
    dot_at = -1 if mistake.kind in {"FILTER", "DECORATOR"} else -2
    called = mistake.kind == "LPAR" and mistake.follows("DOT", "NAME") and mistake.before[-1].value in FUNCTIONS
    is_clause = called or (mistake.follows("DOT") and mistake.precedes("LPAR") and dot_at == -1)
    if not is_clause or mistake.opening is None or len(mistake.before) < 1 - dot_at:
        return None
    dot = mistake.before[dot_at]
    message = f"missing ')' before '{dot}{mistake.token if dot_at == -1 else mistake.before[-1]}'"
    return Diagnostic("E102", message, mistake.file, _behind(mistake.before[dot_at - 1]), "write ')' here")


def _reserved(mistake: Mistake) -> Diagnostic | None:
    """E103: a reserved word where only a name can stand."""
    literal_on_the_left = mistake.kind in _LITERALS and mistake.follows("LPAR")
    misplaced_clause = mistake.kind == "DECORATOR" and "FILTER" in mistake.accepted
    if mistake.kind not in _RESERVED or "NAME" not in mistake.accepted | ({"NAME"} if not mistake.before else set()):
        return None
    if literal_on_the_left or misplaced_clause:
        return None
    role = _role(mistake)
    message = f"the reserved word '{mistake.token}' cannot be {role}"
    if mistake.kind == "SCOPE" and role == "an attribute" and mistake.precedes("DOT"):
        hint = f"attributes stand without their scope: leave out '{mistake.token}.'"
    else:
        hint = f"it is a {'scope' if mistake.kind == 'SCOPE' else 'keyword'}: take another name"
    return Diagnostic("E103", message, mistake.file, mistake.token.span, hint)


def _role(mistake: Mistake) -> str:
    if not mistake.before:
        return "a metric name"
    if mistake.clause == "DISABLE":
        return "a name to disable"
    if "FILTER" in mistake.accepted:
        return "a function"
    operators = ("EQ", "NE", "LSQB")
    if any(mistake.follows(kind) or mistake.follows(kind, "NAME", "DOT") for kind in operators):
        return "an enum type or constant"
    return "a source" if mistake.follows("FROM", "LPAR") else "an attribute"


def _repaired(mistake: Mistake, repair: Repair) -> Diagnostic:
    """E102 with the change of a symbol that would do."""
    found = Diagnostic("E102", _unexpected(mistake.token, mistake.accepted), mistake.file, mistake.token.span)
    symbol, shown = _WORDS.get(repair.kind, ""), _shown(mistake.token)
    if repair.change is Change.DELETE:
        return replace(found, hint=f"leave out {shown}")
    if repair.change is Change.REPLACE_PREVIOUS and mistake.previous is not None:
        wrong = mistake.previous
        message = f"unexpected {_shown(wrong)} before {shown}"
        return replace(found, message=message, span=wrong.span, hint=f"write {symbol} instead of {_shown(wrong)}")
    if repair.change is Change.REPLACE:
        return replace(found, hint=f"write {symbol} instead of {shown}")
    # What closes belongs to the line before, where it was forgotten; what opens belongs to what follows.
    if repair.kind in _CLOSING and mistake.previous is not None:
        found = replace(found, span=_behind(mistake.previous))
    return replace(found, message=f"missing {symbol} before {shown}", hint=f"write {symbol} here")


def _behind(token: Token) -> Span:
    return Span(token.end_line, token.end_column, token.end_line, token.end_column)


def _unexpected(token: Token, accepted: frozenset[str]) -> str:
    return f"unexpected {_shown(token)}, expected {_expected(accepted)}"


def _shown(token: Token) -> str:
    if token.type == END:
        return "end of the file"
    return quoted(token.value) if token.type == "STRING" else f"'{token}'"


def _expected(accepted: frozenset[str]) -> str:
    kinds, known = accepted, []
    if kinds >= _OPERATORS:
        kinds, known = kinds - _OPERATORS, [_OPERATOR_WORDS]
    known += sorted(_WORDS[kind] for kind in kinds if kind in _WORDS)
    return " or ".join(known) if len(known) < 3 else f"{', '.join(known[:-1])} or {known[-1]}"
