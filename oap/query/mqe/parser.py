"""Text of a metric expression to its tree."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from oap.query.mqe.errors import MqeError
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

# Parentheses nest on the stack of the evaluator; a longer text than this is no dashboard's.
_LONGEST = 10_000


class MqeParser:
    """Parses expressions and remembers the last few thousand: dashboards send the same ones again and again."""

    def __init__(self) -> None:
        grammar = files("oap.query.mqe").joinpath("grammar.lark").read_text(encoding="utf-8")
        self._lark = Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True, transformer=_ToTree())
        self._remembered = lru_cache(maxsize=4096)(self._parse)

    def parse(self, text: str) -> Expression:
        """Tree of the text. Raises MqeError, naming the place, if it is not one whole expression."""
        return self._remembered(text)

    def _parse(self, text: str) -> Expression:
        if len(text) > _LONGEST:
            raise MqeError(f"the expression is longer than {_LONGEST} characters")
        try:
            tree: Any = self._lark.parse(text)
        except UnexpectedInput as error:
            raise MqeError(_explain(error, text)) from None
        except VisitError as error:
            raise error.orig_exc from None
        return tree  # type: ignore[no-any-return]


def _explain(error: UnexpectedInput, text: str) -> str:
    match error:
        case UnexpectedCharacters():
            place, found = error.column, f"character '{text[error.pos_in_stream or 0]}'"
        case UnexpectedToken() if error.token.type != "$END":
            place, found = error.column, f"'{error.token}'"
        case UnexpectedToken() | UnexpectedEOF():
            return "the expression ends too early" if text.strip() else "the expression is empty"
        case _:
            return "the expression cannot be read"
    return f"unexpected {found} at column {place}"


def _integer(token: Token) -> int:
    if len(token) > 9:
        raise MqeError(f"{token} is too large")
    return int(token)


class _ToTree(Transformer[Token, Expression]):
    """Grammar rules to tree nodes; each method is named after its rule."""

    def start(self, items: list[Any]) -> Any:
        return items[0]

    def number(self, items: list[Any]) -> Number:
        return Number(float(items[0]))

    def binary(self, items: list[Any]) -> Binary:
        left, operator, right = items
        return Binary(str(operator), left, right)

    def compare_sign(self, items: list[Any]) -> str:
        return str(items[0])

    def compare(self, items: list[Any]) -> Binary:
        left, operator, _, right = items
        return Binary(operator, left, right)

    def metric(self, items: list[Any]) -> Metric:
        return Metric(str(items[0]), tuple(item for item in items[1:] if item is not None))

    def label(self, items: list[Any]) -> Label:
        return Label(items[0], items[1][1:-1])

    def label_name(self, items: list[Any]) -> str:
        return str(items[0])

    def label_names(self, items: list[Any]) -> tuple[str, ...]:
        return tuple(items)

    def aggregate(self, items: list[Any]) -> Aggregate:
        return Aggregate(*items)

    def aggregate_function(self, items: list[Any]) -> Aggregation:
        return Aggregation(items[0])

    grouping_function = aggregate_function

    def absolute(self, items: list[Any]) -> Rounding:
        return Rounding("abs", items[0])

    def ceiling(self, items: list[Any]) -> Rounding:
        return Rounding("ceil", items[0])

    def floor(self, items: list[Any]) -> Rounding:
        return Rounding("floor", items[0])

    def round(self, items: list[Any]) -> Rounding:
        return Rounding("round", items[0], _integer(items[1]))

    def increase(self, items: list[Any]) -> Change:
        return Change("increase", items[0], _integer(items[1]))

    def rate(self, items: list[Any]) -> Change:
        return Change("rate", items[0], _integer(items[1]))

    def view_as_seq(self, items: list[Any]) -> FirstPresent:
        return FirstPresent(tuple(items))

    def is_present(self, items: list[Any]) -> IsPresent:
        return IsPresent(tuple(items))

    def order(self, items: list[Any]) -> bool:
        return str(items[0]).lower() == "des"

    def condition(self, items: list[Any]) -> Condition:
        attribute, sign, text = items
        return Condition(str(attribute), sign == "=", text[1:-1])

    def top_n(self, items: list[Any]) -> TopN:
        metric, count, descending, *conditions = items
        return TopN(metric, _integer(count), descending, tuple(conditions))

    def top_n_of(self, items: list[Any]) -> TopNOf:
        *lists, count, descending = items
        return TopNOf(tuple(lists), _integer(count), descending)

    def relabels(self, items: list[Any]) -> Relabels:
        return Relabels(*items)

    def aggregate_labels(self, items: list[Any]) -> AggregateLabels:
        operand, function, labels = items
        return AggregateLabels(operand, function, labels or ())

    def sort_values(self, items: list[Any]) -> SortValues:
        operand, count, descending, function = items
        return SortValues(operand, _integer(count), descending, function)

    def sort_label_values(self, items: list[Any]) -> SortLabelValues:
        operand, descending, *labels = items
        return SortLabelValues(operand, descending, tuple(labels))

    def baseline(self, items: list[Any]) -> Baseline:
        return Baseline(items[0], str(items[1]))
