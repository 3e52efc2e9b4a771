"""Walks through the trees of expressions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from oap.query.mqe.syntax import Expression, Metric, Node, TopN


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A metric that an expression reads; ``is_listed``: a list of its entities, not one entity's series."""

    metric: Metric
    is_listed: bool


def metrics_of(expression: Expression) -> Iterator[MetricUse]:
    """All metrics that an expression reads, as often as it does."""
    match expression:
        case Metric():
            yield MetricUse(expression, is_listed=False)
        case TopN(metric):
            yield MetricUse(metric, is_listed=True)
        case _:
            for part in parts_of(expression):
                yield from metrics_of(part)


def nodes_of(expression: Expression) -> Iterator[Expression]:
    """An expression and everything inside it."""
    yield expression
    for part in parts_of(expression):
        yield from nodes_of(part)


def parts_of(expression: Expression) -> Iterator[Expression]:
    """The operands of an expression."""
    for member in fields(expression):
        value = getattr(expression, member.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part  # type: ignore[misc]  # every node is an expression


def with_parts(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same expression of changed operands."""

    def changed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(changed, value))
        return change(value) if isinstance(value, Node) else value  # type: ignore[arg-type]  # as above

    return replace(expression, **{one.name: changed(getattr(expression, one.name)) for one in fields(expression)})
