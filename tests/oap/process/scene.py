"""What is played into servers whose database is in trouble, and what must be stored after it."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from oap.emulator.recording import Recorder, load
from oap.emulator.scenario import Scenario
from oap.emulator.traffic import Flush, cluster_traffic
from tests.equality.recordings import SEED, Setting, oracle_events, scenario_registry
from tests.oap.emulator.small_scenario import scenario
from tests.oap.pipeline_run import Run
from tests.oap.process.agents import write_registry
from tests.oap.process.backends import Backend
from tests.oracle.model import OracleResult

PERIODS = 96
"""Flushes of five seconds: eight minutes."""


@dataclass(frozen=True)
class Scene:
    """What is played when, in a folder of its own, and the variables of servers that it is played into."""

    folder: Path
    scenario: Scenario
    setting: Setting
    variables: Mapping[str, str]

    @classmethod
    def written(cls, folder: Path, **more: str) -> "Scene":
        """A small cluster around a midnight: what is tried is being in trouble, not the speed of databases."""
        setting = Setting.around(int(time.time()))
        hosts = {"OAP_KUBERNETES_STATIC_FILE": str(write_registry(folder)), "TZ": setting.zone}
        scene = cls(folder, scenario(), setting, {**hosts, **more})
        scene._record()
        return scene

    @property
    def recording(self) -> Path:
        """All streams at fixed times, so that every run of them must give the same rows."""
        return self.folder / "outage.oaprec"

    @cached_property
    def flushes(self) -> Sequence[Flush]:
        """The same streams, as they are sent every five seconds."""
        return list(cluster_traffic(self.scenario, SEED, self.setting.start_s, PERIODS))

    def _record(self) -> None:
        with Recorder(self.recording, self.setting.start_s * 10**9) as recorder:
            for flush in self.flushes:
                for messages in flush.streams:
                    stream = recorder.begin(flush.due_ns, flush.node)
                    for message in messages:
                        recorder.message(flush.due_ns, stream, message)
                    recorder.end(flush.due_ns, stream)


@contextmanager
def undisturbed_run(scene: Scene) -> Iterator[Run]:
    """The same messages in this process and into an embedded store; what it handed over says what to read."""
    run = Run(registry=scenario_registry(scene.scenario), zone=ZoneInfo(scene.setting.zone), now=scene.setting.now_s)
    run.feed(list(oracle_events(load(scene.recording))))
    yield run
    run.storage.close()


def stored_differently(backend: Backend, undisturbed: Run) -> Sequence[object]:
    """Rows that are not as in an undisturbed run, some of each kind, and models of which more or fewer are stored."""
    expected = undisturbed.result()
    embedded, undisturbed.storage = undisturbed.storage, backend.opened()
    found = undisturbed.result()
    undisturbed.storage.close()
    undisturbed.storage = embedded
    assert len(expected.metrics) > 10_000
    return [*_differences(expected, found), *_first(_rows_by_model(expected), backend.rows_by_model())]


def _rows_by_model(expected: OracleResult) -> Mapping[str, int]:
    found = Counter(metric for metric, _entity, _bucket in expected.metrics)
    found.update(f"service_relation_{side}_side" for side, _bucket, _entity in expected.service_relations)
    found.update(f"service_instance_relation_{side}_side" for side, _bucket, _entity in expected.instance_relations)
    found["service_traffic"] = len(expected.service_traffic)
    found["instance_traffic"] = len(expected.instance_traffic)
    found["endpoint_traffic"] = len(expected.endpoint_traffic)
    return found


def _differences(expected: OracleResult, found: OracleResult) -> list[object]:
    kinds: Sequence[tuple[Mapping[Any, object], Mapping[Any, object]]] = (
        (expected.metrics, found.metrics),
        (expected.service_traffic, found.service_traffic),
        (expected.instance_traffic, found.instance_traffic),
        (expected.endpoint_traffic, found.endpoint_traffic),
        (expected.service_relations, found.service_relations),
        (expected.instance_relations, found.instance_relations),
    )
    return [different for wanted, there in kinds for different in _first(wanted, there)]


def _first(wanted: Mapping[Any, object], there: Mapping[Any, object]) -> list[object]:
    keys = [key for key in {**wanted, **there} if wanted.get(key) != there.get(key)]
    return [(key, wanted.get(key), there.get(key)) for key in keys[:5]]
