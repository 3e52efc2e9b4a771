"""Logs as samples: for a rule that somebody asks about, a few that passed and a few that its last filter refused.

Off unless switched on, for one metric and for some minutes. A pipeline asks ``if sampler`` once per batch, no more.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.plan import Metric, Part, Plan
from oap.why.error import TooManySamples, metric_of
from oap.why.traced_row import Numbering, PlacedBatch, PlacedTable, RowReader, placed_table
from oap.window.state import FoldInput
from oap.window.window import CellSource, TableKey

HELD: Final = 5
AT_ONCE: Final = 8
_REMEMBERED: Final = 32

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Samples:
    """Logs as texts. ``refused`` are those that came furthest of all that did not pass, ``refused_by`` is the filter
    that they met there; ``until_s`` (epoch seconds, 0: never was on) is when sampling ends or ended."""

    is_on: bool = False
    until_s: float = 0.0
    passed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    refused_by: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether no more passing logs will be taken in."""
        return len(self.passed) == HELD


@dataclass(slots=True)
class _Sampled:
    """One metric that is, or was, sampled."""

    metric: Metric
    reader: RowReader
    until_s: float
    passed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stage: int = -1
    refused_by: str | None = None

    def is_full(self, part: Part) -> bool:
        """Whether no log of the part can be taken in any more."""
        refusing = [number for number, stage in enumerate(part.stages) if not stage.is_of_operation]
        last = max(refusing, default=-1)
        return len(self.passed) == HELD and (last < 0 or (self.stage >= last and len(self.refused) == HELD))

    def pass_on(self, table: Callable[[], PlacedTable], rows: Mask) -> None:
        self.passed += self._texts(table, rows, HELD - len(self.passed), is_counted=True)

    def refuse(self, table: Callable[[], PlacedTable], rows: Mask, stage: int, text: str) -> None:
        if stage < self.stage or not rows.any():
            return
        if stage > self.stage:
            self.stage, self.refused_by = stage, text
            self.refused.clear()
        self.refused += self._texts(table, rows, HELD - len(self.refused), is_counted=False)

    def _texts(self, table: Callable[[], PlacedTable], rows: Mask, room: int, *, is_counted: bool) -> list[str]:
        chosen = np.flatnonzero(rows)[:room].tolist() if room else []
        return [self.reader.read(table(), row, "", is_counted=is_counted).text for row in chosen]


class Sampler:
    """Holds samples of metrics. True while some metric is sampled; to be used by the thread that folds."""

    def __init__(self, numbering: Numbering, cells: Mapping[str, CellSource]) -> None:
        self._numbering = numbering
        self._cells = cells
        self._on: dict[str, _Sampled] = {}
        self._ended: OrderedDict[str, _Sampled] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._on)

    def switch_on(self, plan: Plan, name: str, now_s: float, minutes: float = 10) -> None:
        """Sample a metric anew for so many minutes. Raises UnknownMetric, and TooManySamples, which ask for time."""
        metric = metric_of(plan, name)
        self._end(now_s)
        if name not in self._on and len(self._on) >= AT_ONCE:
            raise TooManySamples(sorted(self._on))
        self._ended.pop(name, None)
        self._on[name] = _Sampled(metric, RowReader(metric, self._numbering), now_s + 60 * minutes)

    def switch_off(self, name: str) -> bool:
        """End sampling of a metric, what is held stays; false when it was not on."""
        sampled = self._on.pop(name, None)
        if sampled is None:
            return False
        self._ended[name] = sampled
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        return True

    def samples(self, name: str, now_s: float) -> Samples:
        """What is held of a metric."""
        sampled = self._on.get(name) or self._ended.get(name)
        if sampled is None:
            return Samples()
        is_on = name in self._on and now_s < sampled.until_s
        return Samples(is_on, sampled.until_s, tuple(sampled.passed), tuple(sampled.refused), sampled.refused_by)

    def look(
        self,
        plan: Plan,
        inputs: Mapping[TableKey, FoldInput],
        minutes: Sequence[int],
        placed: PlacedBatch,
        now_s: float,
    ) -> None:
        """Take samples from the rows of these minutes, which are folded by this plan. Ends what is over."""
        self._end(now_s)
        for name, sampled in list(self._on.items()):
            metric = next((metric for metric in plan.metrics if metric.name == name), None)
            if metric is None or metric.text != sampled.metric.text:
                continue  # the rows of another generation of rules
            for part in metric.parts:
                given = inputs.get((metric.grain, part.table))
                if given is not None:
                    self._look_at(plan, sampled, part, given, minutes, placed)

    def _look_at(
        self,
        plan: Plan,
        sampled: _Sampled,
        part: Part,
        given: FoldInput,
        minutes: Sequence[int],
        placed: PlacedBatch,
    ) -> None:
        if sampled.is_full(part):
            return
        rows, grain = given.rows, sampled.metric.grain
        source = self._cells[grain]
        left = (rows.cell >= 0) & np.isin(rows.minute, minutes)
        if not left.any():
            return
        left &= source.entity_of[sampled.metric.scope]()[rows.cell] >= 0
        table = cache(partial(placed_table, part.table, rows, placed))
        primitives = plan.primitives[grain, part.table]
        for number, stage in enumerate(part.stages):
            met = source.facts.masks(stage.cell_where, given.cells)[rows.cell]
            if stage.count is not None:
                met &= given.conditions.all(primitives[stage.count].where)
            sampled.refuse(table, left & ~met, number, stage.text)
            left &= met
        sampled.pass_on(table, left)

    def _end(self, now_s: float) -> None:
        for name in [name for name, sampled in self._on.items() if now_s >= sampled.until_s]:
            self.switch_off(name)
