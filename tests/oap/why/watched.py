"""A pipeline whose numbers are explained, and calls through it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from oal.plan import Plan
from oap.entity.apdex import ApdexThresholds
from oap.entity.connections import Attribution
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.receiver.block import Block
from oap.receiver.decode.batch import LogBatch
from oap.why.answer import Why, why
from oap.why.history import History
from oap.why.sampling import Sampler
from oap.why.traced_row import Numbering, PlacedBatch
from oap.why.workings import Explained, Workings
from oap.window.generations import Generation
from oap.window.placement import Placement, TimeBounds
from oap.window.records import Pending
from oap.window.state import FoldInput
from oap.window.window import TableKey
from tests.oap.window.calls import BOOT_S, Call, block_of
from tests.oap.window.pipeline_rig import NoAddresses, plan_of

Answer = TypeVar("Answer")


class WatchedPipeline(Pipeline):
    """A pipeline that shows its workings."""

    def __init__(self, plan: Plan) -> None:
        settings = PipelineSettings(TimeBounds(UTC))
        thresholds = ApdexThresholds({}).lookup
        super().__init__(plan, k8s_catalog(), NoAddresses(), EndpointNames(), thresholds, settings)
        self.now_s = float(BOOT_S)
        self.numbering = Numbering(self.routes, self.endpoints, self.nodes)
        self.history, self.sampler = History(), Sampler(self.numbering, self.windows.newest.cells)

    @property
    def workings(self) -> Workings:
        opened = {minute: known.window for each in self.windows for minute, known in each.book.minutes.items()}
        return Workings(
            self.plan.plan,
            opened,
            self.windows.newest.cells,
            self.numbering,
            self.accounts,
            self.placer.late,
            self.history,
            self.sampler,
        )

    def accept(self, block: Block, now_s: float) -> None:
        self.now_s = now_s
        super().accept(block, now_s)

    def collect(self, *, everything: bool = False) -> Pending:
        for generation in self.windows:
            for window in generation.book.touched_minutes:
                self.history.take(window, generation.cells)
        pending = super().collect(everything=everything)
        self.history.close(pending.closed)
        return pending

    def _inputs(
        self,
        generation: Generation,
        batch: LogBatch,
        attribution: Attribution,
        placement: Placement,
        endpoint: npt.NDArray[np.int32],
    ) -> Mapping[TableKey, FoldInput]:
        inputs = super()._inputs(generation, batch, attribution, placement, endpoint)
        if self.sampler:
            placed = PlacedBatch(batch, attribution, placement)
            self.sampler.look(generation.plan.plan, inputs, placement.minutes, placed, self.now_s)
        return inputs


class Watched:
    """A pipeline with rules, fed with calls; its clock is at the newest call."""

    def __init__(self, rules: str) -> None:
        self.pipeline = WatchedPipeline(plan_of(rules))
        self.now_s = float(BOOT_S)

    def accept(self, *calls: Call) -> None:
        """Fold calls as one block."""
        self.now_s = max(self.now_s, *(BOOT_S + 60 * call.minute for call in calls))
        self.pipeline.accept(block_of(calls), self.now_s)

    def why(self, metric: str, service: str | None = None, minutes: int = 10) -> Why:
        """The answer for a metric."""
        return why(self.pipeline.workings, metric, service, minutes, self.now_s)

    def rows(self, metric: str, service: str | None = None) -> Sequence[tuple[str, int]]:
        """The stages of a metric with the rows that are left."""
        return [(stage.text, stage.rows) for stage in self.why(metric, service).stages]

    def ask(self, question: Callable[[Explained], Answer]) -> "Future[Answer]":
        """Answer at once."""
        future: Future[Answer] = Future()
        try:
            future.set_result(question(self.pipeline))
        except Exception as error:  # noqa: BLE001  (for whoever asked)
            future.set_exception(error)
        return future
