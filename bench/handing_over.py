"""Roll-up and hand-over alone: what a hand-over costs the fold, what it costs the writer's thread, and the store."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.inputs import Corpus
from bench.results import Finding, Measure, each_us, per_second
from bench.rig import fold, input_facts, new_pipeline
from oap.pipeline import Pipeline
from oap.storage.contract import HandOver
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.window.records import Base, Pending, finished

PERIOD_S = 25
"""Seconds between two hand-overs of a server."""


@dataclass(frozen=True, slots=True)
class _HandedOver:
    """Seconds of one hand-over, and how much it was."""

    collect_s: float
    finish_s: float
    write_s: float
    entities: int
    records: int


def handing_over(corpus: Corpus, repetitions: int) -> Finding:
    """Fold a corpus, hand everything that it touched over, and again: minute, hour and day each time.

    The first hand-over, which makes new rows in the store, is reported apart from those that replace them.
    """
    pipeline = new_pipeline()
    with tempfile.TemporaryDirectory() as folder:
        storage = DuckdbStorage(StorageSettings(str(Path(folder) / "bench.duckdb")))
        storage.prepare(list(pipeline.models.values()))
        first, *others = [_once(pipeline, storage, corpus) for _ in range(repetitions + 1)]
        storage.close()
    busy = [100 * (each.collect_s) / PERIOD_S for each in others]
    return Finding(
        "hand-over",
        f"Roll-up and hand-over alone, {corpus.name} corpus",
        {
            **input_facts(corpus),
            "entities handed over (minute, hour, day)": others[0].entities,
            "rows (metric records)": others[0].records,
        },
        [
            *_rates("roll-up in the fold's thread", others, lambda each: each.collect_s),
            *_rates("merge and finish in the writer's thread", others, lambda each: each.finish_s),
            *_rates("duckdb, new rows", [first], lambda each: each.write_s),
            *_rates("duckdb, rows replaced", others, lambda each: each.write_s),
            Measure(f"share of the {PERIOD_S} s between two hand-overs that the fold stands still", "%", tuple(busy)),
        ],
    )


def _rates(name: str, given: Sequence[_HandedOver], taken: Callable[[_HandedOver], float]) -> list[Measure]:
    seconds = [taken(each) for each in given]
    return [
        each_us(name, "entity", given[0].entities, seconds),
        per_second(name, "rows/s", given[0].records, seconds),
    ]


def _once(pipeline: Pipeline, storage: DuckdbStorage, corpus: Corpus) -> _HandedOver:
    fold(pipeline, corpus)
    collect_s, pending = _timed(pipeline.collect)
    finish_s, rows = _timed(lambda: finish(pending))
    write_s, _ = _timed(lambda: storage.write(rows))
    entities = sum(len(state.entities) for state in pending.states)
    records = sum(int(metric.present.sum()) for scope in rows.metrics for metric in scope.metrics)
    return _HandedOver(collect_s, finish_s, write_s, entities, records)


def finish(pending: Pending) -> HandOver:
    """A hand-over's rows for a store that holds nothing of the same buckets from earlier runs."""
    return replace(pending.rows, metrics=[finished(state, Base(None)) for state in pending.states])


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
