"""A pipeline whose numbers are explained, and calls through it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC
from typing import TypeVar

from oap.entity.apdex import ApdexThresholds
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.why.answer import Why, why
from oap.why.workings import Explained
from oap.window.placement import TimeBounds
from tests.oap.window.calls import BOOT_S, Call, block_of
from tests.oap.window.pipeline_rig import NoAddresses, plan_of

Answer = TypeVar("Answer")


class Watched:
    """A pipeline with rules, fed with calls; its clock is at the newest call."""

    def __init__(self, rules: str) -> None:
        settings = PipelineSettings(TimeBounds(UTC))
        thresholds = ApdexThresholds({}).lookup
        self.pipeline = Pipeline(plan_of(rules), k8s_catalog(), NoAddresses(), EndpointNames(), thresholds, settings)
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
