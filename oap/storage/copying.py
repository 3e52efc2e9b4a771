"""Copies everything that one store holds into another, bucket by bucket, and compares afterwards.

Rows are running totals under keys of their own, so a bucket that is copied twice is stored once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from oap.clock import Clock, SystemClock
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    RefusesRows,
    ServiceTraffic,
    StorageUnavailable,
)
from oap.storage.journal import Journal
from oap.storage.listing import RELATIONS, ListedStorage

T = TypeVar("T")
PingT = TypeVar("PingT", InstanceTraffic, EndpointTraffic)

# All shipped metrics of a scope at once; of many more, a backend would hold too many rows in memory.
_MODELS_AT_ONCE: Final = 100
_PATIENCE_S: Final = 120.0
_LONGEST_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to copy: rows by bucket, the oldest day first; and rows by name that nothing here knows."""

    rows: Mapping[int, int]
    unknown: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """How many rows of one kind the source and the target have. ``missing``: rows that only the source has."""

    name: str
    source: int
    target: int
    missing: int


@dataclass(frozen=True, slots=True)
class Copier:
    """One copy. ``models`` are the metrics that are copied, by name."""

    source: ListedStorage
    target: ListedStorage
    models: Mapping[str, MetricModel]
    clock: Clock = field(default_factory=SystemClock)
    _waits: Retrying = field(
        default_factory=lambda: Retrying(
            retry=retry_if_exception_type(StorageUnavailable),
            wait=wait_random_exponential(max=_LONGEST_WAIT_S),
            stop=stop_after_delay(_PATIENCE_S),
            reraise=True,
        )
    )

    def plan(self) -> Plan:
        """Look through the source."""
        rows: dict[int, int] = {}
        unknown: Counter[str] = Counter()
        listing = self.source.listing()
        for day in listing.days():
            for bucket, counts in sorted(listing.counts(day).items()):
                known = sum(count for name, count in counts.items() if self._is_known(name))
                unknown.update({name: count for name, count in counts.items() if not self._is_known(name)})
                if known:
                    rows[bucket] = known
        return Plan(rows, dict(unknown))

    def run(self, plan: Plan, journal: Journal, progress: Callable[[int], None]) -> None:
        """Copy what the journal does not have as done; ``progress`` is told how many rows were.

        A store that is away is waited for, two minutes at most; StorageUnavailable then.
        """
        self._patiently(lambda: self.target.prepare(list(self.models.values())))
        self._copy_traffic()
        self._copy_templates()
        self._copy_menu()
        for bucket, rows in plan.rows.items():
            if bucket not in journal.done:
                self._patiently(partial(self._copy, bucket))
                journal.finish(bucket)
            progress(rows)

    def compare(self) -> Sequence[Kind]:
        """Count what the source has, and what the target has of it."""
        kinds: dict[str, list[int]] = {}
        source, target = self.source.listing(), self.target.listing()
        for day in source.days():
            held = target.counts(day)
            for bucket, counts in source.counts(day).items():
                for name, count in counts.items():
                    if self._is_known(name):
                        there = held.get(bucket, {}).get(name, 0)
                        sums = kinds.setdefault(_kind(bucket, name), [0, 0, 0])
                        sums[:] = sums[0] + count, sums[1] + there, sums[2] + max(count - there, 0)
        return [*(Kind(name, *sums) for name, sums in sorted(kinds.items())), *self._compared_traffic()]

    @property
    def refused(self) -> Mapping[str, int]:
        """Rows that the target will never take, by reason."""
        return self.target.refused_rows if isinstance(self.target, RefusesRows) else {}

    def _copy(self, bucket: int) -> None:
        rows = self.source.listing().relations(bucket)
        self.target.write(replace(rows, metrics=list(self._metrics(bucket))))

    def _metrics(self, bucket: int) -> Iterator[MetricRows]:
        by_scope: dict[str, list[MetricModel]] = {}
        for model in self.models.values():
            by_scope.setdefault(model.scope, []).append(model)
        for models in by_scope.values():
            for start in range(0, len(models), _MODELS_AT_ONCE):
                found = self.source.load_metrics(models[start : start + _MODELS_AT_ONCE], bucket)
                if found is not None:
                    yield found

    def _copy_traffic(self) -> None:
        """Write traffic with the later of both last pings: the target may have seen more since."""
        mine, theirs = self._both_traffic()
        instances = {row.instance_id: row.last_ping for row in theirs.instances}
        endpoints = {row.endpoint_id: row.last_ping for row in theirs.endpoints}
        rows = HandOver(
            services=mine.services,
            instances=[_later(row, instances.get(row.instance_id)) for row in mine.instances],
            endpoints=[_later(row, endpoints.get(row.endpoint_id)) for row in mine.endpoints],
        )
        self._patiently(lambda: self.target.write(rows))

    def _copy_templates(self) -> None:
        held = {row.template_id: row for row in self._patiently(lambda: self.target.templates(include_disabled=True))}
        for row in self._patiently(lambda: self.source.templates(include_disabled=True)):
            known = held.get(row.template_id)
            if known is None or known.update_time < row.update_time:
                self._patiently(partial(self.target.save_template, row))

    def _copy_menu(self) -> None:
        """Write the menu where there is none; stores do not tell which of two is the newer."""
        menu = self._patiently(self.source.menu)
        if menu is not None and self._patiently(self.target.menu) is None:
            self._patiently(partial(self.target.save_menu, menu, int(self.clock.now_s() * 1000)))

    def _compared_traffic(self) -> Iterator[Kind]:
        mine, theirs = self._both_traffic()
        yield _compared("services", set(map(_service_key, mine.services)), set(map(_service_key, theirs.services)))
        yield _compared(
            "instances", {row.instance_id for row in mine.instances}, {row.instance_id for row in theirs.instances}
        )
        yield _compared(
            "endpoints", {row.endpoint_id for row in mine.endpoints}, {row.endpoint_id for row in theirs.endpoints}
        )
        templates = (store.templates(include_disabled=True) for store in (self.source, self.target))
        yield _compared("templates", *({row.template_id for row in rows} for rows in templates))
        yield _compared("menus", *({"menu"} if store.menu() else set() for store in (self.source, self.target)))

    def _both_traffic(self) -> tuple[HandOver, HandOver]:
        source, target = self.source.listing(), self.target.listing()
        return self._patiently(source.traffic), self._patiently(target.traffic)

    def _is_known(self, name: str) -> bool:
        return name in self.models or name in RELATIONS

    def _patiently(self, work: Callable[[], T]) -> T:
        return self._waits.copy()(work)


def _later(row: PingT, last_ping: int | None) -> PingT:
    return row if last_ping is None or last_ping <= row.last_ping else replace(row, last_ping=last_ping)


def _kind(bucket: int, name: str) -> str:
    what = "relations" if name in RELATIONS else "metrics"
    return f"{what}, {({8: 'days', 10: 'hours', 12: 'minutes'}).get(len(str(bucket)), 'others')}"


def _compared(name: str, source: set[T], target: set[T]) -> Kind:
    return Kind(name, len(source), len(source & target), len(source - target))


def _service_key(row: ServiceTraffic) -> tuple[str, int]:
    return row.name, row.layer
