"""What must be seen of a pipeline to explain a number."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

from oal.plan import Plan
from oap.accounting import Accounts
from oap.why.history import History
from oap.why.sampling import Sampler
from oap.why.traced_row import Numbering
from oap.window.late_rows import LateRows
from oap.window.window import CellSource, Window

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Workings:
    """The parts of a pipeline, to be read by the thread that folds.

    ``plan`` are the newest rules, ``windows`` the open minute windows by minute index, ``cells`` the sources of both
    grains.
    """

    plan: Plan
    windows: Mapping[int, Window]
    cells: Mapping[str, CellSource]
    numbering: Numbering
    accounts: Accounts
    late: LateRows
    history: History
    sampler: Sampler


class Explained(Protocol):
    """A pipeline that can be explained."""

    @property
    def workings(self) -> Workings:
        """Its parts, as they are now."""


class Ask(Protocol):
    """Has the thread that folds answer a question between two blocks."""

    def __call__(self, question: Callable[[Explained], Answer], /) -> "Future[Answer]":
        """The answer, some time later."""
