"""Which series a selector means, and their rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oal.functions.contract import ValueKind
from oap.entity import ids
from oap.entity.layers import Layer
from oap.promql.entity_labels import ENTITY_LABELS, KINDS, LAYER, SERVICE, Kind, entity_labels, service_of
from oap.promql.errors import ErrorType, PromqlError
from oap.promql.matchers import Matcher, accepts_all
from oap.promql.value import NAME
from oap.query.duration import Duration
from oap.query.reads import Reads
from oap.query.services import Service
from oap.storage.contract import MetricModel

MOST_SERIES: Final = 2000
_MOST_PARENTS: Final = 200
_FIRST_LAYER: Final = Layer.K8S_SERVICE.name
TRAFFIC: Final[Mapping[str, str]] = {
    "service_traffic": "SERVICE",
    "instance_traffic": "SERVICE_INSTANCE",
    "endpoint_traffic": "ENDPOINT",
}
"""Metrics whose value is 1 for everything that was seen, as upstream has them to fill lists of names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a selector means; ``model`` is None for traffic. ``own`` conditions are left for labels of rows."""

    name: str
    model: MetricModel | None
    entity_id: str
    labels: Mapping[str, str]
    own: tuple[Matcher, ...] = ()


@dataclass(frozen=True, slots=True)
class Database:
    """Storage as one request sees it. All calls may block and may raise StorageUnavailable."""

    reads: Reads
    services: Sequence[Service]

    def names(self) -> tuple[str, ...]:
        """Names of all metrics that can be asked for."""
        known = (model.name for model in self.reads.models.values() if _is_readable(model))
        return tuple(sorted((*known, *TRAFFIC)))

    def candidates(self, matchers: Sequence[Matcher], duration: Duration) -> list[Candidate]:
        """Entities that meet the conditions, by labels; not each has rows in the range.

        Raises PromqlError when there are too many.
        """
        found: list[Candidate] = []
        by_name = [matcher for matcher in matchers if matcher.name == NAME]
        for name in self.names():
            if accepts_all(by_name, {NAME: name}):
                of_metric = self._of_metric(name, matchers, duration)
                found += sorted(of_metric, key=lambda one: sorted(one.labels.items()))
                _bounded(len(found), "series", MOST_SERIES)
        return found

    def _of_metric(self, name: str, matchers: Sequence[Matcher], duration: Duration) -> Iterator[Candidate]:
        model = self.reads.models.get(name)
        kind = KINDS[TRAFFIC[name] if model is None else model.category]
        ours = [one for one in matchers if one.name in ENTITY_LABELS]
        own = tuple(one for one in matchers if one.name not in ENTITY_LABELS and one.name != NAME)
        if (model is None or model.value_kind is ValueKind.REGULAR_VALUE) and not accepts_all(own, {}):
            return
        layers = {service.id: service.layers for service in self.services}
        for entity_id in set(self._entity_ids(model, kind, ours, duration)):
            labels = entity_labels(kind, entity_id)
            # One layer for all metrics of a service, or their series would not meet in operations.
            known = sorted(layers.get(service_of(kind, entity_id) or "", ()), key=lambda layer: layer != _FIRST_LAYER)
            chosen = None if labels is None else _with_layer(labels, known, ours)
            if chosen is not None:
                yield Candidate(name, model, entity_id, chosen, own)

    def _entity_ids(
        self, model: MetricModel | None, kind: Kind, matchers: Sequence[Matcher], duration: Duration
    ) -> Iterable[str]:
        exact = {one.name: one.equal for one in matchers if one.equal}
        if kind is KINDS["SERVICE"]:
            return [service.id for service in self.services]
        if model is not None and all(label in exact for label in kind.labels):
            return [kind.id_of({name: text or "" for name, text in exact.items()})]
        if model is not None and model.value_kind is ValueKind.REGULAR_VALUE:
            return self._with_rows(model, exact.get(SERVICE), duration)
        if SERVICE in kind.labels:
            return self._members(kind, matchers, duration)
        return self._relations(kind, matchers, duration)

    def _with_rows(self, model: MetricModel, service: str | None, duration: Duration) -> list[str]:
        """Entities with rows, in one read whatever their number."""
        service_id = ids.service_id(service) if service and model.has_service_id else None
        count = MOST_SERIES + 1
        found = self.reads.top_n(model, duration, count, descending=True, service_id=service_id)
        _bounded(len(found), f"series of '{model.name}'", MOST_SERIES)
        return [entity.entity_id for entity in found]

    def _members(self, kind: Kind, matchers: Sequence[Matcher], duration: Duration) -> Iterator[str]:
        services = [one for one in self.services if _with_layer({SERVICE: one.name}, one.layers, matchers, {SERVICE})]
        _bounded(len(services), "services", _MOST_PARENTS)
        first, last = duration.minute_range()
        storage = self.reads.storage
        for service in services:
            if kind is KINDS["SERVICE_INSTANCE"]:
                yield from (one.instance_id for one in storage.instances(service.id, first, last))
            else:
                found = storage.endpoints(service.id, "", MOST_SERIES + 1, (first, last))
                yield from (one.endpoint_id for one in found)

    def _relations(self, kind: Kind, matchers: Sequence[Matcher], duration: Duration) -> Iterator[str]:
        buckets = duration.buckets()
        storage = self.reads.storage
        of_services = KINDS["SERVICE_RELATION"]
        rows = storage.service_relations(buckets[0], buckets[-1])
        pairs = {}
        for row in rows:
            names = entity_labels(of_services, row.entity_id)
            if names is not None and _meets(matchers, names, set(of_services.labels)):
                pairs[row.entity_id] = row
        if kind is of_services:
            yield from pairs
            return
        _bounded(len(pairs), "pairs of services", _MOST_PARENTS)
        for row in pairs.values():
            found = storage.instance_relations(buckets[0], buckets[-1], row.source_service_id, row.dest_service_id)
            yield from (one.entity_id for one in found)


def _is_readable(model: MetricModel) -> bool:
    return model.category in KINDS and model.value_kind in {ValueKind.REGULAR_VALUE, ValueKind.LABELED_VALUE}


def _meets(matchers: Iterable[Matcher], labels: Mapping[str, str], among: set[str]) -> bool:
    return accepts_all((one for one in matchers if one.name in among), labels)


def _with_layer(
    labels: Mapping[str, str],
    layers: Sequence[str],
    matchers: Sequence[Matcher],
    among: set[str] | frozenset[str] = ENTITY_LABELS,
) -> Mapping[str, str] | None:
    """The labels with the first of the layers that meets the conditions; None when the labels do not meet them.

    A service of several layers is one series all the same, or sums would count it more than once.
    """
    for layer in layers or ("",):
        whole = {**labels, LAYER: layer} if layer else dict(labels)
        if _meets(matchers, whole, {*among, LAYER}):
            return whole
    return None


def _bounded(count: int, what: str, most: int) -> None:
    if count > most:
        raise PromqlError(
            f"the query selects more than {most} {what}; name the service or more labels", ErrorType.EXECUTION
        )
