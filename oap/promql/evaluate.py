"""A query over its steps: all rows are read at once, then every step is computed at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np
from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    BinModifier,
    Call,
    Expr,
    LabelModifierType,
    MatrixSelector,
    NumberLiteral,
    ParenExpr,
    UnaryExpr,
    VectorMatchCardinality,
    VectorSelector,
    walk,
)

from oap.promql.aggregation import RANKINGS, aggregate, rank
from oap.promql.binary import Matching, combine
from oap.promql.database import MOST_SERIES, Candidate, Database
from oap.promql.errors import ErrorType, PromqlError
from oap.promql.functions import call
from oap.promql.grid import Grid, Reach, RowTimes, choose_step, row_times, window_of
from oap.promql.matchers import matchers_of
from oap.promql.series import read_rows, want_rows
from oap.promql.subset import Query, place_of_word
from oap.promql.value import Scalar, Value, Vector
from oap.promql.windows import WINDOW_FUNCTIONS, over_windows
from oap.query.duration import Step

_MOST_POINTS: Final = 5_000_000
# Selectors of the same key read the same rows: name, conditions, offset and window.
_Key = tuple[str | None, tuple[tuple[str, str, str], ...], float, float | None]


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selector reads: its reach, the rows, the entities."""

    reach: Reach
    times: RowTimes
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Answer:
    """Value of a query, the precision of the rows behind it, and names in it that no metric has."""

    value: Value
    step: Step
    unknown: tuple[str, ...]


def evaluate(query: Query, grid: Grid, database: Database, zone: tzinfo) -> Answer:
    """Value of a query at every step. Raises PromqlError; may block on storage and raise StorageUnavailable."""
    selectors = selectors_of(query.tree)
    reaches = [Reach(_offset_s(selector), window_s) for selector, window_s in selectors]
    step = choose_step(grid, reaches) if reaches else Step.MINUTE
    found: dict[_Key, Selected] = {}
    for (selector, _), reach in zip(selectors, reaches, strict=True):
        times = row_times(grid, reach, step, zone)
        key = _key(selector, reach.window_s)
        if key not in found:
            found[key] = Selected(reach, times, database.candidates(matchers_of(selector), times.duration))
    _check_size(sum(len(one.candidates) for one in found.values()), len(grid.times))
    with database.reads.together():
        for one in found.values():
            want_rows(database, one.candidates, one.times)
    known = set(database.names())
    names = (selector.name for selector, _ in selectors if selector.name is not None)
    unknown = tuple(dict.fromkeys(name for name in names if name not in known))
    return Answer(_Evaluation(query.text, grid, database, found).value(query.tree), step, unknown)


def selectors_of(tree: Expr) -> list[tuple[VectorSelector, float | None]]:
    """Every selector of a query, with the seconds of its window."""
    found: list[tuple[VectorSelector, float | None]] = []
    is_inside_window = False

    def visit(node: Expr) -> None:
        nonlocal is_inside_window
        if isinstance(node, MatrixSelector):
            found.append((node.vector_selector, node.range.total_seconds()))
            is_inside_window = True
        elif isinstance(node, VectorSelector):
            # The walk shows the selector of a window once more, right after the window.
            if not is_inside_window:
                found.append((node, None))
            is_inside_window = False

    walk(tree, pre_visit=visit)
    return found


def _offset_s(selector: VectorSelector) -> float:
    return selector.offset.total_seconds() if selector.offset is not None else 0.0


def _key(selector: VectorSelector, window_s: float | None) -> _Key:
    conditions = ((one.name, str(one.op), one.value) for one in selector.matchers.matchers)
    return selector.name, tuple(conditions), _offset_s(selector), window_s


def _check_size(series: int, steps: int) -> None:
    if series > MOST_SERIES:
        raise PromqlError(
            f"the query reads {series} series, at most {MOST_SERIES} are; name the service or more labels",
            ErrorType.EXECUTION,
        )
    if series * steps > _MOST_POINTS:
        raise PromqlError(
            f"the query reads {series} series at {steps} steps, at most {_MOST_POINTS} points are computed; "
            "make the step longer or name more labels",
            ErrorType.EXECUTION,
        )


@dataclass(frozen=True, slots=True)
class _Evaluation:
    text: str
    grid: Grid
    database: Database
    found: Mapping[_Key, Selected]

    def value(self, node: Expr) -> Value:  # noqa: PLR0911  (one for each node)
        match node:
            case NumberLiteral():
                return Scalar(np.full(len(self.grid.times), node.val))
            case ParenExpr():
                return self.value(node.expr)
            case UnaryExpr():
                return combine("-", self._zero(), self._operand(node.expr), Matching(), returns_bool=False)
            case VectorSelector():
                return self._over("last_over_time", node, None)
            case Call() if node.func.name in WINDOW_FUNCTIONS:
                selector = node.args[0]
                assert isinstance(selector, MatrixSelector)  # noqa: S101  (the parser asks for one, subqueries are refused)
                return _distinct(self._over(node.func.name, selector.vector_selector, selector.range.total_seconds()))
            case Call():
                value = call(node.func.name, [self.value(one) for one in node.args], self.grid.times)
                return _distinct(value) if isinstance(value, Vector) else value
            case AggregateExpr():
                return self._aggregate(node)
            case BinaryExpr():
                return self._binary(node)
        raise AssertionError(type(node))  # the subset was checked

    def _zero(self) -> Scalar:
        return Scalar(np.full(len(self.grid.times), -0.0))

    def _operand(self, node: Expr) -> Scalar | Vector:
        value = self.value(node)
        assert not isinstance(value, str)  # noqa: S101  (texts are refused)
        return value

    def _over(self, function: str, selector: VectorSelector, window_s: float | None) -> Vector:
        one = self.found[_key(selector, window_s)]
        rows = read_rows(self.database, one.candidates, one.times)
        times = self.grid.times - one.reach.offset_s
        try:
            return over_windows(function, rows, times, window_of(self.grid, one.reach, one.times))
        except PromqlError as error:
            raise PromqlError(f"{place_of_word(self.text, function)}: {error}") from None

    def _aggregate(self, node: AggregateExpr) -> Vector:
        vector, function = self._operand(node.expr), str(node.op)
        assert isinstance(vector, Vector)  # noqa: S101  (the parser asks for one)
        modifier = node.modifier
        names = frozenset(modifier.labels) if modifier is not None else frozenset()
        is_without = modifier is not None and modifier.type == AggModifierType.Without
        if function not in RANKINGS:
            return aggregate(function, vector, names, is_without=is_without)
        count = self._operand(node.param) if node.param is not None else self._zero()
        assert isinstance(count, Scalar)  # noqa: S101  (the parser asks for one)
        return rank(function, count.values, vector, names, is_without=is_without)

    def _binary(self, node: BinaryExpr) -> Scalar | Vector:
        left, right = self._operand(node.lhs), self._operand(node.rhs)
        returns_bool = node.modifier is not None and node.modifier.return_bool
        value = combine(str(node.op), left, right, _matching(node.modifier), returns_bool=returns_bool)
        return _distinct(value) if isinstance(value, Vector) else value


def _matching(modifier: BinModifier | None) -> Matching:
    if modifier is None:
        return Matching()
    sides = ((VectorMatchCardinality.ManyToOne, "left"), (VectorMatchCardinality.OneToMany, "right"))
    many = next((side for card, side in sides if modifier.card == card), "")
    copied = frozenset(modifier.group_labels or ())
    if modifier.matching is None:
        return Matching(many=many, copied=copied)
    is_on = modifier.matching.type == LabelModifierType.Include
    return Matching(frozenset(modifier.matching.labels), is_on, many, copied)


def _distinct(vector: Vector) -> Vector:
    """The vector. Raises PromqlError when two series of it have the same labels, as two metrics without their names."""
    if len(set(vector.labels)) < len(vector.labels):
        raise PromqlError(
            "vector cannot contain metrics with the same labelset; name one metric, or aggregate", ErrorType.EXECUTION
        )
    return vector
