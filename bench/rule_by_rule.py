"""The fold's yardstick: for each of the 296 rules one numpy mask over the rows and one ``bincount`` by entity.

It gets more for free than it would have in earnest: contiguous columns, the entity of each row in every scope, the detect
point as a number, tables already split by operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.placed_rows import PlacedBatch, PlacedRows, PlacedTable
from bench.rig import APDEX_THRESHOLD_MS
from oal.functions.narrowing import narrowed
from oal.plan import ApdexTier, Compare, Fold, Metric, Operand, Plan, Predicate, Primitive
from oap.entity.routes import ENDPOINT, RouteTable
from oap.receiver.decode import layout as lay

Mask = npt.NDArray[np.bool_]
Totals = npt.NDArray[np.int64] | npt.NDArray[np.float64] | tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Number per entity, or for tallies distinct ``entity << 32 | key`` with their counts."""

_COMPARE: Mapping[str, Callable[[npt.NDArray[np.int64], int], Mask]] = {
    "==": np.equal,
    "<": np.less,
    ">=": np.greater_equal,
}


@dataclass(frozen=True, slots=True)
class FlatTable:
    """Rows of one operation. ``entity[scope]`` int32[n] (-1: none), ``detect_point`` int32[n] role numbers."""

    columns: Mapping[str, npt.NDArray[np.int64]]
    entity: Mapping[str, npt.NDArray[np.int32]]
    detect_point: npt.NDArray[np.int32]


class RuleByRule:
    """Folds all rows of a corpus, which must be of one minute, rule by rule: block by block, or ``in_one_piece``.

    ``entities`` is how many there are in each scope.
    """

    def __init__(self, rows: PlacedRows, *, in_one_piece: bool) -> None:
        if len(rows.minutes) != 1:
            raise ValueError("the rows belong to several minutes")
        pipeline = rows.pipeline
        self._plan: Plan = pipeline.plan.plan
        self.entities = {scope: len(table) for scope, table in pipeline.routes.entities.items()}
        self.entities[ENDPOINT] = len(pipeline.endpoints)
        cuts = [rows.batches] if in_one_piece else [[batch] for batch in rows.batches]
        self._pieces = [_flat_tables(pipeline.routes, batches) for batches in cuts]

    def fold(self) -> Mapping[str, Sequence[Totals]]:
        """Totals of every rule by its name, one for each piece of state that the rule's function needs."""
        first, *others = self._pieces
        totals = {metric.name: self._rule(metric, first) for metric in self._plan.metrics}
        for piece in others:
            for metric in self._plan.metrics:
                known = totals[metric.name]
                totals[metric.name] = [_added(a, b) for a, b in zip(known, self._rule(metric, piece), strict=True)]
        return totals

    def _rule(self, metric: Metric, tables: Mapping[str, FlatTable]) -> list[Totals]:
        (part,) = metric.parts
        table = tables[part.table]
        codes = table.entity[metric.scope]
        mask = codes >= 0
        for condition in part.cell_where:
            if condition.literal is not None:  # names are never null
                mask &= table.detect_point == ("CLIENT", "SERVER").index(str(condition.literal))
        entities = self.entities[metric.scope]
        primitives = self._plan.primitives[metric.grain, part.table]
        wanted = part.primitives[1:] if metric.function.name == "sum" else part.primitives
        return [_totals(primitives[index], table, mask, codes, entities) for index in wanted]


def _totals(primitive: Primitive, table: FlatTable, mask: Mask, codes: npt.NDArray[np.int32], entities: int) -> Totals:
    for predicate in primitive.where:
        mask = np.logical_and(mask, _matches(predicate, table))
    chosen = codes[mask]
    if primitive.fold is Fold.COUNT:
        return np.bincount(chosen, minlength=entities)
    values = _column(primitive.value, table)[mask]
    if primitive.fold is Fold.SUM:
        return np.bincount(chosen, weights=values, minlength=entities)
    if primitive.fold is Fold.TALLY:
        return np.unique(chosen.astype(np.int64) << 32 | values // primitive.step, return_counts=True)
    raise AssertionError(f"no shipped rule needs {primitive.fold}")


def _matches(predicate: Predicate, table: FlatTable) -> Mask:
    if isinstance(predicate, Compare):
        return _COMPARE[predicate.operator](_column(predicate.operand, table), int(predicate.literal))  # type: ignore[arg-type]
    if isinstance(predicate, ApdexTier):
        values, limit = _column(predicate.value, table), APDEX_THRESHOLD_MS
        tier = values <= limit if predicate.satisfied else (values > limit) & (values <= 4 * limit)
        return tier & _matches(predicate.status, table) if isinstance(predicate.status, Compare) else tier
    raise AssertionError(f"no shipped rule needs {predicate}")


def _column(operand: Operand | None, table: FlatTable) -> npt.NDArray[np.int64]:
    if operand is None:
        raise AssertionError("a value is missing")
    return table.columns[str(operand.column.name)]  # type: ignore[union-attr]


def _added(mine: Totals, other: Totals) -> Totals:
    if isinstance(mine, tuple):
        pairs = (mine, narrowed(other, tuple))
        keys, places = np.unique(np.concatenate([keys for keys, _ in pairs]), return_inverse=True)
        return keys, np.bincount(places, weights=np.concatenate([counts for _, counts in pairs])).astype(np.int64)
    mine += narrowed(other, np.ndarray)
    return mine


def _flat_tables(routes: RouteTable, batches: Sequence[PlacedBatch]) -> Mapping[str, FlatTable]:
    return {
        name: _flat_table(routes, [batch.tables[at] for batch in batches])
        for at, name in enumerate(lay.TABLE_NAMES.values())
    }


def _flat_table(routes: RouteTable, parts: Sequence[PlacedTable]) -> FlatTable:
    placed = np.concatenate([part.minute for part in parts]) >= 0
    numbers = np.concatenate([part.numbers for part in parts])[placed]
    route = np.concatenate([part.route for part in parts])[placed]
    entity = {scope: column.view[route] for scope, column in routes.entity_of.items()}
    entity[ENDPOINT] = np.concatenate([part.endpoint for part in parts])[placed]
    role = np.array([known.role for known in routes.routes], dtype=np.int32)
    names = lay.COLUMNS[parts[0].operation]
    columns = {name: np.ascontiguousarray(numbers[:, at]) for at, name in enumerate(names)}
    return FlatTable(columns, entity, role[route])
