"""Whatever a client sends, it gets a result or an error text, never an exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oap.query.mqe.errors import MqeError
from oap.query.mqe.misread import FUNCTIONS
from oap.query.mqe.value import Result, ResultType
from tests.oap.query.mqe.conformance_store import NOTHING, SERVICE, Evaluator, texts_of
from tests.oap.query.mqe.random_expressions import METRICS, expressions

TOKENS = (
    *METRICS, *FUNCTIONS, "p", "code", "_", "value", "upper", "attr0", "asc", "DES", "bool", "1", "2.5", "'50'", '"x,y"',
    "(", ")", "{", "}", ",", "=", "!=", "==", "<", ">=", "&&", "||", "+", "-", "*", "/", "%", "'", "@", ".", "\n",
)  # fmt: skip

EVERY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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
