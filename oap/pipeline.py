"""The fold: blocks of bytes in, hand-overs out. Deterministic: the same bytes in the same order give the same rows.

One thread owns a pipeline. It reads no clock and does no I/O; the time of a block arrives with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from oal.catalog import Catalog
from oal.difference import compare
from oal.plan import Plan
from oap.accounting import Accounts
from oap.compaction import ENDPOINT_GRAIN, FEW_CELLS, ROUTE_GRAIN, Compactor, Numbered
from oap.entity.addresses import AddressRegistry
from oap.entity.columns import TableColumns
from oap.entity.connections import Attribution, ConnectionCache
from oap.entity.endpoints import EndpointCache, EndpointFormatter
from oap.entity.layers import Layer
from oap.entity.names import NameLimits
from oap.entity.nodes import NodeTable
from oap.entity.relations import RelationTracker
from oap.entity.routes import ENDPOINT, INSTANCE, SERVICE, Entity, RouteTable
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    ServiceRelationRow,
    ServiceTraffic,
)
from oap.timebucket import Precision, bucket_of, minute_index
from oap.why.history import History
from oap.why.sampling import Sampler
from oap.why.traced_row import Numbering, PlacedBatch
from oap.why.workings import Workings
from oap.window.book import DEFAULT_OPEN_WINDOWS, LONGER, Beginning, WindowBook
from oap.window.codec import Description
from oap.window.conditions import CellFacts
from oap.window.generations import Generation, Generations
from oap.window.models import metric_models
from oap.window.placement import OPERATIONS, Placement, Placer, TimeBounds
from oap.window.records import Pending, ScopeSource
from oap.window.rows import Rows
from oap.window.state import FoldInput
from oap.window.window import CellSource, FoldPlan, TableKey, fold_plan


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What a pipeline is built from, apart from its rules."""

    bounds: TimeBounds
    limits: NameLimits = field(default_factory=NameLimits)
    precisions: tuple[Precision, ...] = LONGER
    connection_limit: int = 200_000
    max_open_windows: int = DEFAULT_OPEN_WINDOWS
    few_cells: int = FEW_CELLS


class CellTable(Protocol):
    """Gives numbers to the cells of one grain."""

    def describe(self, number: int, /) -> Description:
        """What a cell is, in texts and numbers."""

    def intern_described(self, description: Description, /) -> int:
        """Number of a cell that was described, here or elsewhere."""


class Pipeline:
    """Decodes, attributes, places and folds blocks; gives out what changed.

    ``models``: metric name to model, of the newest rules.
    """

    def __init__(
        self,
        plan: Plan,
        catalog: Catalog,
        registry: AddressRegistry,
        formatter: EndpointFormatter,
        threshold: Callable[[str], int],
        settings: PipelineSettings,
    ) -> None:
        self.settings = settings
        self.accounts = Accounts()
        self.models = metric_models(plan, catalog)
        self.routes = RouteTable(settings.limits)
        self.nodes = NodeTable()
        self.connections = ConnectionCache(self.routes, self.nodes, registry, self.accounts, settings.connection_limit)
        self.endpoints = EndpointCache(self.routes, formatter, settings.connection_limit)
        self.placer = Placer(self.routes, settings.bounds, self.accounts)
        self._catalog = catalog
        self._decoder = Decoder()
        self._relations = RelationTracker(self.routes)
        self._cell_tables: Mapping[str, CellTable] = {ROUTE_GRAIN: self.routes, ENDPOINT_GRAIN: self.endpoints}
        book = WindowBook(fold_plan(plan), settings.precisions, settings.max_open_windows)
        cells = self._cell_sources(threshold)
        first = Generation(cells, self._scope_sources(plan, cells), book, threshold)
        self.windows = Generations(first, settings.max_open_windows)
        self._numbering = Numbering(self.routes, self.endpoints, self.nodes)
        self._history = History()
        self._sampler = Sampler(self._numbering, cells)
        self._compactor = Compactor(
            Numbered(
                self.routes,
                self.endpoints,
                self.connections,
                self.placer,
                self._relations,
                self.windows,
            ),
            settings.few_cells,
        )

    @property
    def book(self) -> WindowBook:
        """The windows of the newest rules."""
        return self.windows.newest.book

    @property
    def plan(self) -> FoldPlan:
        """The newest rules."""
        return self.book.plan

    @property
    def workings(self) -> Workings:
        """What numbers are explained by."""
        opened = {minute: known.window for each in self.windows for minute, known in each.book.minutes.items()}
        return Workings(
            self.plan.plan,
            opened,
            self.windows.newest.cells,
            self._numbering,
            self.accounts,
            self.placer.late,
            self._history,
            self._sampler,
        )

    @property
    def needs_hand_over(self) -> bool:
        """Whether ``collect`` should be called before more is folded, to keep memory bounded."""
        return self.windows.needs_hand_over

    @property
    def wants_hand_over(self) -> bool:
        """Whether ``collect`` should be called soon, because changed rules wait for it."""
        return self.windows.wants_hand_over

    def change_rules(self, plan: Plan, threshold: Callable[[str], int]) -> int | None:
        """Fold by other rules from the next minute on; return the index of that minute.

        None: the change before this one still has rows for the minute of its change; ``wants_hand_over`` says so, and
        after the next ``collect`` this can be called again.
        """
        windows = self.windows
        if not windows.can_begin:
            windows.hurry()
            return None
        before = windows.predecessor
        difference = compare(before.plan.plan, plan)
        begun = {metric.name for metric in difference.added} | {changed.new.name for changed in difference.changed}
        beginning = Beginning(windows.next_edge, frozenset(begun))
        book = WindowBook(fold_plan(plan), self.settings.precisions, self.settings.max_open_windows, beginning)
        cells = {grain: source.with_thresholds(threshold) for grain, source in before.cells.items()}
        self.models = metric_models(plan, self._catalog)
        windows.begin(Generation(cells, self._scope_sources(plan, cells), book, threshold))
        return beginning.edge

    def accept(self, block: Block, now_s: float) -> None:
        """Fold a block that arrived at a clock time (epoch seconds)."""
        batch = self._decoder.decode(block)
        self.accounts.messages += len(block)
        self.accounts.bytes += int(block.offsets[-1]) if len(block.offsets) else 0
        self.accounts.malformed += int(np.count_nonzero(batch.malformed))
        attribution = self.connections.attribute(batch, now_s)
        placement = self.placer.place(batch, attribution, self.nodes.boot_s.view, now_s)
        if not placement.minutes:
            return
        http = OPERATIONS.index(lay.HTTP)
        http_rows = len(batch.tables[lay.HTTP])
        endpoint = self.endpoints.assign(
            batch.payload,
            batch.tables[lay.HTTP],
            placement.http_seconds,
            placement.minute[http, :http_rows],
            placement.route[http, :http_rows],
        )
        for generation, minutes in self.windows.of(placement.minutes):
            inputs = self._inputs(generation, batch, attribution, placement, endpoint)
            if self._sampler:
                placed = PlacedBatch(batch, attribution, placement)
                self._sampler.look(generation.plan.plan, inputs, minutes, placed, now_s)
            generation.book.add(inputs, minutes)

    def describe_cell(self, grain: str, cell: int) -> Description:
        """What a route or an endpoint is, for a window that goes to another process."""
        return self._cell_tables[grain].describe(cell)

    def intern_cell(self, grain: str, description: Description) -> int:
        """Number of a route or an endpoint that was described."""
        return self._cell_tables[grain].intern_described(description)

    def collect(self, *, everything: bool = False) -> Pending:
        """Take what changed since the last time; with ``everything`` close all windows.

        Numbers of routes, endpoints and entities may be others afterwards.
        """
        for generation in self.windows:
            for window in generation.book.touched_minutes:
                self._history.take(window, generation.cells)
        collected = self.windows.collect(self._settled_minute(), everything=everything)
        self._history.close(collected.closed)
        service_relations: list[ServiceRelationRow] = []
        instance_relations: list[InstanceRelationRow] = []
        for window in collected.touched_minutes:
            seen = window.seen(ROUTE_GRAIN)
            for precision in (Precision.MINUTE, *self.settings.precisions):
                services, instances = self._relations.new_rows(bucket_of(window.minute, precision), seen)
                service_relations += services
                instance_relations += instances
        self._relations.forget(collected.closed)
        rows = HandOver(
            services=self._service_traffic(),
            instances=self._instance_traffic(),
            endpoints=self._endpoint_traffic(),
            service_relations=service_relations,
            instance_relations=instance_relations,
        )
        if not everything and self._compactor.is_due(collected.closed, self._settled_minute()):
            self._compactor.compact()
        return Pending(collected.states, rows, collected.closed)

    def compact(self) -> None:
        """Give up routes, endpoints and entities that nothing open needs; rows do not change."""
        self._compactor.compact()

    def _settled_minute(self) -> int:
        bounds = self.settings.bounds
        watermark = self.placer.watermark_s
        return minute_index(watermark - bounds.lateness_s, bounds.zone) if watermark > 0 else 0

    def _inputs(
        self,
        generation: Generation,
        batch: LogBatch,
        attribution: Attribution,
        placement: Placement,
        endpoint: npt.NDArray[np.int32],
    ) -> Mapping[TableKey, FoldInput]:
        inputs: dict[TableKey, FoldInput] = {}
        for number, operation in enumerate(OPERATIONS):
            table = batch.tables[operation]
            if not len(table):
                continue
            minute = placement.minute[number, : len(table)]
            columns = TableColumns(operation, batch, minute, attribution.node, self.nodes.nodes)
            cells = {ROUTE_GRAIN: placement.route[number, : len(table)], ENDPOINT_GRAIN: endpoint}
            for grain, cell in cells.items():
                key = (grain, lay.TABLE_NAMES[operation])
                fold = generation.plan.tables.get(key)
                if fold is None:
                    continue
                source = generation.cells[grain]
                rows = Rows(table, lay.COLUMNS[operation], minute, cell, columns.coded, source.value)
                inputs[key] = fold.prepare(rows, source.facts, source.count(), generation.threshold)
        return inputs

    def _cell_sources(self, threshold: Callable[[str], int]) -> Mapping[str, CellSource]:
        def entity_of(scope: str) -> Callable[[], npt.NDArray[np.int32]]:
            return lambda: self.routes.entity_of[scope].view

        routes = {scope: entity_of(scope) for scope in self.routes.entities}
        return {
            ROUTE_GRAIN: CellSource(
                lambda: len(self.routes), self.routes.value, routes, CellFacts(self.routes.value, threshold)
            ),
            ENDPOINT_GRAIN: CellSource(
                lambda: len(self.endpoints),
                self.endpoints.value,
                {ENDPOINT: lambda: np.arange(len(self.endpoints), dtype=np.int32)},
                CellFacts(self.endpoints.value, threshold),
            ),
        }

    def _scope_sources(self, plan: Plan, cells: Mapping[str, CellSource]) -> Sequence[ScopeSource]:
        def entities_of(scope: str) -> Callable[[], Sequence[Entity]]:
            table = self.endpoints.table if scope == ENDPOINT else self.routes.entities[scope]
            return lambda: table.entities

        known = metric_models(plan, self._catalog)
        sources = []
        for scope in (*self.routes.entities, ENDPOINT):
            metrics = [metric for metric in plan.metrics if metric.scope == scope]
            models = [known[metric.name] for metric in metrics]
            grain = self._catalog.scopes[scope].grain
            has_service_id = bool(models) and models[0].has_service_id
            sources.append(ScopeSource(scope, grain, cells[grain], entities_of(scope), metrics, models, has_service_id))
        return sources

    def _service_traffic(self) -> list[ServiceTraffic]:
        dirty, entities = self.placer.service_dirty.view, self.routes.entities[SERVICE].entities
        rows = []
        for number in np.flatnonzero(dirty).tolist():
            bucket = bucket_of(int(self.placer.service_first.view[number]), Precision.MINUTE)
            entity = entities[number]
            rows.append(ServiceTraffic(entity.entity_id, entity.names[0], int(Layer.K8S_SERVICE), bucket))
        dirty[:] = False
        return rows

    def _instance_traffic(self) -> list[InstanceTraffic]:
        placer, entities = self.placer, self.routes.entities[INSTANCE].entities
        rows = []
        for number in np.flatnonzero(placer.instance_dirty.view).tolist():
            entity = entities[number]
            first = bucket_of(int(placer.instance_first.view[number]), Precision.MINUTE)
            last = bucket_of(int(placer.instance_last.view[number]), Precision.MINUTE)
            rows.append(InstanceTraffic(entity.entity_id, entity.service_id, entity.names[1], first, last))
        placer.instance_dirty.view[:] = False
        return rows

    def _endpoint_traffic(self) -> list[EndpointTraffic]:
        cache = self.endpoints
        rows = []
        for number in np.flatnonzero(cache.is_dirty.view).tolist():
            entity = cache.table.entities[number]
            first = bucket_of(int(cache.first_minute.view[number]), Precision.MINUTE)
            last = bucket_of(int(cache.last_minute.view[number]), Precision.MINUTE)
            rows.append(EndpointTraffic(entity.entity_id, entity.service_id, entity.names[1], first, last))
        cache.is_dirty.view[:] = False
        return rows
