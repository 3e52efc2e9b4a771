import pytest

from oap.promql.errors import PromqlError
from oap.promql.subset import parse_query


def error_of(text: str) -> str:
    with pytest.raises(PromqlError) as raised:
        parse_query(text)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: the query is empty"),
        ("# only a comment", "line 1, column 1: the query is empty"),
        ("sum(", "line 1, column 5: the query ends too early: unclosed left parenthesis"),
        ('m{a="x"', "line 1, column 8: the query ends too early: unexpected end of input inside braces"),
        ("m{a=}", "line 1, column 5: unexpected '}': invalid promql query"),
        ("m + * n", "line 1, column 5: unexpected '*': invalid promql query"),
        ("m n", "line 1, column 3: unexpected 'n': invalid promql query"),
        ("m\n+\n)", "line 3, column 1: unexpected ')': unexpected right parenthesis ')'"),
        ("sum by (a b) (m)", "line 1, column 11: unexpected 'b': invalid promql query"),
        ("rate(m)", "line 1, column 6: unexpected 'm': expected type matrix in call to function 'rate', got vector"),
        ("1 == 2", "line 1, column 6: unexpected '2': comparisons between scalars must use BOOL modifier"),
        ('m{a=~"("}', 'line 1, column 6: unexpected "(": illegal regex for ('),
        ("1 + rte(m[5m])", "line 1, column 5: there is no function 'rte'; did you mean 'rate'?"),
        ("smu(m)", "line 1, column 1: there is no function 'smu'; did you mean 'sum'?"),
    ],
)
def test_text_that_is_no_query_names_place_and_word(text: str, message: str) -> None:
    assert error_of(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("m[5m]", "line 1, column 2: rows of a time are no value, use a function as avg_over_time()"),
        ("(m[5m])", "line 1, column 3: rows of a time are no value, use a function as avg_over_time()"),
        ('"text"', "line 1, column 1: a text is no query"),
        ("avg_over_time(m[1h:5m])", "line 1, column 19: subqueries are not answered here"),
        ("m @ 5", "line 1, column 3: '@' is not answered here"),
        ('m{a="1" or b="2"}', "line 1, column 9: 'or' between label conditions is not answered here"),
        ("quantile(0.5, m)", "line 1, column 1: the aggregation 'quantile' is not answered here"),
        ("irate(m[5m])", "line 1, column 1: the function 'irate' is not answered here; did you mean 'rate'?"),
        (
            "year() +\n m @ end()",
            "line 1, column 1: the function 'year' is not answered here\nline 2, column 4: '@' is not answered here",
        ),
    ],
)
def test_what_is_not_answered_is_refused_all_at_once(text: str, message: str) -> None:
    assert error_of(text) == message


def test_queries_are_bounded_before_they_are_parsed() -> None:
    assert error_of("(" * 60) == "line 1, column 51: the query is nested more than 50 brackets deep"
    bound = "the query is too long, at most 400 words and 10000 characters are read"
    assert error_of("+".join(["m"] * 300)) == bound
    assert error_of("m" * 10_001) == bound
