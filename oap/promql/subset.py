"""What of PromQL is answered; the rest is refused, all of it at once and with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    MatrixSelector,
    ParenExpr,
    StringLiteral,
    SubqueryExpr,
    VectorSelector,
    walk,
)

from oal.nearest import suggestion
from oap.promql.aggregation import AGGREGATIONS
from oap.promql.binary import OPERATORS
from oap.promql.errors import PromqlError
from oap.promql.functions import FUNCTIONS
from oap.promql.parse import parse
from oap.promql.tokens import place_of, tokens_of
from oap.promql.windows import WINDOW_FUNCTIONS

CALLED: Final = FUNCTIONS | WINDOW_FUNCTIONS


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be answered, and its text."""

    text: str
    tree: Expr


def parse_query(text: str) -> Query:
    """Tree of a query. Raises PromqlError with every finding."""
    tree = parse(text, CALLED | AGGREGATIONS)
    findings: list[tuple[str, str]] = []
    if isinstance(_bare(tree), MatrixSelector):
        findings.append(("[", "rows of a time are no value, use a function as avg_over_time()"))
    walk(tree, pre_visit=lambda node: findings.extend(_findings(node)))
    if findings:
        raise PromqlError(
            "\n".join(f"{place_of_word(text, word)}: {message}" for word, message in dict.fromkeys(findings))
        )
    return Query(text, tree)


def _bare(node: Expr) -> Expr:
    while isinstance(node, ParenExpr):
        node = node.expr
    return node


def _findings(node: Expr) -> Iterator[tuple[str, str]]:
    """Word to look for, and message."""
    match node:
        case Call() if node.func.name not in CALLED:
            name = node.func.name
            near = suggestion(name, CALLED)
            yield name, f"the function '{name}' is not answered here" + (f"; {near}" if near else "")
        case AggregateExpr() if str(node.op) not in AGGREGATIONS:
            yield str(node.op), f"the aggregation '{node.op}' is not answered here"
        case BinaryExpr() if str(node.op) not in OPERATORS:
            yield str(node.op), f"the operator '{node.op}' is not answered here"
        case BinaryExpr() if node.modifier is not None and _fills(node):
            yield "fill", "fill modifiers are not answered here"
        case SubqueryExpr():
            yield ":", "subqueries are not answered here"
        case VectorSelector() if node.at is not None:
            yield "@", "'@' is not answered here"
        case VectorSelector() if node.matchers.or_matchers:
            yield "or", "'or' between label conditions is not answered here"
        case StringLiteral():
            yield f'"{node.val}"', "a text is no query"


def _fills(node: BinaryExpr) -> bool:
    fills = node.modifier.fill_values if node.modifier is not None else None
    return fills is not None and (fills.lhs is not None or fills.rhs is not None)


def place_of_word(text: str, word: str) -> str:
    """Line and column of the first such word, or of the first that begins so."""
    tokens = tokens_of(text)
    at = next((one.start for one in tokens if one.text == word), None)
    if at is None:
        at = next((one.start for one in tokens if one.text.startswith(word)), 0)
    return place_of(text, at)
