import pytest

from oap.query.mqe.errors import MqeError, Place
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


def test_nodes_know_where_they_begin_and_operations_where_their_operator_is(parser: MqeParser) -> None:
    tree = parser.parse("m1 +\n  avg(m2)")
    assert isinstance(tree, Binary)
    assert isinstance(tree.right, Aggregate)
    places = [node.at for node in (tree, tree.left, tree.right, tree.right.operand)]
    assert places == [Place(1, 4), Place(1, 1), Place(2, 3), Place(2, 7)]


def test_text_is_parsed_once(parser: MqeParser) -> None:
    assert parser.parse("once + 1") is parser.parse("once + 1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 10_001, "line 1, column 10001: the expression is longer than 10000 characters"),
        ("round(m, 9999999999)", "line 1, column 10: 9999999999 is too large, integers have at most 9 digits"),
        ("+".join(["m"] * 200), "line 1, column 1: the expression is nested more than 100 levels deep"),
        ("abs(" * 150 + "m" + ")" * 150, "line 1, column 201: the expression is nested more than 100 levels deep"),
    ],
)
def test_text_beyond_a_bound_is_refused_each_time(text: str, message: str, parser: MqeParser) -> None:
    for _ in range(2):
        with pytest.raises(MqeError) as raised:
            parser.parse(text)
        assert str(raised.value) == message


def test_parentheses_alone_nest_nothing(parser: MqeParser) -> None:
    assert parser.parse("(" * 4000 + "a" + ")" * 4000) == A
