"""Runs events through the real pipeline and an in-memory store; reads the stored rows back as the oracle states them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from oal.compiler import compile_rules
from oal.functions.contract import Column, Tables
from oal.plan import Plan
from oap.accounting import Outcome
from oap.compaction import FEW_CELLS
from oap.entity.addresses import ResolvedAddress
from oap.entity.apdex import ApdexThresholds
from oap.entity.errors import LookupFailed
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.receiver.block import Block, StreamEvent
from oap.storage.contract import Storage
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.window.placement import TimeBounds
from oap.window.records import Pending
from oap.window.writer import RecordWriter
from tests.oracle.model import Columns, Event, Lookup, Mark, OracleResult, Registry

RULES = Path(__file__).parents[2] / "config" / "oal" / "ebpf.oal"
_EVENTS = {Mark.BEGIN: StreamEvent.BEGIN, Mark.END: StreamEvent.END, Mark.ERROR: StreamEvent.ERROR}

_UPSTREAM_DETAILS = {"same_service", "connection_loss"}


@cache
def shipped_plan() -> Plan:
    """The shipped rules, compiled."""
    plan = compile_rules([("ebpf.oal", RULES.read_text(encoding="utf-8"))], k8s_catalog()).plan
    assert plan is not None
    return plan


class DictRegistry:
    """A registry over the oracle's mapping."""

    valid_for_s = 180
    version = 0

    def __init__(self, hosts: Registry) -> None:
        self._hosts = hosts

    def resolve(self, host: str) -> ResolvedAddress | None:
        found = self._hosts.get(host)
        if isinstance(found, Lookup):
            raise LookupFailed(host)
        return ResolvedAddress(*found) if found else None


def blocks(events: Sequence[Event], batch: int) -> list[Block]:
    """The events as blocks of at most so many messages."""
    result: list[Block] = []
    messages: list[bytes] = []
    streams: list[int] = []
    marks: list[tuple[int, int, StreamEvent]] = []

    def close() -> None:
        offsets = np.zeros(len(messages) + 1, dtype=np.int64)
        np.cumsum([len(message) for message in messages], out=offsets[1:])
        payload = np.frombuffer(b"".join(messages), dtype=np.uint8)
        result.append(Block(payload, offsets, np.array(streams, dtype=np.int32), tuple(marks)))
        messages.clear()
        streams.clear()
        marks.clear()

    for stream, event in events:
        if isinstance(event, Mark):
            marks.append((len(messages), stream, _EVENTS[event]))
            continue
        messages.append(event)
        streams.append(stream)
        if len(messages) == batch:
            close()
    close()
    return result


@dataclass(slots=True)
class Run:
    """A pipeline with its store. What was handed over says what to read back: ``buckets`` by scope, services, pairs."""

    registry: Registry = field(default_factory=dict)
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    now: int = 0
    plan: Plan = field(default_factory=shipped_plan)
    thresholds: Mapping[str, int] = field(default_factory=dict)
    lateness_s: int = 120
    connection_limit: int = 200_000
    few_cells: int = FEW_CELLS
    max_open_windows: int = 1000
    names: EndpointNames = field(default_factory=EndpointNames)
    storage: Storage = field(default_factory=lambda: DuckdbStorage(StorageSettings(":memory:")))
    pipeline: Pipeline = field(init=False)
    writer: RecordWriter = field(init=False)
    buckets: dict[str, set[int]] = field(default_factory=dict)
    relation_buckets: set[int] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(
            self.plan,
            k8s_catalog(),
            DictRegistry(self.registry),
            self.names,
            ApdexThresholds(self.thresholds).lookup,
            PipelineSettings(
                TimeBounds(self.zone, lateness_s=self.lateness_s),
                connection_limit=self.connection_limit,
                few_cells=self.few_cells,
                max_open_windows=self.max_open_windows,
            ),
        )
        self.storage.prepare(list(self.pipeline.models.values()))
        self.writer = RecordWriter(self.storage)

    def feed(self, events: Sequence[Event], batch: int = 1000, hand_over_every: int = 0) -> "Run":
        """Fold all events; hand over after every so many blocks, and everything at the end."""
        for number, block in enumerate(blocks(events, batch), start=1):
            self.pipeline.accept(block, self.now)
            if hand_over_every and number % hand_over_every == 0:
                self.hand_over(self.pipeline.collect())
        self.hand_over(self.pipeline.collect(everything=True))
        return self

    def hand_over(self, pending: Pending) -> None:
        """Write a hand-over."""
        for state in pending.states:
            self.buckets.setdefault(state.source.name, set()).add(state.bucket)
        rows = pending.rows
        self.relation_buckets |= {row.bucket for row in rows.service_relations}
        self.relation_buckets |= {row.bucket for row in rows.instance_relations}
        self.owners |= {row.service_id for row in rows.instances}
        self.owners |= {row.service_id for row in rows.endpoints}
        self.pairs |= {(row.source_service_id, row.dest_service_id) for row in rows.instance_relations}
        self.writer.write(pending)

    def result(self) -> OracleResult:
        """What the store holds, and the accounts."""
        accounts = self.pipeline.accounts
        outcomes = accounts.outcomes
        result = OracleResult(
            messages=accounts.messages,
            malformed=accounts.malformed,
            received=accounts.received,
            folded=int(outcomes[Outcome.FOLDED] + outcomes[Outcome.LATE]),
            refused=int(outcomes[Outcome.REFUSED]),
        )
        result.dropped.update({reason: count for reason, count in accounts.dropped.items() if count})
        result.drop_details.update({key: n for key, n in accounts.details.items() if key[0] in _UPSTREAM_DETAILS})
        self._read_metrics(result)
        self._read_traffic(result)
        self._read_relations(result)
        return result

    def _read_metrics(self, result: OracleResult) -> None:
        for scope, buckets in self.buckets.items():
            models = [model for model in self.pipeline.models.values() if model.scope == scope]
            for bucket in buckets:
                rows = self.storage.load_metrics(models, bucket)
                assert rows is not None
                for metric in rows.metrics:
                    columns = {name: _values(column) for name, column in metric.columns.items()}
                    for number in np.flatnonzero(metric.present).tolist():
                        record: Columns = {name: values[number] for name, values in columns.items()}
                        result.metrics[metric.model.name, rows.entity_ids[number], bucket] = record

    def _read_traffic(self, result: OracleResult) -> None:
        for row in self.storage.services():
            result.service_traffic[row.service_id, row.layer] = (row.name, row.bucket)
        for owner in self.owners:
            for instance in self.storage.instances(owner, 0, 10**12):
                result.instance_traffic[instance.instance_id] = (
                    owner,
                    instance.name,
                    instance.bucket,
                    instance.last_ping,
                )
            for endpoint in self.storage.endpoints(owner, "", 10**6):
                result.endpoint_traffic[endpoint.endpoint_id] = (
                    owner,
                    endpoint.name,
                    endpoint.bucket,
                    endpoint.last_ping,
                )

    def _read_relations(self, result: OracleResult) -> None:
        for bucket in self.relation_buckets:
            for row in self.storage.service_relations(bucket, bucket):
                side = "server" if row.is_server_side else "client"
                result.service_relations[side, bucket, row.entity_id] = (
                    row.source_service_id,
                    row.dest_service_id,
                    row.component_ids,
                )
            for client, server in {(min(pair), max(pair)) for pair in self.pairs}:
                for edge in self.storage.instance_relations(bucket, bucket, client, server):
                    side = "server" if edge.is_server_side else "client"
                    result.instance_relations[side, bucket, edge.entity_id] = (
                        edge.source_service_id,
                        edge.source_service_instance_id,
                        edge.dest_service_id,
                        edge.dest_service_instance_id,
                    )


def _values(column: Column) -> list:
    if not isinstance(column, Tables):
        plain: list = column.tolist()
        return plain
    names = column.labels
    keys = column.keys.tolist() if names is None else [names[key] for key in column.keys.tolist()]
    values = column.values.tolist()
    bounds = column.offsets.tolist()
    return [dict(zip(keys[a:b], values[a:b], strict=True)) for a, b in pairwise(bounds)]
