"""From a window to the records that are handed over: roll up, merge with what is stored, finish (spec oal 3, 4).

Only entities that took in rows since the last time are handed over, with their running totals. What the store held of a
bucket before this process first touched it is loaded once and merged from then on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Tables
from oal.functions.merging import merge_columns
from oal.functions.tables import NO_LIMIT, add_tables, concat_tables, select_tables
from oal.plan import Metric
from oap.entity.routes import Entity
from oap.renumbering import Kept
from oap.storage.contract import HandOver, MetricColumns, MetricModel, MetricRows
from oap.window.rollup import RollUp, added
from oap.window.window import CellSource, Window

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScopeSource:
    """What is needed to roll one scope up: its cells, its entities in order of their numbers, metrics and models."""

    name: str
    grain: str
    cells: CellSource
    entities: Callable[[], Sequence[Entity]]
    metrics: Sequence[Metric]
    models: Sequence[MetricModel]
    has_service_id: bool

    def without(self, names: frozenset[str]) -> "ScopeSource":
        """The same but for these metrics."""
        kept = [number for number, metric in enumerate(self.metrics) if metric.name not in names]
        if len(kept) == len(self.metrics):
            return self
        return replace(self, metrics=[self.metrics[at] for at in kept], models=[self.models[at] for at in kept])


@dataclass(frozen=True, slots=True)
class Earlier:
    """What rules that were replaced within a bucket have of it; ``begun`` names metrics that they did not mean."""

    window: Window
    source: ScopeSource
    begun: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScopeState:
    """State columns of the entities of one scope that changed, not yet finished: what a writer can work on alone.

    ``restarted`` names metrics whose stored records mean something else and are replaced.
    """

    source: ScopeSource
    bucket: int
    minutes: int
    entities: Sequence[Entity]
    presence: Sequence[npt.NDArray[np.bool_]]
    state: Sequence[Mapping[str, Column]]
    restarted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """A hand-over that is not finished yet: metric state to merge and finish, rows that are ready.

    ``closed`` are the buckets whose windows closed with it.
    """

    states: Sequence[ScopeState]
    rows: HandOver
    closed: Sequence[int]


@dataclass(slots=True)
class Handed:
    """How many rows each entity's record had taken in when it was last handed over, by metric name."""

    presence: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    def keep(self, entities: Kept) -> None:
        """Follow a renumbering of the entities; all that have rows stay."""
        for name, counts in self.presence.items():
            self.presence[name] = counts[entities[: np.searchsorted(entities, len(counts))]]


def changed_state(
    window: Window, source: ScopeSource, handed: Handed, earlier: Earlier | None = None
) -> ScopeState | None:
    """State of the entities that took in rows since ``handed``, which is brought up to date; None without any.

    What ``earlier`` rules have of the bucket counts too, for the metrics that mean the same or ended with them.
    """
    entities = source.entities()
    if earlier is not None:
        source, sums = _with_earlier(window, source, earlier, len(entities))
    else:
        roll_up = RollUp(window, source.name, source.grain, source.cells, len(entities))
        sums = [[(roll_up, metric)] for metric in source.metrics]
    if not entities or not sums:
        return None
    presence = [_presence(parts) for parts in sums]
    changed = np.zeros(len(entities), dtype=np.bool_)
    for metric, now in zip(source.metrics, presence, strict=True):
        before = handed.presence.get(metric.name, np.zeros(0, np.int64))
        changed[: len(before)] |= now[: len(before)] != before
        changed[len(before) :] |= now[len(before) :] != 0
        handed.presence[metric.name] = now
    chosen = np.flatnonzero(changed)
    if not len(chosen):
        return None
    return ScopeState(
        source,
        window.bucket,
        window.precision.minutes,
        [entities[number] for number in chosen.tolist()],
        [now[chosen] > 0 for now in presence],
        [_assembled(parts, metric, chosen) for parts, metric in zip(sums, source.metrics, strict=True)],
        earlier.begun if earlier is not None else frozenset(),
    )


_Sums = Sequence[tuple[RollUp, Metric]]
"""What a record adds up: roll-ups, each with the metric as its rules know it."""


def _with_earlier(
    window: Window, source: ScopeSource, earlier: Earlier, entities: int
) -> tuple[ScopeSource, list[_Sums]]:
    """The metrics of both sets of rules, and what each adds up."""
    now = RollUp(window, source.name, source.grain, source.cells, entities)
    then = RollUp(earlier.window, source.name, source.grain, earlier.source.cells, entities)
    before = {metric.name: metric for metric in earlier.source.metrics}
    ended = earlier.source.without(frozenset(metric.name for metric in source.metrics))
    sums: list[_Sums] = []
    for metric in source.metrics:
        is_old = metric.name in before and metric.name not in earlier.begun
        sums.append([(then, before[metric.name]), (now, metric)] if is_old else [(now, metric)])
    sums += [[(then, metric)] for metric in ended.metrics]
    both = replace(
        source,
        metrics=[*source.metrics, *ended.metrics],
        models=[*source.models, *ended.models],
        has_service_id=source.has_service_id or ended.has_service_id,
    )
    return both, sums


def _presence(parts: _Sums) -> npt.NDArray[np.int64]:
    counts = [roll_up.presence(metric) for roll_up, metric in parts]
    return counts[0] if len(counts) == 1 else np.add.reduce(counts)


def _assembled(parts: _Sums, metric: Metric, chosen: Indices) -> Mapping[str, Column]:
    found = [[_select(column, chosen) for column in roll_up.columns(own)] for roll_up, own in parts]
    columns = found[0]
    if len(found) > 1:
        columns = [
            added(fold, both)
            for fold, both in zip(parts[0][0].folds(parts[0][1]), zip(*found, strict=True), strict=True)
        ]
    parameters = metric.parameters
    if metric.function.labels_limited:
        # The store may already hold a label that arrived late in this process: which ones go is decided after merging.
        parameters = (*parameters[:-1], NO_LIMIT)
    return metric.function.assemble(columns, parameters)


class Base:
    """What the store held of one scope and bucket before this process wrote to it."""

    def __init__(self, rows: MetricRows | None) -> None:
        self._numbers = {entity: number for number, entity in enumerate(rows.entity_ids)} if rows else {}
        self._metrics = {metric.model.name: metric for metric in rows.metrics} if rows else {}

    def __len__(self) -> int:
        return len(self._numbers)

    def positions(self, entities: Sequence[Entity]) -> Indices:
        """Position of each entity in the stored rows, -1 for new ones."""
        return np.array([self._numbers.get(entity.entity_id, -1) for entity in entities], dtype=np.int64)

    def merge(
        self, metric: Metric, positions: Indices, present: npt.NDArray[np.bool_], state: Mapping[str, Column]
    ) -> tuple[npt.NDArray[np.bool_], Mapping[str, Column]]:
        """Presence and state of a metric with the stored records merged in."""
        stored = self._metrics.get(metric.name)
        if stored is None:
            return present, state
        with_base = np.flatnonzero((positions >= 0) & stored.present[positions])
        if not len(with_base):
            return present, state
        old = {name: _select(column, positions[with_base]) for name, column in stored.columns.items()}
        new = {name: _select(column, with_base) for name, column in state.items()}
        merged = merge_columns(metric.function, old, new, metric.parameters)
        present = present.copy()
        present[with_base] = True
        return present, {name: _replaced(column, with_base, merged[name]) for name, column in state.items()}


def finished(scope: ScopeState, base: Base) -> MetricRows:
    """Records ready to be stored: stored state merged in, value columns computed."""
    positions = base.positions(scope.entities) if len(base) else None
    metrics = []
    parts = zip(scope.source.metrics, scope.source.models, scope.presence, scope.state, strict=True)
    for metric, model, presence, columns in parts:
        present, state = presence, columns
        if positions is not None and metric.name not in scope.restarted:
            present, state = base.merge(metric, positions, present, state)
        state = _limited(metric, state)
        metrics.append(MetricColumns(model, present, metric.function.finish(state, scope.minutes, metric.parameters)))
    return MetricRows(
        scope.source.name,
        scope.bucket,
        [entity.entity_id for entity in scope.entities],
        [entity.service_id for entity in scope.entities] if scope.source.has_service_id else None,
        metrics,
    )


def _limited(metric: Metric, state: Mapping[str, Column]) -> Mapping[str, Column]:
    """The state without the labels that came when a record was full (spec oal 3.6)."""
    if not metric.function.labels_limited:
        return state
    limit = metric.parameters[-1]
    return {
        name: add_tables((column,), limit) if isinstance(column, Tables) else column for name, column in state.items()
    }


def _select(column: Column, chosen: Indices) -> Column:
    return select_tables(column, chosen) if isinstance(column, Tables) else column[chosen]


def _replaced(column: Column, at: Indices, values: Column) -> Column:
    if isinstance(column, Tables) and isinstance(values, Tables):
        order = np.arange(len(column))
        order[at] = len(column) + np.arange(len(at))
        return select_tables(concat_tables([column, values]), order)
    result = np.array(column)
    result[at] = values
    return result
