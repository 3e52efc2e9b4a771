"""One time bucket's state: all tables of a plan (design 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oal.plan import Plan
from oap.renumbering import Kept
from oap.timebucket import Precision, bucket_of
from oap.window.conditions import CellFacts
from oap.window.state import FoldInput, TableFold, TableState

TableKey = tuple[str, str]
"""(grain, table)."""


class CellSource:
    """Cells of one grain: how many there are, their column values, and the entities of each scope that they add up to.

    ``entity_of`` maps a scope to a function returning int32[cells] (-1: no entity). ``facts`` remembers decisions about
    cells.
    """

    def __init__(
        self,
        count: Callable[[], int],
        value: Callable[[str, int], object],
        entity_of: Mapping[str, Callable[[], npt.NDArray[np.int32]]],
        facts: CellFacts,
    ) -> None:
        self.count = count
        self.value = value
        self.entity_of = entity_of
        self.facts = facts

    def with_thresholds(self, threshold: Callable[[str], int]) -> "CellSource":
        """The same cells with other Apdex thresholds."""
        return CellSource(self.count, self.value, self.entity_of, self.facts.with_thresholds(threshold))


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """A plan made ready to run: its tables arranged for folding."""

    plan: Plan
    tables: Mapping[TableKey, TableFold]


def fold_plan(plan: Plan) -> FoldPlan:
    """Arrange a plan's tables for folding."""
    return FoldPlan(plan, {key: TableFold(primitives) for key, primitives in plan.primitives.items()})


class Window:
    """State of one bucket. ``minute`` is the local minute index at which the bucket begins."""

    def __init__(self, minute: int, precision: Precision, plan: FoldPlan) -> None:
        self.minute = minute
        self.precision = precision
        self.plan = plan
        self.tables = {key: TableState(fold) for key, fold in plan.tables.items()}

    @property
    def bucket(self) -> int:
        """The bucket's calendar integer."""
        return bucket_of(self.minute, self.precision)

    @property
    def nbytes(self) -> int:
        """Bytes of state."""
        return sum(table.nbytes for table in self.tables.values())

    def seen(self, grain: str) -> npt.NDArray[np.bool_]:
        """bool[cells]: which cells of a grain have rows in any table; as long as the last of them requires."""
        counts = [state.counts for (own, _), state in self.tables.items() if own == grain]
        result = np.zeros(max(map(len, counts), default=0), dtype=np.bool_)
        for count in counts:
            result[: len(count)] |= count > 0
        return result

    def keep(self, cells: Mapping[str, Kept]) -> None:
        """Follow a renumbering of the cells of each grain; all that have rows stay."""
        for (grain, _), table in self.tables.items():
            table.keep(cells[grain])

    def add(self, inputs: Mapping[TableKey, FoldInput], minute: int) -> int:
        """Fold a batch's rows of one minute; return how many of them there were over all tables."""
        return sum(self.tables[key].add(given, minute) for key, given in inputs.items())

    def merge(self, other: "Window") -> None:
        """Take in another window's state."""
        for key, table in other.tables.items():
            self.tables[key].merge(table)

    def copy(self) -> "Window":
        """An independent window with equal state."""
        result = Window(self.minute, self.precision, self.plan)
        result.merge(self)
        return result
