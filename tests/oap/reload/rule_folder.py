"""A configuration folder with a server's parts that read it, but for threads and sockets."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC
from pathlib import Path
from typing import TypeVar

from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.reload.reloader import Reloader
from oap.rule_files import load_rules, read_rule_texts
from oap.storage.contract import Storage
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.window.placement import TimeBounds
from oap.window.writer import RecordWriter
from tests.clock import HandClock
from tests.oap.storage.samples import series
from tests.oap.window.calls import BOOT_S, Call, block_of
from tests.oap.window.pipeline_rig import NoAddresses

Answer = TypeVar("Answer")
SERVICE = "czEuc2hvcA==.1"


class RuleFolder:
    """Rule files of a folder in force; ``storage`` may be replaced by one that refuses."""

    def __init__(self, directory: Path, rules: str, storage: Storage | None = None) -> None:
        self.directory = directory
        (directory / "oal").mkdir()
        self.write(rules)
        running = load_rules(read_rule_texts(directory))
        self.names = EndpointNames(running.grouping)
        self.storage = storage or DuckdbStorage(StorageSettings(":memory:", threads=1))
        self.pipeline = Pipeline(
            running.plan,
            k8s_catalog(),
            NoAddresses(),
            self.names,
            running.thresholds.lookup,
            PipelineSettings(TimeBounds(UTC)),
        )
        self.storage.prepare(list(self.pipeline.models.values()))
        self._writer = RecordWriter(self.storage)
        self.clock = HandClock("2024-05-01T00:00:00")
        self.is_busy = False
        self.reloader = Reloader(running, self.names, self.storage, self.ask, self.clock, UTC, patience_s=0.001)

    def ask(self, question: Callable[[Pipeline], Answer]) -> "Future[Answer]":
        """What the fold loop does in its own thread, unless it is busy."""
        future: Future[Answer] = Future()
        if self.is_busy:
            return future
        future.set_result(question(self.pipeline))
        return future

    def write(self, text: str, name: str = "oal/ebpf.oal") -> None:
        """Write a file as an editor does that renames."""
        new = self.directory / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        new.rename(self.directory / name)

    def accept(self, *calls: Call) -> None:
        """Fold calls."""
        self.pipeline.accept(block_of(calls), BOOT_S + 60 * max(call.minute for call in calls))

    def hand_over(self) -> None:
        """Store what there is."""
        self._writer.write(self.pipeline.collect())

    def values(self, metric: str) -> Sequence[tuple[int, int | float]]:
        """Values of a metric of the one service by minute bucket, after a hand-over of everything."""
        self._writer.write(self.pipeline.collect(everything=True))
        model = self.pipeline.models[metric]
        return sorted(series(self.storage, model, SERVICE, 202405010000, 202405012359).items())
