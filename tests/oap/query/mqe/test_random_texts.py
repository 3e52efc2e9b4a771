"""Whatever a client sends, it gets a result or an error text, never an exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oap.query.mqe.errors import MqeError
from oap.query.mqe.misread import FUNCTIONS
from oap.query.mqe.value import Result, ResultType
from tests.oap.query.mqe.conformance_store import LABELLED, LISTS, NOTHING, PLAIN, SERVICE, Evaluator, texts_of

METRICS = (*PLAIN, *LABELLED, *LISTS, "pods", "heat", "nosuch")
SLOTS = {
    "m": (*METRICS, "pct{p='50'}", "st{code='2xx',proto=' http ,x'}", "m1{}", "st{q=''}"),
    "n": ("0", "1", "2", "3", "600", "999999999", "9999999999"),
    "l": ("p='50'", "code='2xx,5xx'", "proto='http,https'", "q='a,b'", "_='bare'"),
    "k": ("p", "code", "code,proto", "_"),
    "f": ("avg", "sum", "max", "min"),
    "a": ("avg", "sum", "max", "min", "count", "latest"),
    "o": ("asc", "Des"),
    "c": ("", ",attr0='K8S_SERVICE'", ",attr0!='x',attr5='y'"),
    "b": ("+", "-", "*", "/", "%", "==", "!= bool", "<=", "<", ">=", ">", "&&", "||"),
}  # fmt: skip
LEAVES = ("{m}", "{n}", "0.5", "increase({m},{n})", "rate({m},{n})", "top_n({m},{n},{o}{c})", "baseline({m},upper)",
    "top_n_of(top_n({m},{n},{o}),top_n({m},1,{o}),{n},{o})", "{m} > {n} && {m} < {n}")  # fmt: skip
BRANCHES = ("({x}) {b} ({y})", "{x} {b} {y}", "{a}({x})", "abs({x})", "ceil({x})", "floor({x})", "round({x},{n})",
    "view_as_seq({x},{y})", "is_present({x},{y})", "relabels({x},{l},{l})", "aggregate_labels({x},{f})",
    "aggregate_labels({x},{f}({k}))", "sort_values({x},{n},{o},{a})", "sort_label_values({x},{o},{k})")  # fmt: skip
TOKENS = (
    *METRICS, *FUNCTIONS, "p", "code", "_", "value", "upper", "attr0", "asc", "DES", "bool", "1", "2.5", "'50'", '"x,y"',
    "(", ")", "{", "}", ",", "=", "!=", "==", "<", ">=", "&&", "||", "+", "-", "*", "/", "%", "'", "@", ".", "\n",
)  # fmt: skip

EVERY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def expressions() -> st.SearchStrategy[str]:
    """Texts of the grammar, mostly about metrics that exist."""
    words = st.fixed_dictionaries({slot: st.sampled_from(choices) for slot, choices in SLOTS.items()})
    leaves = st.builds(lambda form, chosen: form.format(**chosen), st.sampled_from(LEAVES), words)

    def branches(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        forms = st.sampled_from(BRANCHES)
        return st.builds(lambda form, chosen, x, y: form.format(**chosen, x=x, y=y), forms, words, parts, parts)

    return st.recursive(leaves, branches, max_leaves=6)


def check(result: Result) -> None:
    if result.type is ResultType.UNKNOWN:
        assert result.series == ()
    assert result.error is None or result.error.startswith("line ")
    for one in result.series:
        assert len(one.ids) == len(one.owners) == len(one.values) == len(one.present)
    if result.type is ResultType.SORTED_LIST:
        assert len(result.series) == 1
    texts_of(result)


@EVERY
@given(text=expressions(), entity=st.sampled_from([SERVICE, NOTHING]))
def test_expression_of_the_grammar_never_raises(text: str, entity: object, evaluator: Evaluator) -> None:
    check(evaluator.run(text, SERVICE if entity is SERVICE else NOTHING))


@EVERY
@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=12), gap=st.sampled_from(["", " "]))
def test_sequence_of_tokens_never_raises(tokens: list[str], gap: str, evaluator: Evaluator) -> None:
    check(evaluator.run(gap.join(tokens)))


@EVERY
@given(text=st.text(max_size=40))
def test_any_text_never_raises(text: str, evaluator: Evaluator) -> None:
    check(evaluator.run(text))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_are_those_of_the_grammar(function: str, evaluator: Evaluator) -> None:
    with pytest.raises(MqeError) as raised:
        evaluator.parser.parse(f"{function}(")
    assert "there is no function" not in str(raised.value)
