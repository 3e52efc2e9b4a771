"""Everything that can be asked of a store that took hand-overs, and what the page would ask about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from oal.functions.contract import Store, ValueKind
from oap.query.deps import QueryDeps
from oap.storage.contract import HandOver, MetricModel, SeriesRead, ServiceTraffic, Storage, TopRead
from oap.timebucket import Precision, precision_of
from tests.clock import HandClock
from tests.equality.recordings import Setting
from tests.oap.query.cluster import Health, serving
from tests.oap.storage.samples import plain

MANY = 100_000
TOP = 20
IN_ONE_REQUEST = 40
PATIENCE_S = 300.0

Answer = tuple[tuple[object, ...], object]
Answers = Mapping[tuple[object, ...], object]
Span = tuple[int, int]

_POINTS = "{ error type results { metric { labels { key value } } values { id value owner { scope serviceID } } } }"
_TOPOLOGY = (
    "{ nodes { id name type isReal } calls { id source target sourceComponents targetComponents detectPoints } }"
)
_SERVICE = "{ id name shortName layers normal }"


@dataclass(slots=True)
class Seen:
    """What was handed over: entities by scope and bucket, services, instances, pairs of services with calls."""

    entities: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    services: dict[str, ServiceTraffic] = field(default_factory=dict)
    instances: set[str] = field(default_factory=set)
    edges: set[tuple[str, str]] = field(default_factory=set)

    def note(self, rows: HandOver) -> None:
        """Take a hand-over in."""
        for scope in rows.metrics:
            self.entities[scope.scope, scope.bucket] = list(scope.entity_ids)
        self.services.update({row.service_id: row for row in rows.services})
        self.instances |= {row.instance_id for row in rows.instances}
        self.edges |= {(row.source_service_id, row.dest_service_id) for row in rows.instance_relations}

    def span(self, precision: Precision) -> Span:
        """The first and the last bucket of a precision."""
        buckets = [bucket for _scope, bucket in self.entities if precision_of(bucket) is precision]
        return min(buckets), max(buckets)

    def few(self, scope: str) -> list[str]:
        """Two entities of a scope, if there are any: the first, and one in the middle."""
        known = sorted({one for (name, _), ids in self.entities.items() if name == scope for one in ids})
        return sorted({known[0], known[len(known) // 2]}) if known else []


def answers(storage: Storage, models: Sequence[MetricModel], seen: Seen) -> Answers:
    """Everything that can be asked of a store."""
    spans = [seen.span(precision) for precision in Precision]
    return dict(
        chain(
            _records(storage, models, seen),
            *(_metrics(storage, models, seen, span) for span in spans),
            *(_edges(storage, seen, span) for span in spans),
            _traffic(storage, seen, seen.span(Precision.MINUTE)),
        )
    )


def graphql_answers(storage: Storage, models: Mapping[str, MetricModel], seen: Seen, setting: Setting) -> Answers:
    """What the query side makes of it: lists, topologies, expressions, in every precision."""
    deps = QueryDeps(
        storage=storage,
        models=lambda: models,
        zone=ZoneInfo(setting.zone),
        clock=HandClock(datetime.fromtimestamp(setting.now_s, UTC).isoformat()),
        health=Health,
        config_dump=dict,
        version="test",
    )
    with serving(deps) as url:
        return {(text, *map(str, given.values())): _asked(url, text, given) for text, given in _requests(models, seen)}


def _asked(url: str, text: str, given: Mapping[str, Any]) -> object:
    body = {"query": text, "variables": given}
    answer: Mapping[str, object] = httpx.post(f"{url}/graphql", json=body, timeout=PATIENCE_S).json()
    assert "errors" not in answer, answer
    return answer["data"]


def _records(storage: Storage, models: Sequence[MetricModel], seen: Seen) -> Iterator[Answer]:
    for scope, bucket in seen.entities:
        found = storage.load_metrics([model for model in models if model.scope == scope], bucket)
        yield ("records", scope, bucket), plain(found)


def _metrics(storage: Storage, models: Sequence[MetricModel], seen: Seen, span: Span) -> Iterator[Answer]:
    """Series of some entities and lists of the largest and the smallest, as many at once as a page asks for."""
    for number in range(0, len(models), IN_ONE_REQUEST):
        some = models[number : number + IN_ONE_REQUEST]
        plain_reads, labeled_reads = (
            [SeriesRead(model, one) for model in some if _is_number(model) is wanted for one in seen.few(model.scope)]
            for wanted in (True, False)
        )
        for read, points in zip(plain_reads, storage.series(plain_reads, *span), strict=True):
            yield ("series", read.model.name, read.entity_id, span), dict(points)
        for read, entries in zip(labeled_reads, storage.labeled_series(labeled_reads, *span), strict=True):
            yield ("labeled", read.model.name, read.entity_id, span), dict(entries)
        tops = [TopRead(model, TOP, descending=way) for model in some if _is_number(model) for way in (True, False)]
        for top, entities in zip(tops, storage.top_n(tops, *span), strict=True):
            yield ("top", top.model.name, top.descending, span), list(entities)


def _is_number(model: MetricModel) -> bool:
    value = next(column for column in model.columns if column.name == model.value_column)
    return model.value_kind is ValueKind.REGULAR_VALUE and value.store is not Store.TABLE


def _edges(storage: Storage, seen: Seen, span: Span) -> Iterator[Answer]:
    yield ("edges", span), list(storage.service_relations(*span))
    for service in sorted(seen.services):
        yield ("edges", span, service), list(storage.service_relations(*span, [service]))
    for pair in sorted(seen.edges):
        yield ("pods", span, *pair), list(storage.instance_relations(*span, *pair))


def _traffic(storage: Storage, seen: Seen, span: Span) -> Iterator[Answer]:
    yield ("services",), list(storage.services())
    for service in sorted(seen.services):
        yield ("instances", service), list(storage.instances(service, *span))
        for word in ("", "a", "GET"):
            yield ("endpoints", service, word), list(storage.endpoints(service, word, MANY, span))
    for instance in sorted(seen.instances):
        yield ("instance", instance), storage.instance(instance)


def _requests(models: Mapping[str, MetricModel], seen: Seen) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield f'{{ listLayers listServices(layer: "K8S_SERVICE") {_SERVICE} }}', {}
    for precision in Precision:
        duration = _duration(*seen.span(precision), precision)
        yield f"query ($d: Duration!) {{ getGlobalTopology(duration: $d) {_TOPOLOGY} }}", {"d": duration}
        for client, server in sorted(seen.edges):
            text = f"""query ($a: ID!, $b: ID!, $d: Duration!) {{ getServiceInstanceTopology(
                clientServiceId: $a, serverServiceId: $b, duration: $d) {_TOPOLOGY} }}"""
            yield text, {"a": client, "b": server, "d": duration}
        for service in sorted(seen.services)[::4]:
            yield from _about(seen.services[service], models, duration)
        yield from _tops(models, duration)


def _about(
    service: ServiceTraffic, models: Mapping[str, MetricModel], duration: object
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = f"""query ($id: ID!, $d: Duration!) {{ getServiceTopology(serviceId: $id, duration: $d) {_TOPOLOGY}
        listInstances(serviceId: $id, duration: $d) {{ id name }}
        findEndpoint(serviceId: $id, keyword: "", limit: 100, duration: $d) {{ id name }} }}"""
    yield text, {"id": service.service_id, "d": duration}
    expressions = [text for model in models.values() if model.category == "SERVICE" for text in (model.name,)]
    entity = {"serviceName": service.name, "normal": service.service_id.endswith(".1")}
    for start in range(0, len(expressions), IN_ONE_REQUEST):
        yield _executing(expressions[start : start + IN_ONE_REQUEST]), {"e": entity, "d": duration}


def _tops(models: Mapping[str, MetricModel], duration: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    expressions = [
        f"top_n({model.name},10,{order})"
        for model in models.values()
        if model.category in {"SERVICE", "SERVICE_INSTANCE", "ENDPOINT"}
        and model.value_kind is ValueKind.REGULAR_VALUE
        and model.function in {"cpm", "percent", "apdex"}
        for order in ("des", "asc")
    ]
    for start in range(0, len(expressions), IN_ONE_REQUEST):
        yield _executing(expressions[start : start + IN_ONE_REQUEST]), {"e": {}, "d": duration}


def _executing(expressions: Sequence[str]) -> str:
    fields = (
        f'e{number}: execExpression(expression: "{text}", entity: $e, duration: $d) {_POINTS}'
        for number, text in enumerate(expressions)
    )
    return f"query ($e: Entity!, $d: Duration!) {{ {' '.join(fields)} }}"


def _duration(first: int, last: int, precision: Precision) -> Mapping[str, str]:
    return {"start": _written(first), "end": _written(last), "step": precision.name}


def _written(bucket: int) -> str:
    text = str(bucket)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:]}".rstrip()
