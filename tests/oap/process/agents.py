"""Agents of a small simulated cluster: what they send, and what a store must hold after it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import yaml

from oal.functions.contract import Tables
from oap.emulator.cluster import registry
from oap.emulator.traffic import cluster_traffic
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.entity.static_registry import StaticRegistry
from oap.pipeline import Pipeline, PipelineSettings
from oap.rule_files import load_rules, read_rule_texts
from oap.storage.contract import MetricModel, Storage
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.timebucket import Precision, bucket_of, minute_index
from oap.window.placement import TimeBounds
from oap.window.writer import RecordWriter
from tests.oap.emulator.small_scenario import scenario
from tests.oap.pipeline_run import blocks
from tests.oap.process.server_process import ROOT
from tests.oracle.model import Event, Mark
from tests.waiting import PATIENCE_S

COLLECT = "/skywalking.v3.EBPFAccessLogService/collect"
LOGS_OF_SERVICES = (
    "kubernetes_service_connect_cpm",
    "kubernetes_service_accept_cpm",
    "kubernetes_service_close_cpm",
    "kubernetes_service_read_cpm",
    "kubernetes_service_write_cpm",
    "kubernetes_service_http_call_cpm",
)

Stream = tuple[bytes, ...]
Row = tuple[str, int, str]


def write_registry(folder: Path) -> Path:
    """A file that resolves the cluster's addresses."""
    file = folder / "registry.yml"
    file.write_text(yaml.safe_dump(registry(scenario())), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Traffic:
    """Streams of the minute before the last full one, node by node in order of time."""

    streams: tuple[Stream, ...]
    start_s: int

    def halves(self) -> tuple[tuple[Stream, ...], tuple[Stream, ...]]:
        middle = len(self.streams) // 2
        return self.streams[:middle], self.streams[middle:]


@cache
def recent_traffic(periods: int = 12) -> Traffic:
    """Streams of so many flush periods that begin at a full minute some minutes ago."""
    start_s = int(time.time()) // 60 * 60 - 180
    flushes = cluster_traffic(scenario(), 1, start_s, periods)
    return Traffic(tuple(stream for flush in flushes for stream in flush.streams), start_s)


def send(channel: grpc.Channel, stream: Iterable[bytes]) -> None:
    """Send one stream and wait for its answer; raises grpc.RpcError when there is none."""
    channel.stream_unary(COLLECT)(iter(stream), timeout=PATIENCE_S)


def expected_store(streams: Iterable[Stream], registry_file: Path, now_s: float) -> tuple[DuckdbStorage, Pipeline]:
    """What these streams come to, computed in this process in one go."""
    rules = load_rules(read_rule_texts(ROOT / "config"))
    bounds = TimeBounds(UTC)
    pipeline = Pipeline(
        rules.plan,
        k8s_catalog(),
        StaticRegistry(registry_file),
        EndpointNames(rules.grouping),
        rules.thresholds.lookup,
        PipelineSettings(bounds),
    )
    storage = DuckdbStorage(StorageSettings(":memory:", threads=1))
    storage.prepare(list(pipeline.models.values()))
    events = [event for number, stream in enumerate(streams) for event in _events(number, stream)]
    for block in blocks(events, 1000):
        pipeline.accept(block, now_s)
    RecordWriter(storage).write(pipeline.collect(everything=True))
    return storage, pipeline


def stored_rows(storage: Storage, models: Iterable[MetricModel], start_s: int) -> Mapping[Row, Mapping[str, Any]]:
    """All records of the traffic's minutes, hour and day, by metric, bucket and entity."""
    first = minute_index(start_s, UTC)
    buckets = {bucket_of(minute, precision) for minute in range(first, first + 4) for precision in Precision}
    by_scope: dict[str, list[MetricModel]] = {}
    for model in models:
        by_scope.setdefault(model.scope, []).append(model)
    rows: dict[Row, Mapping[str, Any]] = {}
    for scope in by_scope.values():
        for bucket in sorted(buckets):
            found = storage.load_metrics(scope, bucket)
            for metric in found.metrics if found else ():
                columns = {name: plain(column) for name, column in metric.columns.items()}
                for number, entity in enumerate(found.entity_ids if found else ()):
                    if metric.present[number]:
                        rows[metric.model.name, bucket, entity] = {name: c[number] for name, c in columns.items()}
    return rows


def plain(column: Any) -> list[Any]:
    """A column as Python values."""
    if not isinstance(column, Tables):
        values: list[Any] = column.tolist()
        return values
    names, keys, numbers = column.labels, column.keys.tolist(), column.values.tolist()
    texts = keys if names is None else [names[key] for key in keys]
    bounds = column.offsets.tolist()
    return [dict(zip(texts[a:b], numbers[a:b], strict=True)) for a, b in pairwise(bounds)]


def logs_of_services(rows: Mapping[Row, Mapping[str, Any]]) -> int:
    """How many logs of known local services the day's totals count."""
    return sum(
        int(row["total"]) for (name, bucket, _), row in rows.items() if name in LOGS_OF_SERVICES and bucket < 10**8
    )


def _events(number: int, stream: Stream) -> Iterator[Event]:
    yield number, Mark.BEGIN
    for message in stream:
        yield number, message
    yield number, Mark.END
