"""One log as people read it: when, from whom to whom, and the attributes that a rule mentions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.catalog import CellColumn, Kind, RowColumn
from oal.explain import rule_of
from oal.plan import Metric
from oal.syntax import Condition, Path, Rule
from oap.entity.connections import Attribution
from oap.entity.endpoints import EndpointCache
from oap.entity.nodes import NodeTable
from oap.entity.routes import DETECT_POINTS, ENDPOINT, Entity, Route, RouteTable, Side
from oap.entity.scopes import k8s_catalog
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import LogBatch
from oap.window.placement import OPERATIONS, Placement
from oap.window.rows import Rows

NUMBERS: Final = {name: operation for operation, name in lay.TABLE_NAMES.items()}
"""Operations by the names of their tables."""

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
class Numbering:
    """What the numbers in a batch stand for."""

    routes: RouteTable
    endpoints: EndpointCache
    nodes: NodeTable

    def entity(self, scope: str, cell: int) -> Entity | None:
        """The entity of a scope that a cell adds up to."""
        if scope == ENDPOINT:
            return self.endpoints.table.entities[cell]
        number = int(self.routes.entity_of[scope].view[cell])
        return self.routes.entities[scope].entities[number] if number >= 0 else None


@dataclass(frozen=True, slots=True)
class PlacedBatch:
    """A batch with what was found out about its messages and rows."""

    batch: LogBatch
    attribution: Attribution
    placement: Placement


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """Rows of one operation with where they come from: ``logs`` int64[n, 5] as in ``LogBatch.order``."""

    name: str
    rows: Rows
    logs: npt.NDArray[np.int64]
    route: npt.NDArray[np.int32]
    message_node: npt.NDArray[np.int32]


def placed_table(name: str, rows: Rows, placed: PlacedBatch) -> PlacedTable:
    """The rows of an operation's table, in a batch."""
    operation = NUMBERS[name]
    logs = placed.batch.order[placed.batch.order[:, lay.OPERATION] == operation]
    route = placed.placement.route[OPERATIONS.index(operation), : len(rows)]
    return PlacedTable(name, rows, logs, route, placed.attribution.node)


class RowReader:
    """Reads rows for one metric."""

    def __init__(self, metric: Metric, numbering: Numbering) -> None:
        scope = k8s_catalog().scopes[metric.scope]
        self._scope = scope.name
        self._numbering = numbering
        self._bindings = {table.name: table.bindings for table in scope.tables}
        self._kinds = {path: attribute.kind for path, attribute in scope.attributes.items()}
        self._mentioned = list(dict.fromkeys(_mentioned(rule_of(metric))))

    def read(self, table: PlacedTable, row: int, entity: str, *, is_counted: bool) -> TracedRow:
        """A row that has a minute and a cell. ``entity`` is what the row adds to, in words."""
        message = int(table.logs[row, lay.MESSAGE])
        boot_s = int(self._numbering.nodes.boot_s.view[table.message_node[message]])
        return TracedRow(
            message=message,
            minute=int(table.rows.minute[row]),
            second=boot_s + int(table.logs[row, lay.OFFSET]) // _NS_PER_S,
            operation=table.name,
            entity=entity,
            sides=_sides(self._numbering.routes.routes[int(table.route[row])]),
            is_counted=is_counted,
            attributes=self._attributes(table.name, table.rows, row),
        )

    def _attributes(self, table: str, rows: Rows, row: int) -> Mapping[str, object]:
        found: dict[str, object] = {}
        for path in self._mentioned:
            binding = self._bindings[table].get(path)
            if isinstance(binding, CellColumn):
                found[path] = rows.cell_value(binding.name, int(rows.cell[row]))
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
