"""Stored values as series: one point for each point of the range, whatever is stored (spec query 2.3, 2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from oal.functions.contract import ValueKind
from oap.query.duration import Duration
from oap.query.entity import EntityInput
from oap.query.mqe.errors import MqeError
from oap.query.mqe.syntax import Label, Metric
from oap.query.mqe.value import Labels, Result, ResultType, Series
from oap.query.reads import Reads
from oap.storage.contract import MetricModel


@dataclass(frozen=True, slots=True)
class Subject:
    """What an expression is evaluated for."""

    entity: EntityInput
    duration: Duration
    zone: tzinfo
    reads: Reads

    def model(self, name: str) -> MetricModel:
        """Model of a metric. Raises MqeError when there is none of that name."""
        model = self.reads.models.get(name)
        if model is None:
            raise MqeError(f"there is no metric '{name}'")
        return model


def read_metric(metric: Metric, subject: Subject) -> Result:
    """Series of a metric. An entity that lacks a needed member is no error but has no series."""
    model = subject.model(metric.name)
    entity_id = subject.entity.id_for(model.category)
    if model.value_kind is ValueKind.HEATMAP:
        return Result(ResultType.UNKNOWN)
    if model.value_kind is ValueKind.REGULAR_VALUE:
        if entity_id is None:
            return Result(ResultType.UNKNOWN)
        values = subject.reads.series(model, entity_id, subject.duration)
        return Result(ResultType.TIME_SERIES_VALUES, (_series((), values, subject),))
    if entity_id is None:
        return Result(ResultType.TIME_SERIES_VALUES, labelled=True)
    by_bucket = subject.reads.labeled_series(model, entity_id, subject.duration)
    return Result(ResultType.TIME_SERIES_VALUES, _labelled(by_bucket, metric.labels, subject), labelled=True)


def label_pairs(key: str) -> Labels:
    """Labels of a stored key ``{a=1,b=2}``, by name; a text without braces is the value of the label ``_``."""
    if not (key.startswith("{") and key.endswith("}")):
        return (("_", key),)
    parts = (part.partition("=") for part in key[1:-1].split(",") if part)
    return tuple(sorted((name, text) for name, _, text in parts))


def _series(labels: Labels, values: Mapping[int, int | float], subject: Subject) -> Series:
    buckets = subject.duration.buckets()
    return Series(
        labels,
        subject.duration.ids(subject.zone),
        np.array([values.get(bucket, 0) for bucket in buckets], dtype=np.float64),
        np.array([bucket in values for bucket in buckets], dtype=np.bool_),
        (None,) * len(buckets),
    )


def _labelled(
    by_bucket: Mapping[int, Mapping[str, int]], selectors: Sequence[Label], subject: Subject
) -> tuple[Series, ...]:
    by_key: dict[str, dict[int, int]] = {}
    for bucket, table in by_bucket.items():
        for key, value in table.items():
            by_key.setdefault(key, {})[bucket] = value
    wanted = _wanted(selectors)
    labels = {key: label_pairs(key) for key in sorted(by_key)}
    return tuple(
        _series(pairs, by_key[key], subject)
        for key, pairs in labels.items()
        if all(dict(pairs).get(name) in texts for name, texts in wanted.items())
    )


def _wanted(selectors: Sequence[Label]) -> Mapping[str, set[str]]:
    """Texts by label name; a selector without any text selects nothing away."""
    wanted: dict[str, set[str]] = {}
    for selector in selectors:
        texts = {text.strip() for text in selector.text.split(",")} - {""}
        if texts:
            wanted.setdefault(selector.name, set()).update(texts)
    return wanted
