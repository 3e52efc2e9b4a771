"""The compiled form of a rule set: values that can be printed, compared and executed by whoever holds the rows.

A plan has, for each (grain, table), the distinct *primitives* that all rules of that table share, and for each metric
how its state is assembled from them. Executing it means: fold rows into primitives by cell (a route, an endpoint),
add cells up to the entities of a scope, and let the metric's function finish the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from oal.catalog import CellColumn, Constant, Kind, RowColumn
from oal.functions.contract import Function


@dataclass(frozen=True, slots=True)
class Operand:
    """A value read from a row or its cell; ``key`` picks an entry of a MAP, ``cast`` parses text to an integer.

    A constant (never null) occurs as a label, as an apdex name and in ``NEVER``; other conditions on constants are
    decided when compiling.
    """

    column: RowColumn | CellColumn | Constant
    kind: Kind
    key: str | None = None
    cast: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """One condition. ``operator`` is ``== != > < >= <= like contain``, ``not contain`` or ``in`` (literal: a tuple).

    Null semantics are those of spec oal 2.3; an enum constant is its bare name as text.
    """

    operand: Operand
    operator: str
    literal: int | bool | str | tuple[int, ...] | tuple[str, ...] | None


NEVER = Compare(Operand(Constant(value=False), Kind.BOOL), "==", literal=True)
"""The condition that no row meets: what remains of ``percent(type == "read")`` in the table of writes."""


@dataclass(frozen=True, slots=True)
class HasValue:
    """The operand is not null and, after a cast, is an integer."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class ApdexTier:
    """The row counts as satisfied (v <= T) or tolerated (T < v <= 4T), status true in both (spec oal 3.2).

    T is the threshold of the text that ``name`` yields, in milliseconds.
    """

    satisfied: bool
    value: Operand
    name: Operand
    status: Compare | bool


Predicate = Compare | HasValue | ApdexTier


class Fold(StrEnum):
    """How a primitive takes in a row. All of them merge by the same rule (COUNT merges by adding)."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    MIN = "min"
    SUM_DOUBLE = "sum_double"
    MAX_DOUBLE = "max_double"
    MIN_DOUBLE = "min_double"
    TALLY = "tally"
    LABEL_COUNT = "label_count"
    LABEL_SUM = "label_sum"


@dataclass(frozen=True, slots=True)
class Primitive:
    """One shared piece of state: a number per cell, or a table (key -> int64) per cell for the last three folds.

    TALLY counts rows by ``value / step`` (truncating towards zero), at least ``low`` and at most ``high`` where
    given; its key is that quotient. LABEL_COUNT counts rows by the text of ``label``, LABEL_SUM adds up ``value`` by
    it; both keep the first ``limit`` labels of a record in order of arrival. MAX starts at 0, MIN at 2**63 - 1 (spec
    oal 3.1).
    """

    fold: Fold
    where: tuple[Predicate, ...] = ()
    value: Operand | None = None
    step: int = 1
    low: int | None = None
    high: int | None = None
    label: Operand | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Stage:
    """Which rows of a part's table are left after one more filter of the rule: a way to tell where rows vanish.

    They are the rows of the cells that meet ``cell_where``, as the primitive ``count`` counts them (None: all rows).
    ``is_of_operation``: the filter holds in every row of the table. ``text`` is the filter as written.
    """

    text: str
    cell_where: tuple[Compare, ...] = ()
    count: int | None = None
    is_of_operation: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """How one table contributes to a metric.

    ``cell_where`` decides which cells count at all (detect point, names, layer); ``primitives`` are indices into the
    table's primitives, in the order of the function's inputs. Index 0 is always the row count that says whether a
    record exists. ``stages`` follow the filters in the order of the rule's text, the last one counts what the part
    contributes; they say nothing about what the part means, so they do not make parts differ.
    """

    table: str
    cell_where: tuple[Compare, ...]
    primitives: tuple[int, ...]
    stages: tuple[Stage, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Metric:
    """One rule, compiled; ``file`` and ``line`` locate it, ``parameters`` are its integers (precision, step ...)."""

    name: str
    scope: str
    grain: str
    function: Function
    parameters: tuple[int, ...]
    decorator: str | None
    parts: tuple[Part, ...]
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All metrics in file order and the primitives of each (grain, table)."""

    metrics: tuple[Metric, ...]
    primitives: Mapping[tuple[str, str], tuple[Primitive, ...]]
    disabled: frozenset[str] = frozenset()
