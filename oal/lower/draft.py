"""What lowering works on: one rule, as far as one table of its scope is concerned."""

from collections.abc import Callable
from dataclasses import dataclass

from oal.bind import BoundRule
from oal.catalog import Table
from oal.plan import Compare, Operand, Predicate, Primitive

Argument = int | bool | Operand | Predicate


@dataclass(frozen=True, slots=True)
class DraftStage:
    """A stage of a part, its count not yet among the shared primitives: rows that meet all of ``where``."""

    text: str
    cell_where: tuple[Compare, ...]
    where: tuple[Predicate, ...]
    is_of_operation: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule on its way to a part of a metric.

    ``filters`` are not yet dealt with; they become ``cell_where`` (decided by identity) or ``where`` (decided by row).
    """

    rule: BoundRule
    table: Table
    filters: tuple[Compare, ...] = ()
    cell_where: tuple[Compare, ...] = ()
    where: tuple[Predicate, ...] = ()
    value: Operand | None = None
    arguments: tuple[Argument, ...] = ()
    primitives: tuple[Primitive, ...] = ()
    stages: tuple[DraftStage, ...] = ()


Pass = Callable[[Draft], Draft | None]
"""One step of lowering; None says that no row of the table can contribute to the metric."""
