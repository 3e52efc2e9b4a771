"""Second pass: every path becomes an operand of the table."""

from dataclasses import replace

from oal.bind import BoundArgument, BoundCondition, BoundPath
from oal.catalog import Kind, Table
from oal.functions.narrowing import narrowed
from oal.lower.draft import Argument, Draft
from oal.lower.literals import literal_value
from oal.plan import Compare, Operand
from oal.syntax import Number, Truth


class _Unreachable(Exception):  # noqa: N818  (no error: the rule has no business with this table)
    """A path leads through a null object in every row of the table."""


def read_operands(draft: Draft) -> Draft | None:
    """Bind filters, value and arguments to columns; a path without binding leaves no row of the table.

    That holds for arguments too: a row whose argument cannot be read is skipped for this metric (spec oal 2.3).
    """
    rule, table = draft.rule, draft.table
    try:
        return replace(
            draft,
            filters=tuple(compare_on(condition, table) for condition in rule.filters),
            value=operand_on(rule.value, table) if _reads_value(draft) and rule.value is not None else None,
            arguments=(*(_argument(argument, table) for argument in rule.arguments), *_defaults(draft)),
        )
    except _Unreachable:
        return None


def _reads_value(draft: Draft) -> bool:
    return draft.rule.function is not None and draft.rule.function.needs_value


def _defaults(draft: Draft) -> tuple[int, ...]:
    declared = draft.rule.function.arguments if draft.rule.function is not None else ()
    left_out = declared[len(draft.rule.arguments) :]
    return tuple(parameter.default for parameter in left_out if parameter.default is not None)


def _argument(argument: BoundArgument, table: Table) -> Argument:
    if isinstance(argument, BoundCondition):
        return compare_on(argument, table)
    if isinstance(argument, BoundPath):
        return operand_on(argument, table)
    return argument.value if isinstance(argument, Truth) else narrowed(argument, Number).value


def compare_on(condition: BoundCondition, table: Table) -> Compare:
    """A condition over the columns of a table, which must be able to hold it."""
    literal = literal_value(condition.syntax.literal)
    return Compare(operand_on(condition.path, table), condition.syntax.operator, literal)


def operand_on(path: BoundPath, table: Table) -> Operand:
    """Where a path's value lies in a table, which must bind it."""
    binding = table.bindings.get(path.syntax.dotted)
    if binding is None:
        raise _Unreachable
    kind = path.attribute.kind if path.attribute is not None else Kind.OBJECT
    return Operand(binding, kind, path.key, bool(path.syntax.cast))
