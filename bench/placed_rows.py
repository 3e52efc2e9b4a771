"""Rows as they stand before the fold: decoded, attributed, with minute, route and endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.inputs import BLOCK_MESSAGES, Corpus
from bench.rig import NOW_S, new_pipeline, threshold
from oap.compaction import ENDPOINT_GRAIN, ROUTE_GRAIN
from oap.entity.columns import TableColumns
from oap.entity.routes import ENDPOINT
from oap.pipeline import Pipeline
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch
from oap.window.conditions import CellFacts
from oap.window.placement import OPERATIONS
from oap.window.rows import Rows
from oap.window.state import FoldInput
from oap.window.window import CellSource, FoldPlan, TableKey

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """Rows of one operation: ``numbers`` int64[n, columns]; ``minute``, ``route``, ``endpoint`` int32[n], -1 for none."""

    operation: int
    numbers: npt.NDArray[np.int64]
    minute: Int32
    route: Int32
    endpoint: Int32

    @property
    def name(self) -> str:
        """Name as rules know it."""
        return lay.TABLE_NAMES[self.operation]

    def cell(self, grain: str) -> Int32:
        """Route or endpoint of each row."""
        return self.endpoint if grain == ENDPOINT_GRAIN else self.route


@dataclass(frozen=True, slots=True)
class PlacedBatch:
    """All tables of one block."""

    batch: LogBatch
    message_node: Int32
    tables: tuple[PlacedTable, ...]


class PlacedRows:
    """A corpus up to the fold. ``pipeline`` knows its routes and endpoints; its own windows stay empty."""

    def __init__(self, corpus: Corpus, block_messages: int = BLOCK_MESSAGES) -> None:
        self.pipeline = new_pipeline()
        self.batches = [_placed(self.pipeline, block) for block in corpus.blocks(block_messages)]
        self.cells = _cell_sources(self.pipeline)
        self.minutes = tuple(
            sorted({int(m) for b in self.batches for t in b.tables for m in np.unique(t.minute)} - {-1})
        )

    def __len__(self) -> int:
        return sum(len(table.numbers) for batch in self.batches for table in batch.tables)

    def inputs(self, batch: PlacedBatch, plan: FoldPlan | None = None) -> Mapping[TableKey, FoldInput]:
        """What the fold takes in, made anew at each call: conditions and values are part of the fold's work.

        ``plan``: other rules than those of the pipeline.
        """
        tables = (plan or self.pipeline.plan).tables
        inputs: dict[TableKey, FoldInput] = {}
        for table in batch.tables:
            for grain, source in self.cells.items():
                fold = tables.get((grain, table.name))
                if fold is not None and len(table.numbers):
                    rows = self._rows(batch, table, grain)
                    inputs[grain, table.name] = fold.prepare(rows, source.facts, source.count(), threshold)
        return inputs

    def _rows(self, batch: PlacedBatch, table: PlacedTable, grain: str) -> Rows:
        nodes = self.pipeline.nodes.nodes
        columns = TableColumns(table.operation, batch.batch, table.minute, batch.message_node, nodes)
        names = lay.COLUMNS[table.operation]
        return Rows(table.numbers, names, table.minute, table.cell(grain), columns.coded, self.cells[grain].value)


def _placed(pipeline: Pipeline, block: Block) -> PlacedBatch:
    batch = Decoder().decode(block)
    attribution = pipeline.connections.attribute(batch, NOW_S)
    placement = pipeline.placer.place(batch, attribution, pipeline.nodes.boot_s.view, NOW_S)
    tables = []
    for at, operation in enumerate(OPERATIONS):
        numbers = batch.tables[operation]
        minute, route = placement.minute[at, : len(numbers)], placement.route[at, : len(numbers)]
        endpoint = np.full(len(numbers), -1, dtype=np.int32)
        if operation == lay.HTTP:
            endpoint = pipeline.endpoints.assign(batch.payload, numbers, placement.http_seconds, minute, route)
        tables.append(PlacedTable(operation, numbers, minute, route, endpoint))
    return PlacedBatch(batch, attribution.node, tuple(tables))


def _cell_sources(pipeline: Pipeline) -> Mapping[str, CellSource]:
    routes, endpoints = pipeline.routes, pipeline.endpoints
    by_scope = {scope: (lambda column=column: column.view) for scope, column in routes.entity_of.items()}
    own = {ENDPOINT: lambda: np.arange(len(endpoints), dtype=np.int32)}
    return {
        ROUTE_GRAIN: CellSource(lambda: len(routes), routes.value, by_scope, CellFacts(routes.value, threshold)),
        ENDPOINT_GRAIN: CellSource(lambda: len(endpoints), endpoints.value, own, CellFacts(endpoints.value, threshold)),
    }
