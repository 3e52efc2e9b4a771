"""Which logs a record is made of: the server's own attribution and conditions, row by row instead of added up.

Nothing is traced until a test fails and somebody wants to know why.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.plan import Metric, Part, Plan
from oap.compaction import ENDPOINT_GRAIN
from oap.entity.columns import TableColumns
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch
from oap.rules.entity_text import entity_text
from oap.rules.records import Surroundings, new_pipeline
from oap.why.traced_row import NUMBERS, Numbering, PlacedBatch, RowReader, TracedRow, placed_table
from oap.window.conditions import CellFacts, RowConditions
from oap.window.placement import OPERATIONS
from oap.window.rows import Rows

_HTTP: Final = OPERATIONS.index(lay.HTTP)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A batch with what the server's own parts say about it; ``endpoint`` int32[http rows]."""

    batch: PlacedBatch
    endpoint: npt.NDArray[np.int32]


class Tracer:
    """Follows logs to the entities of one metric's scope."""

    def __init__(self, plan: Plan, metric: Metric, surroundings: Surroundings) -> None:
        self._pipeline = new_pipeline(plan, surroundings)
        self._plan = plan
        self._metric = metric
        self._threshold = surroundings.thresholds.lookup
        self._is_of_endpoints = metric.grain == ENDPOINT_GRAIN
        self._value = self._pipeline.endpoints.value if self._is_of_endpoints else self._pipeline.routes.value
        self._numbering = Numbering(self._pipeline.routes, self._pipeline.endpoints, self._pipeline.nodes)
        self._reader = RowReader(metric, self._numbering)

    def rows(self, blocks: Iterable[Block], now_s: float) -> Iterator[TracedRow]:
        """All logs of the operations that the metric reads, of whatever entity; block by block, not in order of time."""
        decoder = Decoder()
        first = 0
        for block in blocks:
            placed = self._placed(decoder.decode(block), now_s)
            for part in self._metric.parts:
                for row in self._rows_of(part, placed):
                    yield replace(row, message=first + row.message)
            first += len(block)

    def _placed(self, batch: LogBatch, now_s: float) -> _Placed:
        pipeline, requests = self._pipeline, batch.tables[lay.HTTP]
        attribution = pipeline.connections.attribute(batch, now_s)
        placement = pipeline.placer.place(batch, attribution, pipeline.nodes.boot_s.view, now_s)
        minute, route = placement.minute[_HTTP, : len(requests)], placement.route[_HTTP, : len(requests)]
        endpoint = pipeline.endpoints.assign(batch.payload, requests, placement.http_seconds, minute, route)
        return _Placed(PlacedBatch(batch, attribution, placement), endpoint)

    def _rows_of(self, part: Part, placed: _Placed) -> Iterator[TracedRow]:
        operation, scope = NUMBERS[part.table], self._metric.scope
        table = placed.batch.batch.tables[operation]
        number = OPERATIONS.index(operation)
        placement = placed.batch.placement
        route, minute = placement.route[number, : len(table)], placement.minute[number, : len(table)]
        nodes = self._pipeline.nodes.nodes
        coded = TableColumns(operation, placed.batch.batch, minute, placed.batch.attribution.node, nodes).coded
        cell = placed.endpoint if self._is_of_endpoints else route
        rows = Rows(table, lay.COLUMNS[operation], minute, cell, coded, self._value)
        counted = self._counted(part, rows)
        source = placed_table(part.table, rows, placed.batch)
        for row in np.flatnonzero((cell >= 0) & (minute >= 0)).tolist():
            entity = self._numbering.entity(scope, int(cell[row]))
            if entity is not None:
                text = entity_text(scope, entity.names)
                yield self._reader.read(source, row, text, is_counted=bool(counted[row]))

    def _counted(self, part: Part, rows: Rows) -> npt.NDArray[np.bool_]:
        cells = len(self._pipeline.endpoints if self._is_of_endpoints else self._pipeline.routes)
        if not cells:
            return np.zeros(len(rows), dtype=np.bool_)
        facts = CellFacts(self._value, self._threshold)
        counted = facts.masks(part.cell_where, cells)[rows.cell]
        where = self._plan.primitives[self._metric.grain, part.table][part.primitives[0]].where
        return counted & RowConditions(rows, facts, cells, self._threshold).all(where) if where else counted
