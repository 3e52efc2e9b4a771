"""The recording into every backend: all questions that can be asked of a store have the same answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from oal.functions.contract import Store, ValueKind
from oap.emulator.playback import blocks
from oap.emulator.recording import Recording
from oap.storage.contract import HandOver, MetricModel, Storage
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlSettings
from oap.timebucket import Precision, precision_of
from oap.window.writer import RecordWriter
from tests.equality.recordings import Setting
from tests.equality.replays import Replayer
from tests.oap.pipeline_run import Run
from tests.oap.storage.samples import plain
from tests.servers.mariadb import PASSWORD, USER, running_mariadb

MANY = 100_000
BLOCKS_OF_A_HAND_OVER = 60

Answers = Mapping[tuple[object, ...], object]


@contextmanager
def mysql() -> Iterator[Storage]:
    with running_mariadb() as server:
        settings = MysqlSettings(server.jdbc_url(server.new_database()), USER, PASSWORD, metadata_query_max_size=MANY)
        storage = MysqlStorage(settings)
        try:
            yield storage
        finally:
            storage.close()


BACKENDS: Mapping[str, Callable[[], AbstractContextManager[Storage]]] = {"mysql": mysql}


class Seen:
    """What was handed over: the buckets by scope, the spans by precision, the names of everything."""

    def __init__(self) -> None:
        self.entities: dict[tuple[str, int], list[str]] = {}
        self.services: set[str] = set()
        self.edges: set[tuple[str, str]] = set()
        self.instances: set[str] = set()

    def note(self, rows: HandOver) -> None:
        for scope in rows.metrics:
            self.entities[scope.scope, scope.bucket] = list(scope.entity_ids)
        self.services |= {row.service_id for row in rows.services}
        self.instances |= {row.instance_id for row in rows.instances}
        self.edges |= {(row.source_service_id, row.dest_service_id) for row in rows.instance_relations}

    def span(self, precision: Precision) -> tuple[int, int]:
        buckets = [bucket for _scope, bucket in self.entities if precision_of(bucket) is precision]
        return min(buckets), max(buckets)


def answers(storage: Storage, models: Sequence[MetricModel], seen: Seen) -> Answers:
    """Everything that can be asked."""
    spans = [seen.span(precision) for precision in Precision]
    return dict(
        chain(
            _records(storage, models, seen),
            *(_metrics(storage, model, seen, span) for model in models for span in spans),
            *(_edges(storage, seen, span) for span in spans),
            _traffic(storage, seen, seen.span(Precision.MINUTE)),
        )
    )


def _records(
    storage: Storage, models: Sequence[MetricModel], seen: Seen
) -> Iterator[tuple[tuple[object, ...], object]]:
    for scope, bucket in seen.entities:
        found = storage.load_metrics([model for model in models if model.scope == scope], bucket)
        yield ("records", scope, bucket), plain(found)


def _metrics(
    storage: Storage, model: MetricModel, seen: Seen, span: tuple[int, int]
) -> Iterator[tuple[tuple[object, ...], object]]:
    entity = min((min(ids) for (scope, _bucket), ids in seen.entities.items() if scope == model.scope), default="")
    value = next(column for column in model.columns if column.name == model.value_column)
    if model.value_kind is not ValueKind.REGULAR_VALUE or value.store is Store.TABLE:
        yield ("labeled", model.name, span), dict(storage.labeled_series(model, entity, *span))
        return
    yield ("series", model.name, span), dict(storage.series(model, entity, *span))
    for descending in (True, False):
        found = storage.top_n(model, *span, 20, descending=descending)
        yield ("top", model.name, span, descending), list(found)


def _edges(storage: Storage, seen: Seen, span: tuple[int, int]) -> Iterator[tuple[tuple[object, ...], object]]:
    yield ("edges", span), list(storage.service_relations(*span))
    for service in sorted(seen.services):
        yield ("edges", span, service), list(storage.service_relations(*span, [service]))
    for pair in sorted(seen.edges):
        yield ("pods", span, *pair), list(storage.instance_relations(*span, *pair))


def _traffic(storage: Storage, seen: Seen, span: tuple[int, int]) -> Iterator[tuple[tuple[object, ...], object]]:
    yield ("services",), list(storage.services())
    for service in sorted(seen.services):
        yield ("instances", service), list(storage.instances(service, *span))
        for word in ("", "a", "GET"):
            yield ("endpoints", service, word), list(storage.endpoints(service, word, MANY, span))
    for instance in sorted(seen.instances):
        yield ("instance", instance), storage.instance(instance)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_recording_has_the_same_answers_in_every_backend(
    backend: str, recording: Recording, setting: Setting, replayer: Replayer
) -> None:
    run = Run(
        registry=replayer.registry,
        zone=ZoneInfo(setting.zone),
        now=setting.now_s,
        max_open_windows=1000,
        storage=DuckdbStorage(StorageSettings(":memory:")),
    )
    models = list(run.pipeline.models.values())
    seen = Seen()
    with BACKENDS[backend]() as storage:
        storage.prepare(models)
        writer = RecordWriter(storage)

        def hand_over(*, everything: bool) -> None:
            pending = run.pipeline.collect(everything=everything)
            seen.note(run.writer.write(pending))
            writer.write(pending)

        for number, block in enumerate(blocks(recording, 1000)):
            run.pipeline.accept(block, setting.now_s)
            if number % BLOCKS_OF_A_HAND_OVER == BLOCKS_OF_A_HAND_OVER - 1:
                hand_over(everything=False)
        hand_over(everything=True)
        expected, found = answers(run.storage, models, seen), answers(storage, models, seen)
    run.storage.close()
    assert len(expected) > len(models)
    assert [key for key in expected if expected[key] != found[key]] == []
