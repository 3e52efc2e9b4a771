"""All records that rules make of some logs, in memory: the server's own decoding, entities and fold without its store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Tables
from oal.functions.tables import concat_tables, select_tables
from oal.plan import Plan
from oap.accounting import Accounts, Outcome
from oap.entity.addresses import AddressRegistry
from oap.entity.apdex import ApdexThresholds
from oap.entity.grouping.endpoint_names import EndpointNames, GroupingRules
from oap.entity.registries import FirstKnown
from oap.entity.routes import Entity
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.receiver.block import Block
from oap.storage.contract import MetricColumns, MetricModel, MetricRows
from oap.window.placement import TimeBounds
from oap.window.records import Base, Pending, finished

KEPT_DAYS: Final = 36
"""How far a recording may reach back from its newest log; older logs count as expired."""

_OPEN_WINDOWS: Final = 60

Bucketed = tuple[str, int]
"""(scope, bucket)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What records depend on besides rules and logs. The calendar is that of UTC."""

    registry: AddressRegistry = field(default_factory=lambda: FirstKnown(()))
    grouping: GroupingRules = field(default_factory=GroupingRules)
    thresholds: ApdexThresholds = field(default_factory=ApdexThresholds)


@dataclass(frozen=True, slots=True)
class Records:
    """The records by scope and bucket, the entities by scope and id, and what became of the logs."""

    models: Mapping[str, MetricModel]
    rows: Mapping[Bucketed, MetricRows]
    entities: Mapping[tuple[str, str], Entity]
    accounts: Accounts


def left_out(accounts: Accounts) -> dict[str, int]:
    """Logs that are in no record by reason, and malformed messages; reasons that did not occur are left out."""
    counts = {**accounts.dropped, "refused": int(accounts.outcomes[Outcome.REFUSED])}
    counts["malformed_message"] = accounts.malformed
    return {reason: count for reason, count in counts.items() if count}


def new_pipeline(plan: Plan, surroundings: Surroundings) -> Pipeline:
    """A pipeline with the server's limits and the calendar of UTC."""
    return Pipeline(
        plan,
        k8s_catalog(),
        surroundings.registry,
        EndpointNames(surroundings.grouping),
        surroundings.thresholds.lookup,
        PipelineSettings(TimeBounds(UTC, ttl_days=KEPT_DAYS), max_open_windows=_OPEN_WINDOWS),
    )


def fold(plan: Plan, blocks: Iterable[Block], now_s: float, surroundings: Surroundings) -> Records:
    """Fold blocks that all arrive at one clock time (epoch seconds) and return every record as it finally is."""
    pipeline = new_pipeline(plan, surroundings)
    kept = _Kept()
    for block in blocks:
        pipeline.accept(block, now_s)
        if pipeline.needs_hand_over:
            kept.take(pipeline.collect())
    kept.take(pipeline.collect(everything=True))
    return Records(pipeline.models, kept.rows, kept.entities, pipeline.accounts)


class _Kept:
    """Does what writer and store do: later totals of a closed bucket are merged with those it closed with."""

    def __init__(self) -> None:
        self.rows: dict[Bucketed, MetricRows] = {}
        self.entities: dict[tuple[str, str], Entity] = {}
        self._bases: dict[Bucketed, Base] = {}

    def take(self, pending: Pending) -> None:
        for state in pending.states:
            scope = state.source.name
            key = (scope, state.bucket)
            known = self.rows.get(key)
            if key not in self._bases:
                self._bases[key] = Base(known)
            rows = finished(state, self._bases[key])
            self.rows[key] = rows if known is None else _replaced(known, rows)
            self.entities.update({(scope, entity.entity_id): entity for entity in state.entities})
        closed = set(pending.closed)
        self._bases = {key: base for key, base in self._bases.items() if key[1] not in closed}


def _replaced(old: MetricRows, new: MetricRows) -> MetricRows:
    """The old rows with those of the same entities replaced, and the new ones behind them."""
    again = frozenset(new.entity_ids)
    stay = np.array([number for number, entity in enumerate(old.entity_ids) if entity not in again], dtype=np.int64)
    metrics = [
        MetricColumns(
            now.model,
            np.concatenate((was.present[stay], now.present)),
            {name: _joined(selected(was.columns[name], stay), column) for name, column in now.columns.items()},
        )
        for was, now in zip(old.metrics, new.metrics, strict=True)
    ]
    entity_ids = [*(old.entity_ids[number] for number in stay.tolist()), *new.entity_ids]
    return MetricRows(new.scope, new.bucket, entity_ids, None, metrics)


def _joined(first: Column, second: Column) -> Column:
    if isinstance(first, Tables) or isinstance(second, Tables):
        return concat_tables([table for table in (first, second) if isinstance(table, Tables)])
    joined: npt.NDArray = np.concatenate((first, second))
    return joined


def selected(column: Column, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Column:
    """The records of a column at these positions, or where this mask is true."""
    return select_tables(column, which) if isinstance(column, Tables) else column[which]
