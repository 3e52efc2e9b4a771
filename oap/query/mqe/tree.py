"""Parse tree of an expression to its syntax tree: each method is named after its rule of the grammar."""

from collections.abc import Sequence
from typing import Any

from lark import Token, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from oap.query.mqe.errors import Finding, MqeError, Place
from oap.query.mqe.syntax import (
    Aggregate,
    AggregateLabels,
    Aggregation,
    Baseline,
    Binary,
    Change,
    Condition,
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

_DIGITS = 9

Parts = Sequence[Any]


class _Words(Transformer_NonRecursive[Token, Any]):
    """Rules whose value is a part of a node."""

    def start(self, parts: Parts) -> Any:
        return parts[0]

    def compare_sign(self, parts: Parts) -> Any:
        return parts[0]

    def label(self, parts: Parts) -> Label:
        return Label(parts[0], parts[1][1:-1])

    def label_name(self, parts: Parts) -> str:
        return str(parts[0])

    def label_names(self, parts: Parts) -> tuple[str, ...]:
        return tuple(parts)

    def aggregate_function(self, parts: Parts) -> Aggregation:
        return Aggregation(parts[0])

    grouping_function = aggregate_function

    def order(self, parts: Parts) -> bool:
        return str(parts[0]).lower() == "des"

    def condition(self, parts: Parts) -> Condition:
        attribute, sign, text = parts
        return Condition(str(attribute), sign == "=", text[1:-1])

    def binary(self, parts: Parts) -> Binary:
        left, operator, right = parts
        return Binary(str(operator), left, right, at=_place(operator))

    def compare(self, parts: Parts) -> Binary:
        left, operator, _, right = parts
        return Binary(str(operator), left, right, at=_place(operator))


@v_args(meta=True)
class ToSyntax(_Words):
    """Rules whose value is a node."""

    def number(self, meta: Meta, parts: Parts) -> Number:
        return Number(float(parts[0]), at=_place(meta))

    def metric(self, meta: Meta, parts: Parts) -> Metric:
        return Metric(str(parts[0]), tuple(part for part in parts[1:] if part is not None), at=_place(meta))

    def aggregate(self, meta: Meta, parts: Parts) -> Aggregate:
        return Aggregate(*parts, at=_place(meta))

    def absolute(self, meta: Meta, parts: Parts) -> Rounding:
        return Rounding("abs", parts[0], at=_place(meta))

    def ceiling(self, meta: Meta, parts: Parts) -> Rounding:
        return Rounding("ceil", parts[0], at=_place(meta))

    def floor(self, meta: Meta, parts: Parts) -> Rounding:
        return Rounding("floor", parts[0], at=_place(meta))

    def round(self, meta: Meta, parts: Parts) -> Rounding:
        return Rounding("round", parts[0], _integer(parts[1]), at=_place(meta))

    def increase(self, meta: Meta, parts: Parts) -> Change:
        return Change("increase", parts[0], _integer(parts[1]), at=_place(meta))

    def rate(self, meta: Meta, parts: Parts) -> Change:
        return Change("rate", parts[0], _integer(parts[1]), at=_place(meta))

    def view_as_seq(self, meta: Meta, parts: Parts) -> FirstPresent:
        return FirstPresent(tuple(parts), at=_place(meta))

    def is_present(self, meta: Meta, parts: Parts) -> IsPresent:
        return IsPresent(tuple(parts), at=_place(meta))

    def top_n(self, meta: Meta, parts: Parts) -> TopN:
        metric, count, descending, *conditions = parts
        return TopN(metric, _integer(count), descending, tuple(conditions), at=_place(meta))

    def top_n_of(self, meta: Meta, parts: Parts) -> TopNOf:
        *lists, count, descending = parts
        return TopNOf(tuple(lists), _integer(count), descending, at=_place(meta))

    def relabels(self, meta: Meta, parts: Parts) -> Relabels:
        return Relabels(*parts, at=_place(meta))

    def aggregate_labels(self, meta: Meta, parts: Parts) -> AggregateLabels:
        operand, function, labels = parts
        return AggregateLabels(operand, function, labels or (), at=_place(meta))

    def sort_values(self, meta: Meta, parts: Parts) -> SortValues:
        operand, count, descending, function = parts
        return SortValues(operand, _integer(count), descending, function, at=_place(meta))

    def sort_label_values(self, meta: Meta, parts: Parts) -> SortLabelValues:
        operand, descending, *labels = parts
        return SortLabelValues(operand, descending, tuple(labels), at=_place(meta))

    def baseline(self, meta: Meta, parts: Parts) -> Baseline:
        return Baseline(parts[0], str(parts[1]), at=_place(meta))


def _place(where: Meta | Token) -> Place:
    return Place(where.line or 1, where.column or 1)


def _integer(token: Token) -> int:
    if len(token) > _DIGITS:
        raise MqeError(Finding(f"{token} is too large, integers have at most {_DIGITS} digits", _place(token)))
    return int(token)
