"""Made-up rows, enough to find out what an expression can be: every metric has a value, every selector finds a series."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from oap.dashboards.known_metric import KnownMetric, KnownMetrics
from oap.dashboards.trees import metrics_of, nodes_of
from oap.query.duration import Duration, Step
from oap.query.entity import EntityInput
from oap.query.mqe.near_names import near_name
from oap.query.mqe.series import Subject, label_texts, selected
from oap.query.mqe.syntax import AggregateLabels, Expression, Metric, Relabels, SortLabelValues
from oap.storage.contract import MetricModel, TopEntity

# All members are there: whether metrics belong to the entity of the dashboard is another check.
_ENTITY: Final = EntityInput("a", True, "a", "a", "a", True, "a", "a")
_START: Final = datetime(2026, 1, 1)  # noqa: DTZ001  (a local calendar time; the zone is the server's)
_RANGE: Final = Duration(Step.MINUTE, _START, _START.replace(minute=1))


@dataclass(frozen=True, slots=True)
class SampleReads:
    """Reads of no store; ``keys`` are the label keys by metric."""

    models: Mapping[str, MetricModel]
    keys: Mapping[str, Sequence[str]]

    def series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, int | float]:  # noqa: ARG002
        """A value everywhere."""
        return dict.fromkeys(duration.buckets(), 1)

    def labeled_series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, Mapping[str, int]]:  # noqa: ARG002
        """A value everywhere for each key."""
        return dict.fromkeys(duration.buckets(), dict.fromkeys(self.keys[model.name], 1))

    def top_n(self, *_: object, **_conditions: object) -> Sequence[TopEntity]:
        """No entities: what a list can be used for does not depend on them."""
        return ()


def sample_subject(expression: Expression, metrics: KnownMetrics) -> Subject | None:
    """What an expression is evaluated for. Unknown metrics count as what they resemble; None if one resembles nothing."""
    models: dict[str, MetricModel] = {}
    keys: dict[str, Sequence[str]] = {}
    for name in {use.metric.name for use in metrics_of(expression)}:
        metric = _resembling(name, metrics)
        if metric is None or metric.kind is None:
            return None
        models[name] = MetricModel(name, "", metric.scope, "", (), "", metric.kind, has_service_id=False)
        keys[name] = _keys(expression, name, metric)
    return Subject(_ENTITY, _RANGE, UTC, SampleReads(models, keys))


def _resembling(name: str, metrics: KnownMetrics) -> KnownMetric | None:
    near = name if name in metrics else near_name(name, frozenset(metrics))
    return None if near is None else metrics[near]


def _keys(expression: Expression, name: str, metric: KnownMetric) -> Sequence[str]:
    """The keys that are known, and one for each selector that none of them meets."""
    keys = list(metric.keys)
    everywhere = {} if keys else dict(_labels(expression))
    for node in nodes_of(expression):
        if isinstance(node, Metric) and node.name == name and not selected(keys, node.labels):
            chosen = {label.name: texts[0] for label in node.labels if (texts := label_texts(label.text))}
            labels = {**everywhere, **chosen}
            keys.append(f"{{{','.join(f'{label}={text}' for label, text in labels.items())}}}")
    return keys


def _labels(expression: Expression) -> Iterator[tuple[str, str]]:
    """All labels that an expression speaks of; series whose labels nobody knows beforehand shall have them."""
    for node in nodes_of(expression):
        match node:
            case Metric(labels=labels):
                yield from ((label.name, "any") for label in labels)
            case AggregateLabels(labels=names) | SortLabelValues(labels=names):
                yield from ((name, "any") for name in names)
            case Relabels(old=old):
                yield old.name, next(iter(label_texts(old.text)), "any")
