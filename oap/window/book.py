"""The open windows: which exist, when they close, and what a hand-over takes from them (design 5).

A minute window stays open until it is settled and nothing came in since the last hand-over; it is then added to its
hour and its day, whose own windows hold the closed minutes only. The running total of an hour is that plus its open
minutes, so no row is ever added twice. A log that comes later opens its minute again: the store's record is merged in,
and hour and day get the difference by the same rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from oap.renumbering import Kept
from oap.timebucket import Precision
from oap.window.records import Handed, ScopeSource, ScopeState, changed_state
from oap.window.state import FoldInput
from oap.window.window import FoldPlan, TableKey, Window

LONGER = (Precision.HOUR, Precision.DAY)
DEFAULT_OPEN_WINDOWS = 15


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first minute (index) of rules that replaced others, and the metrics that mean what they do only since then.

    Minutes before it have no record of these metrics.
    """

    edge: int = 0
    begun: frozenset[str] = frozenset()


@dataclass(slots=True)
class OpenWindow:
    """A window with what was handed over of it. ``is_touched``: rows came in since then."""

    window: Window
    handed: dict[str, Handed] = field(default_factory=dict)
    is_touched: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """One hand-over: state per (bucket, scope), and the buckets whose windows closed with it."""

    states: Sequence[ScopeState]
    closed: Sequence[int]
    touched_minutes: Sequence[Window]


class WindowBook:
    """All open windows of one set of rules, by precision and first minute index.

    ``limit`` is how many minute windows, and how many longer ones, a hand-over leaves open.
    """

    def __init__(
        self,
        plan: FoldPlan,
        precisions: Sequence[Precision] = LONGER,
        limit: int = DEFAULT_OPEN_WINDOWS,
        beginning: Beginning | None = None,
    ) -> None:
        self.plan = plan
        self.beginning = beginning or Beginning()
        self._precisions = tuple(precisions)
        self._limit = limit
        self.minutes: dict[int, OpenWindow] = {}
        self.longer: dict[tuple[Precision, int], OpenWindow] = {}

    def __len__(self) -> int:
        return len(self.minutes) + len(self.longer)

    @property
    def touched_minutes(self) -> list[Window]:
        """Minutes that rows came in for since the last hand-over."""
        return [opened.window for opened in self.minutes.values() if opened.is_touched]

    @property
    def nbytes(self) -> int:
        """Bytes of state in all windows."""
        return sum(window.window.nbytes for window in (*self.minutes.values(), *self.longer.values()))

    def add(self, inputs: Mapping[TableKey, FoldInput], minutes: Iterable[int]) -> None:
        """Fold a batch's rows into the windows of these minutes."""
        for minute in minutes:
            opened = self.minutes.get(minute)
            if opened is None:
                opened = self.minutes[minute] = OpenWindow(Window(minute, Precision.MINUTE, self.plan))
            opened.window.add(inputs, minute)
            opened.is_touched = True
            for precision in self._precisions:
                self.opened_longer(precision, minute).is_touched = True

    def absorb(self, window: Window) -> None:
        """Take in a minute window whose rows arrived before those that this book has of its minute."""
        opened = self.minutes.get(window.minute)
        if opened is not None:
            window.merge(opened.window)
        self.minutes[window.minute] = OpenWindow(window, opened.handed if opened else {}, is_touched=True)
        for precision in self._precisions:
            self.opened_longer(precision, window.minute).is_touched = True

    def seen(self, grain: str, cells: int) -> npt.NDArray[np.bool_]:
        """bool[cells]: which cells of a grain have rows in any window."""
        result = np.zeros(cells, dtype=np.bool_)
        for opened in (*self.minutes.values(), *self.longer.values()):
            seen = opened.window.seen(grain)
            result[: len(seen)] |= seen
        return result

    def keep(self, cells: Mapping[str, Kept], entities: Mapping[str, Kept]) -> None:
        """Follow a renumbering of the cells by grain and the entities by scope; all that have rows stay."""
        for opened in (*self.minutes.values(), *self.longer.values()):
            opened.window.keep(cells)
            for scope, handed in opened.handed.items():
                handed.keep(entities[scope])

    def collect(self, sources: Sequence[ScopeSource], settled_minute: int, *, everything: bool = False) -> Collected:
        """Take what changed since the last time, and close what is settled: before ``settled_minute``, or everything.

        Where more windows are open than the limit allows, the oldest close too.
        """
        touched = self.touched_minutes
        states = self.minute_states(sources)
        for (precision, first), opened in self.longer.items():
            if opened.is_touched:
                states += changed(self.total(precision, first), opened, sources)
        closed = self.close_minutes(settled_minute, 0 if everything else self._limit)
        return Collected(states, [*closed, *self.close_longer(settled_minute, everything=everything)], touched)

    def minute_states(self, sources: Sequence[ScopeSource]) -> list[ScopeState]:
        """What changed in the minutes since the last time."""
        earlier = [source.without(self.beginning.begun) for source in sources]
        states = []
        for minute, opened in self.minutes.items():
            if opened.is_touched:
                states += changed(opened.window, opened, sources if minute >= self.beginning.edge else earlier)
        return states

    def total(self, precision: Precision, first: int) -> Window:
        """An hour or day: its closed minutes plus the open ones."""
        total = self.opened_longer(precision, first).window.copy()
        for minute in sorted(self.minutes):
            if first <= minute < first + precision.minutes:
                total.merge(self.minutes[minute].window)
        return total

    def close_minutes(self, settled_minute: int, room: int) -> list[int]:
        """Close minutes that are settled and untouched, and the oldest where more are open than there is room for."""
        closed = []
        for minute in sorted(self.minutes):
            opened = self.minutes[minute]
            was_touched, opened.is_touched = opened.is_touched, False
            is_settled = minute < settled_minute and not was_touched
            if is_settled or len(self.minutes) > room:
                for precision in self._precisions:
                    self.opened_longer(precision, minute).window.merge(opened.window)
                del self.minutes[minute]
                closed.append(opened.window.bucket)
        return closed

    def close_longer(self, settled_minute: int, *, everything: bool) -> list[int]:
        """Close hours and days without open minutes: those settled and untouched, the oldest of too many, or all."""
        closed = []
        for (precision, first), opened in sorted(self.longer.items(), key=_end):
            was_touched, opened.is_touched = opened.is_touched, False
            is_settled = first + precision.minutes <= settled_minute and not was_touched
            has_open_minutes = any(first <= minute < first + precision.minutes for minute in self.minutes)
            if not has_open_minutes and (everything or is_settled or len(self.longer) > self._limit):
                del self.longer[precision, first]
                closed.append(opened.window.bucket)
        return closed

    def opened_longer(self, precision: Precision, minute: int) -> OpenWindow:
        """The hour or day that a minute is in, opened if need be."""
        first = minute - minute % precision.minutes
        opened = self.longer.get((precision, first))
        if opened is None:
            opened = self.longer[precision, first] = OpenWindow(Window(first, precision, self.plan))
        return opened


def _end(opened: tuple[tuple[Precision, int], OpenWindow]) -> int:
    """The minute that follows a longer window: days stay open longer than the hours that they hold."""
    (precision, first), _ = opened
    return first + precision.minutes


def changed(window: Window, opened: OpenWindow, sources: Sequence[ScopeSource]) -> list[ScopeState]:
    """State of what took in rows since it was last handed over, by scope; ``window`` has all rows of the bucket."""
    found = []
    for source in sources:
        state = changed_state(window, source, opened.handed.setdefault(source.name, Handed()))
        if state is not None:
            found.append(state)
    return found
