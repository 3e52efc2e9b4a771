"""What a syntax mistake means to its author: a code, words for what could stand there, and a hint (spec oal 6)."""

from collections.abc import Callable
from dataclasses import dataclass

from lark import Token

from oal.diagnostic import Diagnostic
from oal.lexis import END
from oal.nearest import nearest
from oal.printing import quoted
from oal.reserved import KEYWORDS
from oal.span import Span

_WORDS = {
    "NAME": "a name",
    "SCOPE": "a scope",
    "NUMBER": "a number",
    "STRING": 'a string in "..."',
    "CAST": "a cast",
    "NOT_CONTAIN": "'not contain'",
    "DOT": "'.'",
    "COMMA": "','",
    "SEMICOLON": "';'",
    "STAR": "'*'",
    "LPAR": "'('",
    "RPAR": "')'",
    "LSQB": "'['",
    "RSQB": "']'",
    "EQUAL": "'='",
    "EQ": "'=='",
    "NE": "'!='",
    "GT": "'>'",
    "LT": "'<'",
    "GE": "'>='",
    "LE": "'<='",
    END: "the end of the file",
} | {kind: f"'{word}'" for word, kind in KEYWORDS.items()}

_RESERVED = frozenset({*KEYWORDS.values(), "SCOPE"})
_LITERALS = frozenset({"TRUE", "FALSE", "NULL"})
_COMPARISONS = frozenset({"EQ", "NE", "GT", "LT", "GE", "LE"})


@dataclass(frozen=True, slots=True)
class Mistake:
    """A token that cannot stand where it does, the statement's tokens around it, and the types that could."""

    file: str
    before: tuple[Token, ...]
    token: Token
    behind: tuple[Token, ...]
    accepted: frozenset[str]

    @property
    def kind(self) -> str:
        return self.token.type

    def follows(self, *kinds: str) -> bool:
        """Whether the token stands directly behind tokens of these types."""
        return tuple(token.type for token in self.before[-len(kinds) :]) == kinds

    def precedes(self, kind: str) -> bool:
        """Whether a token of this type comes next."""
        return bool(self.behind) and self.behind[0].type == kind

    @property
    def clause(self) -> str:
        """The type of the word or name before the innermost open parenthesis, empty outside of all."""
        depth = 0
        for at in range(len(self.before) - 1, 0, -1):
            depth += {"LPAR": 1, "RPAR": -1}.get(self.before[at].type, 0)
            if depth == 1:
                return str(self.before[at - 1].type)
        return ""


def explain(mistake: Mistake) -> Diagnostic:
    """The finding for a mistake."""
    token = mistake.token
    line, column = token.line or 1, token.column or 1
    span = Span(line, column, token.end_line or line, token.end_column or column)
    for law in (_lost, _reserved):
        found = law(mistake)
        if found is not None:
            code, message, hint = found
            return Diagnostic(code, message, mistake.file, span, hint)
    message = f"unexpected {_shown(token)}, expected {_expected(mistake)}"
    return Diagnostic("E102", message, mistake.file, span, _hint(mistake))


def _lost(mistake: Mistake) -> tuple[str, str, str] | None:
    """E104: a token that starts no statement, or a new statement without ``;`` before it."""
    shown = _shown(mistake.token)
    if "SEMICOLON" in mistake.accepted and mistake.kind in {"NAME", "DISABLE"}:
        return "E104", f"{shown} starts a new statement, but the one before is not ended", "put ';' between them"
    if mistake.before or (mistake.kind in _RESERVED and mistake.precedes("EQUAL")):
        return None
    hint = (
        "one ';' ends a statement"
        if mistake.kind == "SEMICOLON"
        else "a statement is NAME = from(...) or disable(NAME)"
    )
    return "E104", f"{shown} starts no statement", hint


def _reserved(mistake: Mistake) -> tuple[str, str, str] | None:
    """E103: a reserved word where only a name can stand."""
    literal_on_the_left = mistake.kind in _LITERALS and mistake.follows("LPAR")
    misplaced_clause = mistake.kind == "DECORATOR" and "FILTER" in mistake.accepted
    if mistake.kind not in _RESERVED or "NAME" not in mistake.accepted | ({"NAME"} if not mistake.before else set()):
        return None
    if literal_on_the_left or misplaced_clause:
        return None
    kind = "scope" if mistake.kind == "SCOPE" else "keyword"
    message = f"the reserved word '{mistake.token}' cannot be {_role(mistake)}"
    return "E103", message, f"it is a {kind}: take another name"


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


def _shown(token: Token) -> str:
    if token.type == END:
        return "end of the file"
    return quoted(str(token)) if token.type == "STRING" else f"'{token}'"


def _expected(mistake: Mistake) -> str:
    known = sorted(_WORDS[kind] for kind in mistake.accepted if kind in _WORDS)
    return " or ".join(known) if len(known) < 3 else f"{', '.join(known[:-1])} or {known[-1]}"


def _hint(mistake: Mistake) -> str:
    return next((hint for law in _HINTS if (hint := law(mistake))), "")


def _equals_sign(mistake: Mistake) -> str:
    if mistake.kind == "EQUAL" and "EQ" in mistake.accepted:
        return "compare with =="
    return "name and rule are joined by one =" if mistake.kind == "EQ" and "EQUAL" in mistake.accepted else ""


def _brackets(mistake: Mistake) -> str:
    return "a list stands in brackets: in [1, 2]" if "LSQB" in mistake.accepted and mistake.follows("IN") else ""


def _boolean_shorthand(mistake: Mistake) -> str:
    if mistake.kind == "RPAR" and mistake.accepted >= _COMPARISONS and mistake.clause == "FILTER":
        return f"a condition needs an operator: {_path_before(mistake)} == true"
    return ""


def _path_before(mistake: Mistake) -> str:
    at = len(mistake.before)
    while at > 0 and mistake.before[at - 1].type in {"NAME", "DOT"}:
        at -= 1
    return "".join(mistake.before[at:])


def _one_condition(mistake: Mistake) -> str:
    return "one condition per filter: chain .filter()" if mistake.kind == "COMMA" and mistake.clause == "FILTER" else ""


def _plain_condition(mistake: Mistake) -> str:
    if mistake.kind == "LPAR" and mistake.follows("FILTER", "LPAR"):
        return "conditions take no parentheses, and casts no blanks: (long)"
    if mistake.kind == "LPAR" and mistake.follows("LPAR"):
        return "casts take no blanks inside: (long)"
    if mistake.kind in {"STRING", "NUMBER", *_LITERALS} and mistake.follows("FILTER", "LPAR"):
        return "the attribute stands on the left, the literal on the right"
    return ""


def _clause_order(mistake: Mistake) -> str:
    if mistake.kind in {"FILTER", "DECORATOR"} and mistake.follows("DOT"):
        return "the order is from, filters, one function, one decorator"
    return ""


def _whole_numbers(mistake: Mistake) -> str:
    return "numbers have no fraction" if mistake.kind == "DOT" and mistake.follows("NUMBER") else ""


def _not_contain(mistake: Mistake) -> str:
    if mistake.token == "not" and mistake.precedes("CONTAIN"):  # noqa: S105  (a word of the language)
        return "'not contain' has exactly one blank"
    return ""


def _enum_constant(mistake: Mistake) -> str:
    operators = ("EQ", "NE", "LSQB")
    if mistake.accepted == {"DOT"} and any(mistake.follows(kind, "NAME") for kind in operators):
        near = nearest(str(mistake.before[-1]), ("true", "false", "null"))
        return f"did you mean '{near}'?" if near else "an enum constant is written Type.CONSTANT, text in double quotes"
    return ""


def _source_path(mistake: Mistake) -> str:
    if mistake.clause != "FROM":
        return ""
    if mistake.kind == "RPAR" and mistake.accepted == {"DOT"}:
        return f"write {mistake.before[-1]}.* when no value is needed"
    if mistake.kind == "COMMA":
        return "a rule reads one attribute"
    return "'*' stands alone behind the scope" if mistake.kind == "STAR" else ""


def _quoted_name(mistake: Mistake) -> str:
    return "without quotes" if mistake.kind == "STRING" and mistake.accepted == {"NAME"} else ""


def _near_keyword(mistake: Mistake) -> str:
    if mistake.kind != "NAME":
        return ""
    words = [word for word, kind in KEYWORDS.items() if kind in mistake.accepted]
    near = nearest(str(mistake.token), words)
    return f"did you mean '{near}'?" if near else ""


_HINTS: tuple[Callable[[Mistake], str], ...] = (
    _equals_sign,
    _brackets,
    _boolean_shorthand,
    _one_condition,
    _plain_condition,
    _clause_order,
    _whole_numbers,
    _not_contain,
    _enum_constant,
    _source_path,
    _quoted_name,
    _near_keyword,
)
