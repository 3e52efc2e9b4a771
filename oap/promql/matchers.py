"""Conditions of a selector on labels; a label that a series lacks counts as ""."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import re2
from promql_parser import MatchOp, VectorSelector

from oap.promql.errors import PromqlError
from oap.promql.value import NAME


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label; ``equal`` is the only text that meets it, None when there can be others."""

    name: str
    accepts: Callable[[str], bool]
    equal: str | None = None


def matchers_of(selector: VectorSelector) -> tuple[Matcher, ...]:
    """The conditions of a selector, that on the name of the metric among them. Raises PromqlError."""
    found = [_matcher(one.name, one.op, one.value) for one in selector.matchers.matchers]
    if selector.name is not None:
        found.append(_matcher(NAME, MatchOp.Equal, selector.name))
    return tuple(found)


def accepts_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet all conditions."""
    return all(matcher.accepts(labels.get(matcher.name, "")) for matcher in matchers)


def _matcher(name: str, operator: MatchOp, value: str) -> Matcher:
    if operator == MatchOp.Equal:
        return Matcher(name, lambda text: text == value, value)
    if operator == MatchOp.NotEqual:
        return Matcher(name, lambda text: text != value)
    try:
        # RE2 as in Prometheus: linear in the text, whatever the expression.
        pattern = re2.compile(value)
    except re2.error as error:
        raise PromqlError(f"'{value}' is no regular expression: {error}") from None
    if operator == MatchOp.Re:
        return Matcher(name, lambda text: pattern.fullmatch(text) is not None)
    return Matcher(name, lambda text: pattern.fullmatch(text) is None)
