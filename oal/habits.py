"""What people write who come from other languages, and what to write here instead (spec oal 6: E102).

One function each: from a mistake to advice, or None when it is something else. The first advice counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from oal.functions.contract import Takes
from oal.functions.registry import FUNCTIONS
from oal.mistake import Mistake, written
from oal.nearest import nearest
from oal.reserved import KEYWORDS
from oal.token import END, Token

_COMPARISONS = frozenset({"EQ", "NE", "GT", "LT", "GE", "LE"})
_LITERALS = frozenset({"STRING", "NUMBER", "TRUE", "FALSE", "NULL"})
_VALUE_POSITIONS = ("EQ", "NE", "LSQB")
_NULLS = frozenset({"nil", "none", "undefined", "null", "na", "nan"})
_SHAPE = "m = from(K8SService.*).filter(...).cpm();"


@dataclass(frozen=True, slots=True)
class Advice:
    """A hint, and where the mistake really is and what to say of it if that is not where parsing stopped."""

    hint: str
    message: str = ""
    at: Token | None = None


def advice_on(mistake: Mistake) -> Advice | None:
    """The first advice that fits."""
    return next((advice for habit in _HABITS if (advice := habit(mistake)) is not None), None)


def _equals_sign(mistake: Mistake) -> Advice | None:
    if mistake.kind == "EQUAL" and "EQ" in mistake.accepted:
        turned = {"GT": ">=", "LT": "<="}.get(mistake.behind[0].type if mistake.behind else "")
        if turned:
            return Advice(f"write {turned}")
        value = mistake.behind[0] if mistake.behind and mistake.behind[0].type in _LITERALS else None
        example = f": {mistake.path_before} == {_literal(value)}" if value is not None else ""
        return Advice(f"compare with =={example}")
    if mistake.kind == "EQUAL" and mistake.follows("EQ"):
        return Advice("compare with ==, two signs")
    if mistake.kind == "EQ" and "EQUAL" in mistake.accepted:
        return Advice("name and rule are joined by one =")
    return None


def _other_inequality(mistake: Mistake) -> Advice | None:
    if mistake.kind == "GT" and mistake.follows("LT") and mistake.is_glued:
        return Advice("write !=")
    return None


def _brackets(mistake: Mistake) -> Advice | None:
    if not ("LSQB" in mistake.accepted and mistake.follows("IN")):
        return None
    literals = []
    for token in mistake.behind:
        if token.type not in {*_LITERALS, "COMMA"}:
            break
        literals += [_literal(token)] if token.type != "COMMA" else []
    return Advice(f"a list stands in brackets: in [{', '.join(literals) or '1, 2'}]")


def _mixed_list(mistake: Mistake) -> Advice | None:
    if mistake.clause == "FILTER" and mistake.follows("COMMA") and mistake.kind in {*_LITERALS, "NAME"}:
        return Advice("a list holds literals of one kind")
    if mistake.kind == "RSQB" and mistake.follows("LSQB"):
        return Advice("a list holds one literal or more")
    return None


def _conjunction(mistake: Mistake) -> Advice | None:
    word = mistake.token.value.lower()
    if mistake.kind != "NAME" or word not in {"and", "or"} or "RPAR" not in mistake.accepted:
        return None
    if mistake.clause != "FILTER":
        return Advice("an argument is one condition: put the other one into a filter")
    if word == "and":
        return Advice(f"chain filters, all have to hold: {_chained(mistake)}")
    return Advice(f"there is no 'or': {_listed(mistake)}")


def _comma_between_conditions(mistake: Mistake) -> Advice | None:
    if mistake.kind == "COMMA" and mistake.clause == "FILTER":
        return Advice(f"one condition per filter: {_chained(mistake)}")
    return None


def _chained(mistake: Mistake) -> str:
    return f".filter({mistake.inside}).filter({written(mistake.rest) or '...'})"


def _listed(mistake: Mistake) -> str:
    """``type in ["a", "b"]`` when both conditions compare one attribute, else what can be done."""
    first, second = mistake.inside.partition(" == "), written(mistake.rest).partition(" == ")
    if first[0] == second[0] and first[1] and second[1]:
        return f"{first[0]} in [{first[2]}, {second[2]}]"
    return "list the values of one attribute, in [...], or write two rules"


def _boolean_shorthand(mistake: Mistake) -> Advice | None:
    if mistake.kind == "RPAR" and mistake.accepted >= _COMPARISONS and mistake.clause == "FILTER":
        return Advice(f"a condition needs an operator: {mistake.path_before} == true")
    return None


def _negation(mistake: Mistake) -> Advice | None:
    token = mistake.token
    if token.value.lower() == "not" and (mistake.precedes("CONTAIN") or mistake.precedes("NOT_CONTAIN")):
        return Advice("'not contain' has exactly one blank")
    if token.value.lower() == "not" and mistake.accepted >= _COMPARISONS:
        if mistake.precedes("IN"):
            return Advice("there is no 'not in': chain .filter(... != ...) for each value")
        return Advice("there is no negation but != and 'not contain'")
    previous = mistake.previous
    if mistake.kind == "NAME" and previous is not None and previous.value.lower() == "not" and mistake.follows("NAME"):
        path = token.value + "".join(part.value for part in _path(mistake.behind))
        return Advice(f"there is no negation: write {path} == false")
    return None


def _null_test(mistake: Mistake) -> Advice | None:
    if mistake.kind == "NAME" and mistake.token.value.lower() == "is" and mistake.accepted >= _COMPARISONS:
        negated = bool(mistake.behind) and mistake.behind[0].value.lower() == "not"
        return Advice(f"write {mistake.path_before} {'!=' if negated else '=='} null")
    return None


def _plain_condition(mistake: Mistake) -> Advice | None:
    if mistake.kind == "LPAR" and mistake.follows("FILTER", "LPAR"):
        return Advice("conditions take no parentheses, and casts no blanks: (long)")
    if mistake.kind == "LPAR" and mistake.follows("LPAR") and mistake.clause != "FROM":
        return Advice("arguments take no parentheses, and casts no blanks: (long)")
    if mistake.kind in _LITERALS and mistake.follows("FILTER", "LPAR"):
        return Advice("the attribute stands on the left, the literal on the right")
    return None


def _clause_order(mistake: Mistake) -> Advice | None:
    if mistake.kind in {"FILTER", "DECORATOR"} and mistake.follows("DOT"):
        return Advice("the order is from, filters, one function, one decorator")
    return None


def _call_behind_call(mistake: Mistake) -> Advice | None:
    """``.where(...).cpm()``: the first call stands where a filter should, or there are two functions."""
    if mistake.accepted != {"DECORATOR"} or not mistake.follows("RPAR", "DOT") or not mistake.precedes("LPAR"):
        return None
    calls = [
        at
        for at in range(1, len(mistake.before) - 1)
        if mistake.before[at].type == "NAME"
        and mistake.before[at - 1].type == "DOT"
        and mistake.before[at + 1].type == "LPAR"
    ]
    if not calls:
        return None
    call = mistake.before[calls[-1]]
    if call.value in FUNCTIONS and not (mistake.kind == "FILTER" and _has_condition(mistake.before[calls[-1] :], call)):
        order = "the order is from, filters, one function, one decorator"
        return Advice(
            order if mistake.kind == "FILTER" else "a rule calls one function; only .decorator(...) may follow"
        )
    message = f"unexpected '{call}', expected 'filter' or a function at the end of the rule"
    return Advice(_selecting(call.value), message, call)


def _selecting(word: str) -> str:
    """What to write instead of a word that is used like a clause."""
    if nearest(word, KEYWORDS) == "filter":
        return "did you mean 'filter'?"
    if word.lower() in {"groupby", "group_by", "by", "group"}:
        return "rows are grouped by the scope's entity and by minute; leave it out"
    return "rows are selected by .filter(...)"


def _has_condition(arguments: tuple[Token, ...], function: Token) -> bool:
    """Whether a function that takes none was given a condition."""
    takes = {parameter.takes for parameter in FUNCTIONS[function.value].arguments}
    return Takes.CONDITION not in takes and any(token.type in _COMPARISONS for token in arguments)


def _uncalled_function(mistake: Mistake) -> Advice | None:
    if mistake.accepted == {"LPAR"} and mistake.follows("DOT", "NAME") and mistake.kind in {"SEMICOLON", END, "DOT"}:
        return Advice(f"a function is called: {mistake.before[-1]}()")
    return None


def _missing_parentheses(mistake: Mistake) -> Advice | None:
    if mistake.accepted == {"LPAR"} and mistake.previous is not None and mistake.kind != "NUMBER":
        return Advice(f"write {mistake.previous}(...)")
    return None


def _missing_function(mistake: Mistake) -> Advice | None:
    if mistake.kind in {"SEMICOLON", END} and mistake.accepted == {"DOT"} and mistake.follows("RPAR"):
        return Advice("a rule ends with a function: .cpm() counts rows per minute")
    return None


def _whole_numbers(mistake: Mistake) -> Advice | None:
    if mistake.kind == "DOT" and ((mistake.follows("NUMBER") and mistake.is_glued) or mistake.precedes("NUMBER")):
        return Advice("numbers have no fraction")
    if mistake.kind == "NAME" and mistake.follows("NUMBER") and mistake.is_glued:
        return Advice(f"numbers have digits only, no exponent and no unit: {mistake.before[-1]}")
    return None


def _word_as_value(mistake: Mistake) -> Advice | None:
    """``type == http``, ``x == nil``, ``success == True``: parsing stops behind the word."""
    if mistake.accepted != {"DOT"} or not any(mistake.follows(kind, "NAME") for kind in _VALUE_POSITIONS):
        return None
    word = mistake.before[-1]
    near = nearest(word.value, ("true", "false", "null"))
    if near is None and word.value.lower() in _NULLS:
        near = "null"
    if near is not None:
        return Advice(f"did you mean '{near}'?", f"unexpected '{word}', expected a literal", word)
    hint = f'text stands in double quotes, "{word}"; an enum constant has its type before it, Type.{word}'
    return Advice(hint, f"unexpected '{word}', expected a literal", word)


def _source_path(mistake: Mistake) -> Advice | None:
    if mistake.clause != "FROM":
        return None
    if mistake.kind == "COMMA":
        return Advice("a rule reads one attribute")
    return Advice("'*' stands alone behind the scope") if mistake.kind == "STAR" else None


def _call_as_source(mistake: Mistake) -> Advice | None:
    if mistake.kind == "LPAR" and mistake.clause == "FROM" and mistake.follows("NAME"):
        return Advice(f"a rule reads a source and applies one function at its end: {_SHAPE}")
    if mistake.kind == "LPAR" and mistake.clause == "FROM" and mistake.follows("LPAR"):
        return Advice("casts take no blanks inside: (long)")
    return None


def _source_without_path(mistake: Mistake) -> Advice | None:
    previous = mistake.previous
    if mistake.kind != "RPAR" or mistake.clause != "FROM" or mistake.accepted != {"DOT"} or previous is None:
        return None
    if previous.type == "NAME" and mistake.follows("LPAR", "NAME"):
        return Advice(f"'{previous}' is no scope; rules read scopes, not metrics: from(K8SService.*)")
    return Advice(f"write {previous}.* when no value is needed")


def _missing_from(mistake: Mistake) -> Advice | None:
    if "FROM" not in mistake.accepted:
        return None
    if mistake.kind == "SCOPE":
        return Advice(f"write from({mistake.token}{_source_tail(mistake.behind)})")
    if mistake.kind == "NAME" and mistake.precedes("LPAR") and nearest(mistake.token.value, ["from"]) is None:
        return Advice(f"this looks like PromQL; a rule reads a source and applies one function at its end: {_SHAPE}")
    return None


def _missing_equals(mistake: Mistake) -> Advice | None:
    if mistake.accepted == {"EQUAL"} and mistake.kind == "DOT":
        return Advice("names hold letters, digits, _ and $")
    if mistake.accepted == {"EQUAL"} and mistake.kind in {"NAME", "LPAR"}:
        return Advice(f"a rule is {_SHAPE}")
    return None


def _quotes(mistake: Mistake) -> Advice | None:
    if mistake.kind == "STRING" and mistake.accepted == {"NAME"}:
        return Advice(f"without quotes: {mistake.token}")
    if mistake.accepted == {"STRING"} and mistake.kind in {"NAME", "SCOPE"}:
        return Advice(f'text stands in double quotes: "{mistake.token}"')
    return None


def _near_keyword(mistake: Mistake) -> Advice | None:
    if mistake.kind != "NAME":
        return None
    words = [word for word, kind in KEYWORDS.items() if kind in mistake.accepted]
    near = nearest(mistake.token.value, words)
    return Advice(f"did you mean '{near}'?") if near else None


def _path(tokens: tuple[Token, ...]) -> list[Token]:
    """The names, dots and stars that the tokens begin with."""
    return list(takewhile(lambda token: token.type in {"DOT", "NAME", "STAR"}, tokens))


def _source_tail(tokens: tuple[Token, ...]) -> str:
    """``.write.duration`` of ``.write.duration.longAvg()``."""
    path = _path(tokens)
    is_call = len(tokens) > len(path) and tokens[len(path)].type == "LPAR"
    tail = "".join(token.value for token in path[: -2 if is_call else None])
    return tail.rstrip(".") or ".*"


def _literal(token: Token | None) -> str:
    if token is None:
        return ""
    return f'"{token}"' if token.type == "STRING" else token.value


_HABITS: tuple[Callable[[Mistake], Advice | None], ...] = (
    _equals_sign,
    _other_inequality,
    _brackets,
    _mixed_list,
    _conjunction,
    _comma_between_conditions,
    _boolean_shorthand,
    _negation,
    _null_test,
    _call_as_source,
    _source_path,
    _source_without_path,
    _plain_condition,
    _call_behind_call,
    _clause_order,
    _uncalled_function,
    _missing_parentheses,
    _missing_function,
    _whole_numbers,
    _word_as_value,
    _missing_from,
    _missing_equals,
    _quotes,
    _near_keyword,
)
