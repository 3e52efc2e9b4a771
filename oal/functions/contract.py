"""What an aggregation function is: data, with pure arithmetic on columns (spec oal 3).

The data needs no numpy, so that rules are checked without waiting for it; the arithmetic is in ``kernels`` and loads
when something is computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from oal.functions.kernels.kernel import Kernel
    from oal.plan import Operand, Predicate, Primitive


@dataclass(frozen=True, slots=True)
class Tables:
    """One table (key -> int64) per record, in compressed rows.

    Record i holds ``keys[offsets[i]:offsets[i + 1]]`` with as many ``values``. Keys are int64: ascending numbers of a
    TALLY, or, when ``labels`` is given, indices into it (in order of arrival within a record).
    """

    offsets: "npt.NDArray[np.int64]"
    keys: "npt.NDArray[np.int64]"
    values: "npt.NDArray[np.int64]"
    labels: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1


Numbers: TypeAlias = "npt.NDArray[np.int64] | npt.NDArray[np.float64]"
Column: TypeAlias = "npt.NDArray[np.int64] | npt.NDArray[np.float64] | Tables"


class Store(StrEnum):
    """Logical type of a stored column (spec storage 1.3)."""

    LONG = "long"
    INT = "int"
    DOUBLE = "double"
    TABLE = "table"


class Merge(StrEnum):
    """How two states of one record become one. FIRST keeps the earlier value; NONE: recomputed by finish."""

    ADD = "add"
    MAX = "max"
    MIN = "min"
    FIRST = "first"
    NONE = "none"


class ValueKind(StrEnum):
    """What the query side sees (spec query 1.5 MetricsType)."""

    REGULAR_VALUE = "REGULAR_VALUE"
    LABELED_VALUE = "LABELED_VALUE"
    HEATMAP = "HEATMAP"


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A column of the stored record, in declared order, under its storage name."""

    name: str
    store: Store
    merge: Merge


class Takes(StrEnum):
    """What an argument has to be."""

    CONDITION = "a condition"
    INTEGER = "an integer from 1"
    STRING_PATH = "a string attribute"
    NUMERIC_PATH = "a numeric attribute"
    BOOL = "a bool attribute, true or false"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter. One with a ``default`` (integers only) may be left out; those come last."""

    name: str
    takes: Takes
    default: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function call after binding: what ``primitives`` needs to say which state it wants.

    ``arguments`` holds, per declared parameter, an int (precision, step ...), an Operand (path), a Compare or bool
    (condition).
    """

    value: "Operand | None"
    where: "tuple[Predicate, ...]"
    arguments: "tuple[int | bool | Operand | Predicate, ...]"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A function in words, for people.

    ``{value}`` stands for the aggregated attribute, ``{unit}`` for its unit, other names in braces for arguments.
    ``longer`` says what the records of hours and days hold.
    """

    formula: str = ""
    unit: str = ""
    longer: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """One aggregation function.

    ``primitives(call)`` names the shared state it wants, the row count first. ``arguments`` declares what a call
    takes; the integers among them, defaults filled in, are the ``parameters``. ``labels_limited``: the last parameter
    is the number of labels a record may hold, and every merge drops those beyond it.
    """

    name: str
    needs_value: bool
    signature: str
    columns: tuple[StateColumn, ...]
    value_column: str
    value_kind: ValueKind
    primitives: Callable[[Call], "tuple[Primitive, ...]"]
    arguments: tuple[Parameter, ...] = ()
    labels_limited: bool = False
    deprecated: str = ""
    meaning: Meaning = Meaning()

    def assemble(self, columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
        """The state columns that folded primitives, in the order of ``primitives``, make; vectorised over records."""
        return _kernel(self.name).assemble(columns, parameters)

    def finish(self, state: Mapping[str, Column], minutes: int, parameters: tuple[int, ...]) -> Mapping[str, Column]:
        """All columns of the records, value column included, for a bucket of so many minutes (1, 60, 1440).

        The same result for a merged state whatever the order of merging was; vectorised over records.
        """
        return _kernel(self.name).finish(state, minutes, parameters)


def _kernel(name: str) -> "Kernel":
    from oal.functions.kernels.registry import KERNELS  # noqa: PLC0415  (the one place where numpy comes in)

    return KERNELS[name]
