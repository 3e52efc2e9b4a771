"""What a rule asks of a row, step by step, and how to count who is left after each (spec oal 2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from oal.plan import Metric, Part, Plan
from oap.entity.scopes import ROUTE_TABLES
from oap.why.counting import Counter, Counting

ROUTE_GRAIN: Final = "route"
_ENTITY_TEXTS: Final = {
    "K8SService": "of a known service",
    "K8SServiceInstance": "of a known pod",
    "K8SServiceRelation": "between two services",
    "K8SServiceInstanceRelation": "between two pods",
    "K8SEndpoint": "of an endpoint, told by the side that was called",
}


@dataclass(frozen=True, slots=True)
class PartCounters:
    """One operation that a metric reads; one counter for each stage behind the first."""

    operation: str
    counters: tuple[Counter, ...]


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of a metric.

    ``texts`` say what is left: all rows, the rows of the operations that the rule reads, those that belong to an entity
    of its scope, and then what is left after each further filter in the order of the rule. Filters that the operation
    decides are in the second text, wherever they stand. ``offered`` count the first stage.
    """

    texts: tuple[str, ...]
    offered: tuple[Counter, ...]
    parts: tuple[PartCounters, ...]

    @property
    def counters(self) -> Iterator[Counter]:
        """All counters."""
        yield from self.offered
        for part in self.parts:
            yield from part.counters


def stages_of(plan: Plan, metric: Metric) -> Stages:
    """The stages of a metric of a plan."""
    filters = list(metric.parts[0].stages) if metric.parts else []
    is_decided = [all(part.stages[at].is_of_operation for part in metric.parts) for at in range(_shared(metric.parts))]
    decided = tuple(stage.text for stage, decides in zip(filters, is_decided, strict=False) if decides)
    kept = [at for at, decides in enumerate(is_decided) if not decides]
    offered = [key for key in plan.primitives if key[0] == ROUTE_GRAIN] or list(plan.primitives)
    texts = [
        # Operations that no rule reads are not even counted.
        f"rows of {'all operations' if len(offered) == len(ROUTE_TABLES) else 'the operations that rules read'}",
        _operations_text(metric, decided),
        _ENTITY_TEXTS.get(metric.scope, f"of a {metric.scope}"),
        *(_after(filters[at].text) for at in kept),
    ]
    required = {part.stages[-1].text: part for part in metric.parts if len(part.stages) > len(is_decided)}
    if required:
        texts.append(_after(" or ".join(required)))
    return Stages(
        tuple(texts),
        tuple(map(Counter, offered)),
        tuple(
            PartCounters(part.table, tuple(_counters(plan, metric, part, kept, bool(required))))
            for part in metric.parts
        ),
    )


def _shared(parts: Sequence[Part]) -> int:
    """How many stages all parts have: one per filter. A part may have one more, for a value that may be missing."""
    return min((len(part.stages) for part in parts), default=0)


def _operations_text(metric: Metric, decided: Sequence[str]) -> str:
    if not metric.parts:
        return "none: no operation can meet the filters"
    if decided:
        return _after(" and ".join(decided))
    *first, last = [part.table for part in metric.parts]
    return f"{', '.join(first)} and {last} rows" if first else f"{last} rows"


def _after(text: str) -> str:
    return f"after {text}"


def _counters(plan: Plan, metric: Metric, part: Part, kept: Iterable[int], has_requirement: bool) -> Iterator[Counter]:
    key = (metric.grain, part.table)
    route_key = (ROUTE_GRAIN, part.table)
    yield Counter(route_key if route_key in plan.primitives else key)
    last = Counter(key, metric.scope)
    yield last
    for at in kept:
        stage = part.stages[at]
        last = Counter(key, metric.scope, stage.cell_where, stage.count)
        yield last
    if has_requirement:
        stage = part.stages[-1]
        yield Counter(key, metric.scope, stage.cell_where, stage.count) if part.stages else last


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Counts of one minute or several: ``total`` int64[stages]; per part int64[stages behind the first]."""

    total: npt.NDArray[np.int64]
    parts: tuple[npt.NDArray[np.int64], ...]

    def __add__(self, other: "StageCounts") -> "StageCounts":
        both = zip(self.parts, other.parts, strict=True)
        return StageCounts(self.total + other.total, tuple(mine + others for mine, others in both))


def stage_counts(stages: Stages, counting: Counting, counts: npt.NDArray[np.int64]) -> StageCounts:
    """The counts of a metric's stages among the counts that ``counting`` has read."""
    parts = tuple(
        np.array([counts[counting.position(counter)] for counter in part.counters], dtype=np.int64)
        for part in stages.parts
    )
    offered = sum(int(counts[counting.position(counter)]) for counter in stages.offered)
    behind = sum(parts, start=np.zeros(len(stages.texts) - 1, dtype=np.int64))
    return StageCounts(np.concatenate(([offered], behind)), parts)
