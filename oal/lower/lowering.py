"""The passes in order, and the plan that comes out of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oal.bind import BoundRule
from oal.catalog import Scope, Table
from oal.functions.contract import Function, Takes
from oal.functions.narrowing import narrowed
from oal.lower.count_stages import count_stages
from oal.lower.decide_constants import decide_constants
from oal.lower.draft import Draft, Pass
from oal.lower.hoist_cell_conditions import hoist_cell_conditions
from oal.lower.name_primitives import name_primitives
from oal.lower.possible_table import possible_table
from oal.lower.read_operands import read_operands
from oal.lower.require_values import require_values
from oal.plan import Fold, Metric, Part, Plan, Primitive, Stage
from oal.printing import rule_text
from oal.syntax import Number

PASSES: tuple[Pass, ...] = (
    possible_table,
    read_operands,
    decide_constants,
    hoist_cell_conditions,
    require_values,
    name_primitives,
    count_stages,
)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A rule and what became of it on each table of its scope that can contribute rows."""

    rule: BoundRule
    drafts: tuple[Draft, ...]


def lower_rule(rule: BoundRule) -> Lowered:
    """A rule that passed all checks, on every table of its scope."""
    drafts = (lower_on_table(rule, table) for table in narrowed(rule.scope, Scope).tables)
    return Lowered(rule, tuple(draft for draft in drafts if draft is not None))


def assemble(rules: Sequence[Lowered], disabled: frozenset[str]) -> Plan:
    """The plan of rules in their order; metrics with a disabled name are left out."""
    shared = _SharedState()
    metrics = tuple(_metric(lowered, shared) for lowered in rules if lowered.rule.syntax.name.text not in disabled)
    return Plan(metrics, shared.primitives(), disabled)


def lower_on_table(rule: BoundRule, table: Table) -> Draft | None:
    """One rule on one table after all passes; None when no row of the table can contribute."""
    draft: Draft | None = Draft(rule, table)
    for step in PASSES:
        if draft is None:
            return None
        draft = step(draft)
    return draft


class _SharedState:
    """The distinct primitives of each (grain, table), in order of first use."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, str], dict[Primitive, int]] = {}

    def positions(self, grain: str, table: str, wanted: Iterable[Primitive]) -> tuple[int, ...]:
        known = self._positions.setdefault((grain, table), {})
        return tuple(known.setdefault(primitive, len(known)) for primitive in wanted)

    def primitives(self) -> dict[tuple[str, str], tuple[Primitive, ...]]:
        return {place: tuple(known) for place, known in self._positions.items()}


def _metric(lowered: Lowered, shared: _SharedState) -> Metric:
    rule = lowered.rule
    scope, function = narrowed(rule.scope, Scope), narrowed(rule.function, Function)
    parts = tuple(_part(draft, scope.grain, shared) for draft in lowered.drafts)
    decorator = rule.syntax.decorator
    return Metric(
        name=rule.syntax.name.text,
        scope=scope.name,
        grain=scope.grain,
        function=function,
        parameters=_parameters(rule, function),
        decorator=decorator.value if decorator is not None else None,
        parts=parts,
        text=rule_text(rule.syntax),
        file=rule.file,
        line=rule.syntax.name.span.line,
    )


def _part(draft: Draft, grain: str, shared: _SharedState) -> Part:
    table = draft.table.name
    primitives = shared.positions(grain, table, draft.primitives)
    stages = []
    for stage in draft.stages:
        # Only what two or more conditions on rows leave in between is state of its own; the rest is there already.
        (count,) = shared.positions(grain, table, [Primitive(Fold.COUNT, stage.where)]) if stage.where else (None,)
        stages.append(Stage(stage.text, stage.cell_where, count, stage.is_of_operation))
    return Part(table, draft.cell_where, primitives, tuple(stages))


def _parameters(rule: BoundRule, function: Function) -> tuple[int, ...]:
    given = dict(enumerate(rule.arguments))
    return tuple(
        parameter.default if parameter.default is not None and at not in given else narrowed(given[at], Number).value
        for at, parameter in enumerate(function.arguments)
        if parameter.takes is Takes.INTEGER
    )
