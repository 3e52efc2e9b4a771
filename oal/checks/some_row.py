"""W305: some row can reach the metric."""

from collections.abc import Iterable, Iterator, Sequence

from oal.bind import BoundCondition, BoundPath, BoundRule
from oal.catalog import Constant, Scope, Table
from oal.diagnostic import Diagnostic, Severity
from oal.functions.narrowing import narrowed
from oal.lower.lowering import Lowered
from oal.lower.possible_table import can_hold
from oal.nearest import suggestion
from oal.span import Span
from oal.syntax import Text


def some_row(lowered: Lowered) -> Diagnostic | None:
    """The finding that a rule without errors never has a record, with the part of it that rules out the last rows."""
    if lowered.drafts:
        return None
    rule = lowered.rule
    message, span, hint = _cause(rule, narrowed(rule.scope, Scope).tables)
    return Diagnostic("W305", f"no row ever reaches this metric: {message}", rule.file, span, hint, Severity.WARNING)


def _cause(rule: BoundRule, tables: Sequence[Table]) -> tuple[str, Span, str]:
    left = list(tables)
    for condition in rule.filters:
        holding = [table for table in left if can_hold(condition, table)]
        if not holding:
            return _never_holds(condition, tables, left)
        left = holding
    for path, may_be_null in _read_paths(rule):
        reading = [table for table in left if _has_value(path, table, may_be_null=may_be_null)]
        if not reading:
            name = path.syntax.dotted
            there = _names(table for table in tables if _has_value(path, table, may_be_null=may_be_null))
            if not there:
                return f"'{name}' is always null", path.syntax.span, "take another attribute"
            message = f"'{name}' has a value for {there} only, the filters leave {_names(left)}"
            return message, path.syntax.span, f"filter for {there}, or take an attribute of {_names(left)}"
        left = reading
    return "nothing is left", rule.syntax.name.span, ""


def _read_paths(rule: BoundRule) -> Iterator[tuple[BoundPath, bool]]:
    """Value and arguments, each with whether it may be null: a condition has an answer for that."""
    if rule.value is not None and rule.function is not None and rule.function.needs_value:
        yield rule.value, False
    for argument in rule.arguments:
        if isinstance(argument, BoundPath):
            yield argument, False
        elif isinstance(argument, BoundCondition):
            yield argument.path, True


def _never_holds(condition: BoundCondition, tables: Sequence[Table], left: Sequence[Table]) -> tuple[str, Span, str]:
    written = condition.syntax
    values = sorted({value for table in tables if isinstance(value := _constant(condition.path, table), str)})
    alone = [table for table in tables if can_hold(condition, table)]
    if alone:
        message = f"this holds for {_names(alone)} only, the filters before leave {_names(left)}"
        return message, written.span, "one operation per rule"
    known = f"('{written.path.dotted}' is one of {', '.join(values)})" if values else ""
    near = suggestion(written.literal.value, values) if isinstance(written.literal, Text) else ""
    return "this condition never holds", written.span, f"{near}  {known}".strip()


def _constant(path: BoundPath, table: Table) -> object:
    binding = table.bindings.get(path.syntax.dotted)
    return binding.value if isinstance(binding, Constant) else None


def _has_value(path: BoundPath, table: Table, *, may_be_null: bool) -> bool:
    binding = table.bindings.get(path.syntax.dotted)
    return binding is not None and (may_be_null or binding != Constant(None))


def _names(tables: Iterable[Table]) -> str:
    names = [table.name for table in tables]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{listed} rows" if listed else ""
