"""What a metric is, read off its rule and its plan: the answer to ``oap oal explain`` as a value."""

from collections.abc import Mapping
from dataclasses import dataclass

from oal.bind import BoundPath, BoundRule, bind
from oal.catalog import Catalog, CellColumn, Kind, Scope, Table
from oal.functions.contract import Function, Merge, StateColumn, Store, Takes, ValueKind
from oal.functions.narrowing import narrowed
from oal.matching import matches
from oal.parser import parse
from oal.plan import Metric, Part, Plan
from oal.printing import argument_text, condition_text, path_text
from oal.state_wording import primitive_text
from oal.syntax import Condition, EnumConstant, LiteralList, Rule

_MERGES: Mapping[Merge, str] = {
    Merge.ADD: "adds up",
    Merge.MAX: "keeps the largest",
    Merge.MIN: "keeps the smallest",
    Merge.FIRST: "keeps the first",
    Merge.NONE: "computed from the others",
}


@dataclass(frozen=True, slots=True)
class StateUse:
    """One primitive column that the metric reads, and the other metrics that read it too."""

    text: str
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Rows of one table that reach the metric. ``state``: what is folded from them, shared between metrics."""

    table: str
    meaning: str
    state: tuple[StateUse, ...]


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column of the metric's records; ``merge`` says how two increments become one."""

    name: str
    store: Store
    merge: str
    is_value: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that can be said of a metric without its data.

    ``filters`` are the rule's conditions as text. ``reach`` gives, for each enum attribute that is decided by the
    identity of a row (the detect point), the constants that pass. ``formula``, ``unit`` and ``longer`` (hours and
    days) are words.
    """

    metric: str
    file: str
    line: int
    rule: str
    scope: str
    entity: str
    category: str
    operations: tuple[Operation, ...]
    reach: Mapping[str, tuple[str, ...]]
    filters: tuple[str, ...]
    formula: str
    unit: str
    longer: str
    value_kind: ValueKind
    columns: tuple[RecordColumn, ...]
    decorator: str | None


def explain_metric(metric: Metric, plan: Plan, catalog: Catalog) -> Explanation:
    """What a metric of the plan is; the plan must have been compiled with this catalog."""
    rule = rule_of(metric)
    bound = bind(metric.file, rule, catalog)
    scope, function = catalog.scopes[metric.scope], metric.function
    words = _words(bound, function, metric.parameters)
    return Explanation(
        metric=metric.name,
        file=metric.file,
        line=metric.line,
        rule=metric.text,
        scope=scope.name,
        entity=scope.meaning,
        category=scope.category,
        operations=tuple(_operation(metric, part, plan, scope) for part in metric.parts),
        reach=_reach(rule, scope, catalog),
        filters=tuple(map(condition_text, rule.filters)),
        formula=function.meaning.formula.format_map(words),
        unit=function.meaning.unit.format_map(words),
        longer=function.meaning.longer,
        value_kind=function.value_kind,
        columns=tuple(_record_column(column, function) for column in function.columns),
        decorator=metric.decorator,
    )


def rule_of(metric: Metric) -> Rule:
    """The syntax tree of a metric's rule, from its canonical text."""
    (statement,) = parse(metric.file, metric.text).script.statements
    return narrowed(statement, Rule)


def _operation(metric: Metric, part: Part, plan: Plan, scope: Scope) -> Operation:
    primitives = plan.primitives[metric.grain, part.table]
    uses = tuple(
        StateUse(primitive_text(primitives[at]), _sharing(plan, metric, part.table, at))
        for at in dict.fromkeys(part.primitives)
    )
    return Operation(part.table, _table(scope, part.table).meaning, uses)


def _sharing(plan: Plan, metric: Metric, table: str, at: int) -> tuple[str, ...]:
    return tuple(
        other.name
        for other in plan.metrics
        if other.grain == metric.grain
        and other.name != metric.name
        and any(part.table == table and at in part.primitives for part in other.parts)
    )


def _table(scope: Scope, name: str) -> Table:
    return next(table for table in scope.tables if table.name == name)


def _reach(rule: Rule, scope: Scope, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    attributes = [
        attribute
        for attribute in scope.attributes.values()
        if attribute.kind is Kind.ENUM
        and any(isinstance(table.bindings.get(attribute.path), CellColumn) for table in scope.tables)
    ]
    return {
        attribute.path: tuple(
            constant
            for constant in catalog.enums[attribute.enum]
            if all(
                matches(constant, condition.operator, _constants(condition))
                for condition in rule.filters
                if condition.path.dotted == attribute.path
            )
        )
        for attribute in attributes
    }


def _constants(condition: Condition) -> str | tuple[str, ...] | None:
    literal = condition.literal
    if isinstance(literal, LiteralList):
        return tuple(item.constant.text for item in literal.items if isinstance(item, EnumConstant))
    return literal.constant.text if isinstance(literal, EnumConstant) else None


def _words(rule: BoundRule, function: Function, parameters: tuple[int, ...]) -> dict[str, str]:
    """What stands for the names in braces of the function's meaning."""
    numbers = iter(parameters)
    arguments = dict(enumerate(rule.syntax.call.arguments))
    words = {"value": "", "unit": "as the attribute"}
    if rule.value is not None:
        words |= _value_words(rule.value)
    for at, parameter in enumerate(function.arguments):
        if parameter.takes is Takes.INTEGER:
            words[parameter.name] = str(next(numbers))
        elif parameter.takes is Takes.NUMERIC_PATH and isinstance(path := rule.arguments[at], BoundPath):
            words |= _value_words(path)
        else:
            words[parameter.name] = argument_text(arguments[at])
    return words


def _value_words(path: BoundPath) -> dict[str, str]:
    unit = path.attribute.unit if path.attribute is not None else ""
    return {"value": path_text(path.syntax), "unit": unit or "as the attribute"}


def _record_column(column: StateColumn, function: Function) -> RecordColumn:
    return RecordColumn(column.name, column.store, _MERGES[column.merge], column.name == function.value_column)
