import pytest

from oap.query.mqe.errors import MqeError
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.syntax import (
    Aggregate,
    AggregateLabels,
    Aggregation,
    Baseline,
    Binary,
    Change,
    Condition,
    Expression,
    FirstPresent,
    IsPresent,
    Label,
    Metric,
    Number,
    Relabels,
    Rounding,
    SortLabelValues,
    SortValues,
    TopN,
    TopNOf,
)

A, B, C = Metric("a"), Metric("b"), Metric("c")


@pytest.fixture(scope="module")
def parser() -> MqeParser:
    return MqeParser()


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("50xx", Metric("50xx")),
        ("avg_x", Metric("avg_x")),
        ("ascending", Metric("ascending")),
        ("m{}", Metric("m")),
        ("m{ a='1,2', _=\"x'y\" }", Metric("m", (Label("a", "1,2"), Label("_", "x'y")))),
        ("1.5", Number(1.5)),
        ("a || b && c", Binary("&&", Binary("||", A, B), C)),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a > BOOL b", Binary(">", A, B)),
        ("(a != b) == c", Binary("==", Binary("!=", A, B), C)),
        ("latest(a)", Aggregate(Aggregation.LATEST, A)),
        ("ceil(a)", Rounding("ceil", A)),
        ("round(a, 2)", Rounding("round", A, 2)),
        ("rate(a, 3)", Change("rate", A, 3)),
        ("view_as_seq(a, b)", FirstPresent((A, B))),
        ("is_present(a)", IsPresent((A,))),
        ("top_n(a, 5, DES)", TopN(A, 5, descending=True)),
        (
            "top_n(a, 5, asc, attr0='x', attr5!='y')",
            TopN(A, 5, False, (Condition("attr0", True, "x"), Condition("attr5", False, "y"))),
        ),
        ("top_n_of(top_n(a,1,des),2,asc)", TopNOf((TopN(A, 1, descending=True),), 2, descending=False)),
        ("relabels(a, p='50', q='P50')", Relabels(A, Label("p", "50"), Label("q", "P50"))),
        ("aggregate_labels(a, sum)", AggregateLabels(A, Aggregation.SUM, ())),
        ("aggregate_labels(a, max(b, _))", AggregateLabels(A, Aggregation.MAX, ("b", "_"))),
        ("sort_values(a, 2, asc, max)", SortValues(A, 2, False, Aggregation.MAX)),
        ("sort_label_values(a, des, b, c)", SortLabelValues(A, True, ("b", "c"))),
        ("baseline(a, upper)", Baseline(A, "upper")),
    ],
)
def test_text_becomes_its_tree(text: str, tree: Expression, parser: MqeParser) -> None:
    assert parser.parse(text) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the expression is empty"),
        ("m1 @ 2", "unexpected character '@' at column 4"),
        ("m1 m2", "unexpected 'm2' at column 4"),
        ("1.5.2", "unexpected character '.' at column 2"),
        ("value", "unexpected 'value' at column 1"),
        ("m{avg='1'}", "unexpected 'avg' at column 3"),
        ("round(m, 9999999999)", "9999999999 is too large"),
        ("a" * 10_001, "the expression is longer than 10000 characters"),
    ],
)
def test_text_that_is_no_expression_names_the_place(text: str, message: str, parser: MqeParser) -> None:
    with pytest.raises(MqeError) as raised:
        parser.parse(text)
    assert str(raised.value) == message
