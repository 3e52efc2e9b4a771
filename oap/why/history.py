"""Stage counts of the last minutes, of all rules, kept when their windows are gone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.plan import Metric, Plan
from oap.timebucket import Precision, minute_of, precision_of
from oap.why.counting import Counting
from oap.why.stages import StageCounts, Stages, stage_counts, stages_of
from oap.window.window import CellSource, Window

KEPT_MINUTES: Final = 60


class PlanStages:
    """The stages of all metrics of a plan, and one counting for them all."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._metrics = {metric.name: (metric, stages_of(plan, metric)) for metric in plan.metrics}
        self.counting = Counting([counter for _, stages in self._metrics.values() for counter in stages.counters])

    def stages(self, metric: Metric) -> Stages | None:
        """The stages of a metric, None when the plan knows none of this name or one that is written otherwise."""
        known, stages = self._metrics.get(metric.name, (None, None))
        return stages if known is not None and known.text == metric.text else None


@dataclass(slots=True)
class _Minute:
    """Counts of one minute: of windows that closed, by plan, and of the one that is open."""

    closed: list[tuple[PlanStages, npt.NDArray[np.int64]]]
    open: tuple[PlanStages, npt.NDArray[np.int64]] | None = None

    def close(self) -> None:
        if self.open is None:
            return
        stages, counts = self.open
        self.open = None
        total = next((total for known, total in self.closed if known is stages), None)
        if total is None:
            self.closed.append((stages, counts))
        else:
            total += counts


class History:
    """Counts of the newest ``KEPT_MINUTES`` minutes that have rows, one small array for each."""

    def __init__(self) -> None:
        self._minutes: dict[int, _Minute] = {}
        self._plans: list[PlanStages] = []

    @property
    def minutes(self) -> list[int]:
        """Indices of the minutes with windows that closed, ascending."""
        return sorted(index for index, minute in self._minutes.items() if minute.closed)

    def take(self, window: Window, cells: Mapping[str, CellSource]) -> None:
        """Note the counts of a minute window that stays open or is about to close, in place of its earlier ones."""
        stages = self._stages(window.plan.plan)
        minute = self._minutes.setdefault(window.minute, _Minute([]))
        minute.open = (stages, stages.counting.read(window, cells))
        for index in sorted(self._minutes)[:-KEPT_MINUTES]:
            del self._minutes[index]

    def close(self, buckets: Iterable[int]) -> None:
        """The windows of these buckets closed; what comes later for their minutes comes on top."""
        for bucket in buckets:
            if precision_of(bucket) is Precision.MINUTE and (minute := self._minutes.get(minute_of(bucket))):
                minute.close()

    def closed(self, index: int, metric: Metric) -> StageCounts | None:
        """What windows of a minute that closed had of a metric; None without any that knew it as it is now."""
        minute = self._minutes.get(index)
        found: StageCounts | None = None
        for known, counts in minute.closed if minute is not None else ():
            if (stages := known.stages(metric)) is not None:
                own = stage_counts(stages, known.counting, counts)
                found = own if found is None else found + own
        return found

    def _stages(self, plan: Plan) -> PlanStages:
        for known in self._plans:
            if known.plan is plan:
                return known
        # Two plans run at a time when rules were changed.
        self._plans = [*self._plans[-1:], PlanStages(plan)]
        return self._plans[-1]
