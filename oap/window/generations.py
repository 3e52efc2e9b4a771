"""Rules that replaced others: which rows belong to which, and how they share hours and days (spec oal 8).

From its edge minute on, every row belongs to the newer rules; minutes before stay with the rules they began with until
nothing more comes for them. An hour that the edge divides is the sum of both for each metric that means the same in
both; a metric that was added or changed starts with the edge, one that was removed ends with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from oap.renumbering import Kept
from oap.timebucket import Precision
from oap.window.book import Collected, WindowBook, changed
from oap.window.records import Earlier, Handed, ScopeSource, ScopeState, changed_state
from oap.window.window import CellSource, FoldPlan

_QUIET_COLLECTS: Final = (
    3  # hand-overs without a row for the older rules, after which they end though time stands still
)


@dataclass(frozen=True, slots=True)
class Generation:
    """Rules, where their values come from, and their windows."""

    cells: Mapping[str, CellSource]
    sources: Sequence[ScopeSource]
    book: WindowBook
    threshold: Callable[[str], int]

    @property
    def plan(self) -> FoldPlan:
        """The rules, ready to run."""
        return self.book.plan

    @property
    def edge(self) -> int:
        """Index of the first minute that belongs to these rules."""
        return self.book.beginning.edge


class Generations:
    """The rules that run, and those they replaced as long as these have open windows.

    ``limit`` bounds the minutes that may be open in all.
    """

    def __init__(self, first: Generation, limit: int) -> None:
        self.newest = first
        self._older: Generation | None = None
        self._limit = limit
        self._newest_minute = -1
        self._quiet = 0
        self._is_hurried = False
        self._is_shown = True

    def __iter__(self) -> Iterator[Generation]:
        if self._older is not None:
            yield self._older
        yield self.newest

    @property
    def can_begin(self) -> bool:
        """Whether other rules can follow: not while two sets both have rows."""
        return self._older is None or not self._newest_has_rows

    @property
    def predecessor(self) -> Generation:
        """The rules that others would follow."""
        return self.newest if self._older is None or self._newest_has_rows else self._older

    @property
    def next_edge(self) -> int:
        """The first minute that no row has come for, with which other rules can begin."""
        return self._newest_minute + 1

    @property
    def wants_hand_over(self) -> bool:
        """Whether a hand-over now would let rules begin that wait."""
        return self._is_hurried and not self.can_begin

    @property
    def has_news(self) -> bool:
        """Whether rules have begun of which nothing was handed over yet."""
        return not self._is_shown and self._newest_has_rows

    @property
    def open_minutes(self) -> int:
        """How many minute windows are open."""
        return sum(len(generation.book.minutes) for generation in self)

    @property
    def needs_hand_over(self) -> bool:
        """Whether more minutes are open than there should be: old data comes in faster than hand-overs close it."""
        return self.open_minutes > self._limit

    @property
    def nbytes(self) -> int:
        """Bytes of state in all windows."""
        return sum(generation.book.nbytes for generation in self)

    @property
    def changed_nbytes(self) -> int:
        """Bytes of state in the minutes that rows came in for since the last hand-over."""
        return sum(window.nbytes for generation in self for window in generation.book.touched_minutes)

    def begin(self, generation: Generation) -> None:
        """Let these rules, which begin at ``next_edge``, follow the predecessor. ``can_begin`` before."""
        before = self.predecessor
        # Rows may still come for minutes that have closed, unless none ever came.
        self._older = before if self._newest_minute >= 0 else None
        self.newest = generation
        self._quiet = 0
        self._is_hurried = self._is_shown = False

    def hurry(self) -> None:
        """End the older rules with the next hand-over; rows that come for their minutes later are the newer ones'."""
        self._is_hurried = True

    def of(self, minutes: Iterable[int]) -> Iterator[tuple[Generation, Sequence[int]]]:
        """The rules that rows of these minutes (at least one) are folded by, each with its minutes."""
        wanted = list(minutes)
        self._newest_minute = max(self._newest_minute, *wanted)
        older = [minute for minute in wanted if minute < self.newest.edge] if self._older is not None else []
        if self._older is not None and older:
            yield self._older, older
            wanted = [minute for minute in wanted if minute >= self.newest.edge]
        if wanted:
            yield self.newest, wanted

    def seen(self, grain: str, cells: int) -> npt.NDArray[np.bool_]:
        """bool[cells]: which cells of a grain have rows in any window."""
        result = np.zeros(cells, dtype=np.bool_)
        for generation in self:
            result |= generation.book.seen(grain, cells)
        return result

    def keep(self, cells: Mapping[str, Kept], entities: Mapping[str, Kept]) -> None:
        """Follow a renumbering of the cells by grain and the entities by scope; all that have rows stay."""
        for generation in self:
            generation.book.keep(cells, entities)
            for source in generation.cells.values():
                source.facts.forget()

    def collect(self, settled_minute: int, *, everything: bool = False) -> Collected:
        """Take what changed since the last time, and close what is settled: before ``settled_minute``, or everything."""
        older = self._older
        self._is_shown = self._is_shown or self._newest_has_rows
        if older is None:
            return self.newest.book.collect(self.newest.sources, settled_minute, everything=everything)
        is_over = everything or self._is_over(older, settled_minute)
        touched = [window for generation in self for window in generation.book.touched_minutes]
        states = [state for generation in self for state in generation.book.minute_states(generation.sources)]
        states += self._longer_states(older)
        if is_over:
            # All windows close, as at a restart: what is stored of the divided hour is whole, and is merged from now on.
            self._older = None
            return Collected(states, _closed([older, self.newest]), touched)
        excess = max(0, self.open_minutes - self._limit)
        closed = []
        for generation in self:
            closing = min(excess, len(generation.book.minutes))
            excess -= closing
            closed += generation.book.close_minutes(settled_minute, len(generation.book.minutes) - closing)
        return Collected(states, closed, touched)

    @property
    def _newest_has_rows(self) -> bool:
        return self._newest_minute >= self.newest.edge

    def _is_over(self, older: Generation, settled_minute: int) -> bool:
        """Whether the older rules end: nothing comes for them any more, or others wait."""
        self._quiet = 0 if older.book.touched_minutes else self._quiet + 1
        enough = 1 if self.newest.edge <= settled_minute else _QUIET_COLLECTS
        return self._newest_has_rows and (self._is_hurried or self._quiet >= enough)

    def _longer_states(self, older: Generation) -> list[ScopeState]:
        """What changed in the hours and days of both."""
        states: list[ScopeState] = []
        touched: dict[tuple[Precision, int], None] = {}
        for generation in self:
            for key, opened in generation.book.longer.items():
                if opened.is_touched:
                    touched[key] = None
                    opened.is_touched = False
        for precision, first in touched:
            if first >= self.newest.edge:
                states += _states_of(self.newest, precision, first)
            elif first + precision.minutes <= self.newest.edge:
                states += _states_of(older, precision, first)
            else:
                states += self._divided_states(older, precision, first)
        return states

    def _divided_states(self, older: Generation, precision: Precision, first: int) -> Iterator[ScopeState]:
        """What changed in an hour or day that the edge divides."""
        book, begun = self.newest.book, self.newest.book.beginning.begun
        then, now = older.book.total(precision, first), book.total(precision, first)
        opened = book.opened_longer(precision, first)
        before = older.book.opened_longer(precision, first).handed
        for source, was in zip(self.newest.sources, older.sources, strict=True):
            if source.name not in opened.handed:
                # What the older rules handed over needs no second time.
                presence = before.get(source.name, Handed()).presence.items()
                opened.handed[source.name] = Handed({name: rows for name, rows in presence if name not in begun})
            state = changed_state(now, source, opened.handed[source.name], Earlier(then, was, begun))
            if state is not None:
                yield state


def _states_of(generation: Generation, precision: Precision, first: int) -> list[ScopeState]:
    book = generation.book
    return changed(book.total(precision, first), book.opened_longer(precision, first), generation.sources)


def _closed(generations: Iterable[Generation]) -> list[int]:
    buckets: set[int] = set()
    for generation in generations:
        buckets.update(generation.book.close_minutes(0, 0))
        buckets.update(generation.book.close_longer(0, everything=True))
    return sorted(buckets)
