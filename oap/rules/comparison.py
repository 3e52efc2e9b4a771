"""What two rule sets make of the same logs, record by record.

Records are equal when all their columns are, or, where the function itself is another, when their values are. How much
a metric changes is the sum of all differences over the sum of its values, that of the side where it is larger: 0 is
nothing, 1 all of it, up to 2 where signs change too. A missing record counts as 0, a table as the sum of its entries.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from oap.rules.alignment import Alignment, Side, differing
from oap.rules.entity_text import entity_text
from oap.rules.records import Records
from oap.rules.values import Value
from oap.timebucket import Precision, precision_of


class Change(StrEnum):
    """What becomes of a metric."""

    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record under both rule sets, None where it does not exist.

    ``difference`` is new minus old; for tables that of the entry which differs most.
    """

    entity: str
    entity_id: str
    bucket: int
    old: Value | None
    new: Value | None
    difference: float


@dataclass(slots=True)
class Extent:
    """How many records of one metric and precision there are, and how much they differ.

    ``added``, ``removed`` and ``changed`` count records, ``old_sum`` and ``new_sum`` add up values, ``moved`` the
    absolute differences, ``magnitudes`` the absolute values of both sides; ``entities`` are the ids of those with any
    change. ``largest`` are the largest changes first.
    """

    old_records: int = 0
    new_records: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    old_sum: float = 0.0
    new_sum: float = 0.0
    moved: float = 0.0
    magnitudes: tuple[float, float] = (0.0, 0.0)
    entities: set[str] = field(default_factory=set)
    largest: list[RecordChange] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether any record does."""
        return bool(self.added or self.removed or self.changed)

    @property
    def share(self) -> float:
        """How much of the metric changes, from 0 to 2."""
        magnitude = max(self.magnitudes)
        return self.moved / magnitude if magnitude else 0.0


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric that changes, with its changes by the shortest precision that has any."""

    metric: str
    scope: str
    change: Change
    precision: Precision
    extent: Extent


@dataclass(frozen=True, slots=True)
class Comparison:
    """All metrics that change: removed ones, added ones, changed ones, each the largest changes first."""

    changes: Sequence[MetricChange]
    unchanged: int


_ORDER: Final = tuple(Change)


def compare(old: Records, new: Records, metrics: Sequence[str], most: int) -> Comparison:
    """Compare the records of these metrics; keep the ``most`` largest changes of each (0: all)."""
    extents: dict[tuple[str, Precision], Extent] = {}
    entities = {**old.entities, **new.entities}
    chosen = frozenset(metrics)
    for scope, bucket in sorted({*old.rows, *new.rows}, key=lambda key: key[1]):
        alignment = Alignment(old.rows.get((scope, bucket)), new.rows.get((scope, bucket)))
        texts = [entity_text(scope, entities[scope, entity_id].names) for entity_id in alignment.entity_ids]
        named = list(zip(texts, alignment.entity_ids, strict=True))
        for name in alignment.names:
            if name in chosen:
                extent = extents.setdefault((name, precision_of(bucket)), Extent())
                _add(extent, alignment.sides(name), named, bucket, most)
    found = [_metric_change(name, old, new, extents) for name in metrics]
    changes = [change for change in found if change is not None]
    changes.sort(key=lambda change: (_ORDER.index(change.change), -change.extent.share, change.metric))
    return Comparison(changes, len(found) - len(changes))


def _metric_change(
    name: str, old: Records, new: Records, extents: Mapping[tuple[str, Precision], Extent]
) -> MetricChange | None:
    before, after = old.models.get(name), new.models.get(name)
    kind = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
    scope = next(model.scope for model in (after, before) if model is not None)
    for precision in Precision:
        extent = extents.get((name, precision), Extent())
        if extent.differs:
            return MetricChange(name, scope, kind, precision, extent)
    return None if kind is Change.CHANGED else MetricChange(name, scope, kind, Precision.MINUTE, Extent())


def _add(extent: Extent, sides: tuple[Side, Side], named: Sequence[tuple[str, str]], bucket: int, most: int) -> None:
    """Take in the records of one bucket; ``named`` are the texts and ids of its entities."""
    old, new = sides
    was, now = old.totals(), new.totals()
    extent.old_records += int(np.count_nonzero(old.present))
    extent.new_records += int(np.count_nonzero(new.present))
    extent.old_sum += float(was.sum())
    extent.new_sum += float(now.sum())
    magnitudes = extent.magnitudes
    extent.magnitudes = (magnitudes[0] + float(np.abs(was).sum()), magnitudes[1] + float(np.abs(now).sum()))
    numbers = np.flatnonzero(differing(old, new))
    if not len(numbers):
        return
    has_old, has_new = old.present[numbers], new.present[numbers]
    extent.added += int(np.count_nonzero(~has_old))
    extent.removed += int(np.count_nonzero(~has_new))
    extent.changed += int(np.count_nonzero(has_old & has_new))
    distances = np.abs(now[numbers] - was[numbers])
    extent.moved += float(distances.sum())
    extent.entities.update(named[number][1] for number in numbers.tolist())
    # Only those that can be shown are turned into objects: a rule set may change millions of records.
    shown = numbers[np.argsort(-distances, kind="stable")[: most or None]]
    values = zip(shown.tolist(), old.values(shown), new.values(shown), strict=True)
    found = [
        RecordChange(entity, entity_id, bucket, a, b, _difference(a, b))
        for number, a, b in values
        for entity, entity_id in (named[number],)
    ]
    extent.largest = sorted([*extent.largest, *found], key=_largest_first)[: most or None]


def _largest_first(change: RecordChange) -> tuple[float, int, str]:
    return -abs(change.difference), change.bucket, change.entity


def _difference(old: Value | None, new: Value | None) -> float:
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        return max(_entry_differences(old, new), key=abs, default=0.0)
    return (new or 0) - (old or 0)


def _entry_differences(old: Value | None, new: Value | None) -> Iterator[float]:
    was, now = (side if isinstance(side, Mapping) else {"": side or 0} for side in (old, new))
    for key in dict.fromkeys((*was, *now)):
        yield now.get(key, 0) - was.get(key, 0)
