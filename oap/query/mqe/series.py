"""Stored values as series: one point for each point of the range, whatever is stored (spec query 2.3, 2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import lru_cache
from typing import Protocol

from oal.functions.contract import ValueKind
from oap.query.duration import Duration
from oap.query.entity import EntityInput
from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.near_names import near_name
from oap.query.mqe.syntax import Label, Metric
from oap.query.mqe.value import Flags, Floats, Labels, Result, ResultType, Series
from oap.query.stored_points import labelled_points, plain_points
from oap.storage.contract import MetricModel, TopEntity


class MetricReads(Protocol):
    """The metrics that there are and their values: of a store, or made up to find out what an expression can be."""

    @property
    def models(self) -> Mapping[str, MetricModel]:
        """Models by name."""

    def series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, int | float]:
        """Values by bucket."""

    def labeled_series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, Mapping[str, int]]:
        """Values of a labelled metric by bucket, then by key text."""

    def top_n(
        self,
        model: MetricModel,
        duration: Duration,
        count: int,
        *,
        descending: bool,
        service_id: str | None,
        attr0_equal: tuple[str, ...] = (),
        attr0_not_equal: tuple[str, ...] = (),
    ) -> Sequence[TopEntity]:
        """First entities by mean value."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an expression is evaluated for."""

    entity: EntityInput
    duration: Duration
    zone: tzinfo
    reads: MetricReads

    def model(self, metric: Metric) -> MetricModel:
        """Model of a metric. Raises MqeError when there is none of that name."""
        model = self.reads.models.get(metric.name)
        if model is None:
            near = near_name(metric.name, frozenset(self.reads.models))
            hint = f"did you mean '{near}'?" if near else ""
            raise MqeError(Finding(f"there is no metric '{metric.name}'", metric.at, hint))
        return model

    def earlier(self, steps: int) -> "Subject":
        """The same, so many steps earlier. Raises MqeError where no calendar reaches."""
        try:
            return replace(self, duration=self.duration.earlier(steps))
        except OverflowError:
            raise MqeError(f"{steps} steps before the start there is no calendar") from None


def read_metric(metric: Metric, subject: Subject) -> Result:
    """Series of a metric. An entity that lacks a needed member is no error but has no series."""
    model = subject.model(metric)
    entity_id = subject.entity.id_for(model.category)
    if model.value_kind is ValueKind.HEATMAP:
        return Result(ResultType.UNKNOWN)
    if model.value_kind is ValueKind.REGULAR_VALUE:
        if entity_id is None:
            return Result(ResultType.UNKNOWN)
        by_bucket = subject.reads.series(model, entity_id, subject.duration)
        return Result(ResultType.TIME_SERIES_VALUES, (_plain(by_bucket, subject),))
    if entity_id is None:
        return Result(ResultType.TIME_SERIES_VALUES, labelled=True)
    tables = subject.reads.labeled_series(model, entity_id, subject.duration)
    return Result(ResultType.TIME_SERIES_VALUES, _labelled(tables, metric.labels, subject), labelled=True)


@lru_cache(maxsize=4096)
def label_pairs(key: str) -> Labels:
    """Labels of a stored key ``{a=1,b=2}``, by name; a text without braces is the value of the label ``_``."""
    if not (key.startswith("{") and key.endswith("}")):
        return (("_", key),)
    parts = (part.partition("=") for part in key[1:-1].split(",") if part)
    return tuple(sorted((name, text) for name, _, text in parts))


def _plain(by_bucket: Mapping[int, int | float], subject: Subject) -> Series:
    values, present = plain_points(by_bucket, subject.duration)
    return _series((), subject.duration.ids(subject.zone), values, present)


def _labelled(
    tables: Mapping[int, Mapping[str, int]], selectors: Sequence[Label], subject: Subject
) -> tuple[Series, ...]:
    keys = selected(sorted(set().union(*tables.values())), selectors)
    ids = subject.duration.ids(subject.zone)
    values, present = labelled_points(tables, keys, subject.duration)
    return tuple(_series(label_pairs(key), ids, values[row], present[row]) for row, key in enumerate(keys))


def _series(labels: Labels, ids: tuple[str, ...], values: Floats, present: Flags) -> Series:
    return Series(labels, ids, values, present, (None,) * len(ids))


def selected(keys: Sequence[str], selectors: Sequence[Label]) -> list[str]:
    """The stored keys that all selectors allow, in their order."""
    wanted = _wanted(selectors)
    return [key for key in keys if all(dict(label_pairs(key)).get(name) in texts for name, texts in wanted.items())]


def _wanted(selectors: Sequence[Label]) -> Mapping[str, set[str]]:
    """Texts by label name; a selector without any text selects nothing away."""
    wanted: dict[str, set[str]] = {}
    for selector in selectors:
        texts = set(label_texts(selector.text))
        if texts:
            wanted.setdefault(selector.name, set()).update(texts)
    return wanted


def label_texts(text: str) -> tuple[str, ...]:
    """Texts of a list ``'a,b'``, trimmed, blanks dropped."""
    return tuple(one for part in text.split(",") if (one := part.strip()))
