"""Names looked up in a catalog. Binding reports nothing: what is unknown stays None, and the checks say so."""

from collections.abc import Iterator
from dataclasses import dataclass

from oal.catalog import Attribute, Catalog, Kind, Scope
from oal.functions.contract import Function
from oal.functions.registry import FUNCTIONS
from oal.syntax import Argument, Condition, Number, Path, Rule, Text, Truth


@dataclass(frozen=True, slots=True)
class BoundPath:
    """A path and the attribute it leads to, None when it leads to none."""

    syntax: Path
    attribute: Attribute | None

    @property
    def key(self) -> str | None:
        """The map key of the last step."""
        return self.syntax.steps[-1].key

    @property
    def kind(self) -> Kind | None:
        """Type of the values, after picking a map's entry and casting; None when the attribute is unknown."""
        if self.attribute is None:
            return None
        if self.syntax.cast:
            return Kind.LONG
        return self.plain_kind

    @property
    def plain_kind(self) -> Kind | None:
        """Type of the values before a cast."""
        if self.attribute is None:
            return None
        return Kind.STRING if self.key is not None else self.attribute.kind

    @property
    def described(self) -> str:
        """Type and name in words."""
        kind = self.kind or "unknown"
        enum = f" {self.attribute.enum}" if self.attribute is not None and kind is Kind.ENUM else ""
        return f"the {kind}{enum} attribute '{self.syntax.dotted}'"


@dataclass(frozen=True, slots=True)
class BoundCondition:
    """A condition with its path bound; the literal stays as written."""

    syntax: Condition
    path: BoundPath


BoundArgument = BoundCondition | BoundPath | Number | Text | Truth


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with everything that could be looked up. Paths of an unknown scope have no attributes."""

    file: str
    syntax: Rule
    catalog: Catalog
    scope: Scope | None
    value: BoundPath | None
    filters: tuple[BoundCondition, ...]
    function: Function | None
    arguments: tuple[BoundArgument, ...]

    @property
    def conditions(self) -> Iterator[BoundCondition]:
        """All conditions in order of place: filters, then arguments."""
        yield from self.filters
        yield from (argument for argument in self.arguments if isinstance(argument, BoundCondition))

    @property
    def paths(self) -> Iterator[BoundPath]:
        """All paths in order of place."""
        if self.value is not None:
            yield self.value
        yield from (condition.path for condition in self.filters)
        for argument in self.arguments:
            if isinstance(argument, BoundCondition):
                yield argument.path
            elif isinstance(argument, BoundPath):
                yield argument


def bind(file: str, rule: Rule, catalog: Catalog) -> BoundRule:
    """Look up all names of a rule."""
    scope = catalog.scopes.get(rule.source.scope.text)
    value = rule.source.path
    return BoundRule(
        file,
        rule,
        catalog,
        scope,
        _bound_path(value, scope) if value is not None else None,
        tuple(_bound_condition(condition, scope) for condition in rule.filters),
        FUNCTIONS.get(rule.call.name.text),
        tuple(_bound_argument(argument, scope) for argument in rule.call.arguments),
    )


def _bound_argument(argument: Argument, scope: Scope | None) -> BoundArgument:
    if isinstance(argument, Condition):
        return _bound_condition(argument, scope)
    return _bound_path(argument, scope) if isinstance(argument, Path) else argument


def _bound_condition(condition: Condition, scope: Scope | None) -> BoundCondition:
    return BoundCondition(condition, _bound_path(condition.path, scope))


def _bound_path(path: Path, scope: Scope | None) -> BoundPath:
    attribute = scope.attributes.get(path.dotted) if scope is not None else None
    keys = [step.key is not None for step in path.steps]
    is_map = attribute is not None and attribute.kind is Kind.MAP
    fits = keys[-1] == is_map and not any(keys[:-1])
    return BoundPath(path, attribute if fits else None)
