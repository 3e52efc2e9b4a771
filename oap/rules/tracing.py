"""Which logs a record is made of: the server's own attribution and conditions, row by row instead of added up.

Nothing is traced until a test fails and somebody wants to know why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.catalog import CellColumn, Kind, RowColumn
from oal.explain import rule_of
from oal.plan import Metric, Part, Plan
from oal.syntax import Condition, Path, Rule
from oap.compaction import ENDPOINT_GRAIN
from oap.entity.columns import TableColumns
from oap.entity.connections import Attribution
from oap.entity.routes import DETECT_POINTS, Entity, Route, Side
from oap.entity.scopes import k8s_catalog
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch
from oap.rules.entity_text import entity_text
from oap.rules.records import Surroundings, new_pipeline
from oap.window.conditions import CellFacts, RowConditions
from oap.window.placement import OPERATIONS, Placement
from oap.window.rows import Rows

_HTTP: Final = OPERATIONS.index(lay.HTTP)
_NUMBERS: Final = {name: operation for operation, name in lay.TABLE_NAMES.items()}
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TracedRow:
    """One log of an operation that a metric reads.

    ``message`` counts the messages from 0, ``minute`` is its minute index. ``is_counted``: the log meets all
    conditions of the rule. ``attributes`` are those that the rule mentions.
    """

    message: int
    minute: int
    second: int
    operation: str
    entity: str
    sides: str
    is_counted: bool
    attributes: Mapping[str, object]

    @property
    def text(self) -> str:
        """The row in one line, without its entity."""
        time = datetime.fromtimestamp(self.second, UTC).strftime("%H:%M:%S")
        told = ", ".join(f"{name} {_shown(value)}" for name, value in self.attributes.items())
        return f"{time} {self.operation}, {self.sides}{f'; {told}' if told else ''}"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A batch with what the server's own parts say about it; ``endpoint`` int32[http rows]."""

    batch: LogBatch
    attribution: Attribution
    placement: Placement
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
        tables = k8s_catalog().scopes[metric.scope].tables
        self._bindings = {table.name: table.bindings for table in tables}
        self._kinds = {
            path: attribute.kind for path, attribute in k8s_catalog().scopes[metric.scope].attributes.items()
        }
        self._mentioned = list(dict.fromkeys(_mentioned(rule_of(metric))))

    def rows(self, blocks: Iterable[Block], now_s: float) -> Iterator[TracedRow]:
        """All logs of the operations that the metric reads, of whatever entity; block by block, not in order of time."""
        decoder = Decoder()
        first = 0
        for block in blocks:
            placed = self._placed(decoder.decode(block), now_s)
            for part in self._metric.parts:
                yield from self._rows_of(part, placed, first)
            first += len(block)

    def _placed(self, batch: LogBatch, now_s: float) -> _Placed:
        pipeline, requests = self._pipeline, batch.tables[lay.HTTP]
        attribution = pipeline.connections.attribute(batch, now_s)
        placement = pipeline.placer.place(batch, attribution, pipeline.nodes.boot_s.view, now_s)
        minute, route = placement.minute[_HTTP, : len(requests)], placement.route[_HTTP, : len(requests)]
        endpoint = pipeline.endpoints.assign(batch.payload, requests, placement.http_seconds, minute, route)
        return _Placed(batch, attribution, placement, endpoint)

    def _rows_of(self, part: Part, placed: _Placed, first: int) -> Iterator[TracedRow]:
        operation = _NUMBERS[part.table]
        table = placed.batch.tables[operation]
        number = OPERATIONS.index(operation)
        route, minute = placed.placement.route[number, : len(table)], placed.placement.minute[number, : len(table)]
        nodes = self._pipeline.nodes
        coded = TableColumns(operation, placed.batch, minute, placed.attribution.node, nodes.nodes).coded
        cell = placed.endpoint if self._is_of_endpoints else route
        rows = Rows(table, lay.COLUMNS[operation], minute, cell, coded, self._value)
        counted = self._counted(part, rows)
        logs = placed.batch.order[placed.batch.order[:, lay.OPERATION] == operation]
        for row in np.flatnonzero((cell >= 0) & (minute >= 0)).tolist():
            entity = self._entity(int(cell[row]))
            if entity is None:
                continue
            message = int(logs[row, lay.MESSAGE])
            boot_s = int(nodes.boot_s.view[placed.attribution.node[message]])
            yield TracedRow(
                message=first + message,
                minute=int(minute[row]),
                second=boot_s + int(logs[row, lay.OFFSET]) // _NS_PER_S,
                operation=part.table,
                entity=entity_text(self._metric.scope, entity.names),
                sides=_sides(self._pipeline.routes.routes[int(route[row])]),
                is_counted=bool(counted[row]),
                attributes=self._attributes(part.table, rows, row),
            )

    def _entity(self, cell: int) -> Entity | None:
        if self._is_of_endpoints:
            return self._pipeline.endpoints.table.entities[cell]
        number = int(self._pipeline.routes.entity_of[self._metric.scope].view[cell])
        return self._pipeline.routes.entities[self._metric.scope].entities[number] if number >= 0 else None

    def _counted(self, part: Part, rows: Rows) -> npt.NDArray[np.bool_]:
        cells = len(self._pipeline.endpoints if self._is_of_endpoints else self._pipeline.routes)
        if not cells:
            return np.zeros(len(rows), dtype=np.bool_)
        facts = CellFacts(self._value, self._threshold)
        counted = facts.masks(part.cell_where, cells)[rows.cell]
        where = self._plan.primitives[self._metric.grain, part.table][part.primitives[0]].where
        return counted & RowConditions(rows, facts, cells, self._threshold).all(where) if where else counted

    def _attributes(self, table: str, rows: Rows, row: int) -> Mapping[str, object]:
        found: dict[str, object] = {}
        for path in self._mentioned:
            binding = self._bindings[table].get(path)
            if isinstance(binding, CellColumn):
                found[path] = self._value(binding.name, int(rows.cell[row]))
            elif isinstance(binding, RowColumn) and binding.name in rows.columns and self._is_plain(path):
                number = int(rows.numbers[row, list(rows.columns).index(binding.name)])
                found[path] = bool(number) if self._kinds[path] is Kind.BOOL else number
            elif isinstance(binding, RowColumn):
                codes, values = rows.codes(binding.name)
                found[path] = values[int(codes[row])] if codes[row] >= 0 else None
        return found

    def _is_plain(self, path: str) -> bool:
        """Whether a column holds the values of an attribute themselves, and not codes of them."""
        return self._kinds[path].is_numeric or self._kinds[path] is Kind.BOOL


def _mentioned(rule: Rule) -> Iterator[str]:
    """The paths that a rule reads, in order."""
    if rule.source.path is not None:
        yield rule.source.path.dotted
    yield from (condition.path.dotted for condition in rule.filters)
    for argument in rule.call.arguments:
        if isinstance(argument, Condition):
            yield argument.path.dotted
        elif isinstance(argument, Path):
            yield argument.dotted


def _sides(route: Route) -> str:
    """Who reported, and which way the calls go."""
    return f"{DETECT_POINTS[route.role].lower()} side of {_side(route.source)} -> {_side(route.dest)}"


def _side(side: Side) -> str:
    return f"{side.service}/{side.pod}" if side.pod else side.service


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return ", ".join(value) if isinstance(value, tuple) else str(value)
