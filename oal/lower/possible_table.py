"""First pass: tables of which no row can meet the filters are left at once. Of six tables one stays for most rules."""

from oal.bind import BoundCondition
from oal.catalog import Constant, Table
from oal.lower.draft import Draft
from oal.lower.literals import literal_value
from oal.matching import matches


def possible_table(draft: Draft) -> Draft | None:
    """None when a filter never holds in the table."""
    table = draft.table
    return draft if all(can_hold(condition, table) for condition in draft.rule.filters) else None


def can_hold(condition: BoundCondition, table: Table) -> bool:
    """Whether some row of the table may meet a condition. A path without a binding is null behind null: none does."""
    binding = table.bindings.get(condition.path.syntax.dotted)
    if binding is None:
        return False
    if not isinstance(binding, Constant) or condition.path.syntax.cast:
        return True
    return matches(binding.value, condition.syntax.operator, literal_value(condition.syntax.literal))
