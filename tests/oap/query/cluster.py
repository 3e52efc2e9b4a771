"""A small cluster in a store of its own: half an hour of rows up to 2026-01-01 12:30 UTC, served over HTTP."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from oap.entity import ids
from oap.entity.components import HTTP, HTTPS, MTLS, TCP
from oap.entity.layers import Layer
from oap.http_server import HttpServer
from oap.query.app import create_app
from oap.query.deps import QueryDeps
from oap.query.menu import ActiveMenu, MenuEntry
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
)
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.timebucket import buckets_between
from tests.clock import HandClock
from tests.oap.query.rows import Values, metric, records

NOW = "2026-01-01T12:30:40"
MINUTES = buckets_between(202601011200, 202601011230)
FIRST, LAST = MINUTES[0], MINUTES[-1]


def sid(name: str) -> ids.ServiceId:
    """Id of a normal service."""
    return ids.service_id(name)


def pod(service: str) -> ids.InstanceId:
    """Id of the one pod that each service has."""
    return ids.instance_id(sid(service), f"{service.partition('.')[0]}-v1-0")


def endpoint(service: str, name: str) -> ids.EndpointId:
    """Id of an endpoint."""
    return ids.endpoint_id(sid(service), name)


GATEWAY, PAGE, REVIEWS, DETAILS, RATINGS, STORE = (
    "gateway.edge",
    "productpage.bookinfo",
    "reviews.bookinfo",
    "details.bookinfo",
    "ratings.bookinfo",
    "mysql.data",
)
SERVICES = (GATEWAY, PAGE, REVIEWS, DETAILS, RATINGS, STORE)


@dataclass(frozen=True, slots=True)
class Load:
    """Mean HTTP traffic of a service or endpoint: calls per minute, latency in ms, success in 1/100 %."""

    cpm: int
    time_ms: int
    rate: int


LOADS = {
    GATEWAY: Load(620, 48, 9990),
    PAGE: Load(600, 41, 9978),
    REVIEWS: Load(420, 23, 9710),
    DETAILS: Load(410, 6, 10000),
    RATINGS: Load(280, 11, 9130),
}
ENDPOINTS = {
    (PAGE, "GET:/productpage"): Load(540, 44, 9981),
    (PAGE, "POST:/login"): Load(40, 19, 10000),
    (PAGE, "GET:/api/v1/products"): Load(20, 8, 9950),
    (DETAILS, "GET:/details/0"): Load(410, 6, 10000),
    (REVIEWS, "GET:/reviews/0"): Load(420, 23, 9710),
    (RATINGS, "GET:/ratings/0"): Load(280, 11, 9130),
}
# source, dest, components seen by the client, by the server (none: that side is not watched)
CALLS: Sequence[tuple[str, str, tuple[int, ...], tuple[int, ...]]] = (
    (GATEWAY, PAGE, (HTTPS,), (HTTPS,)),
    (PAGE, DETAILS, (HTTP,), (HTTP, MTLS)),
    (PAGE, REVIEWS, (HTTP,), (HTTP,)),
    (REVIEWS, RATINGS, (HTTP,), (HTTP,)),
    (RATINGS, STORE, (TCP,), ()),
    ("Unknown", GATEWAY, (), (HTTPS,)),
)

_SERVICE, _INSTANCE, _ENDPOINT = "kubernetes_service_", "kubernetes_service_instance_", "kubernetes_service_endpoint_"
_RELATION = "kubernetes_service_relation_"


def models() -> Mapping[str, MetricModel]:
    """The metrics that the cluster has rows of."""
    layer = Layer.K8S_SERVICE.name
    found = [
        metric(f"{_SERVICE}http_call_cpm", "cpm", attr0=layer),
        metric(f"{_SERVICE}http_call_time", "longAvg", attr0=layer),
        metric(f"{_SERVICE}http_call_successful_rate", "percent", attr0=layer),
        metric(f"{_SERVICE}percentile", "percentile2"),
        metric(f"{_SERVICE}write_package_size", "sum"),
        metric(f"{_SERVICE}write_time", "longAvg"),
        metric(f"{_SERVICE}connect_cpm", "cpm"),
    ]
    for prefix, scope, category in (
        (f"{_INSTANCE}http_", "K8SServiceInstance", "SERVICE_INSTANCE"),
        (_ENDPOINT, "K8SEndpoint", "ENDPOINT"),
    ):
        found += [
            metric(f"{prefix}call_cpm", "cpm", scope, category),
            metric(f"{prefix}call_time", "longAvg", scope, category),
            metric(f"{prefix}call_successful_rate", "percent", scope, category),
        ]
    found += [
        metric(f"{_RELATION}{side}_http_{name}_cpm", "cpm", "K8SServiceRelation", "SERVICE_RELATION")
        for side in ("client", "server")
        for name in ("call", "success")
    ]
    return {model.name: model for model in found}


def fill(storage: Storage) -> None:
    """Write all rows."""
    storage.prepare(list(models().values()))
    storage.write(hand_over())


def hand_over() -> HandOver:
    """All rows of the cluster."""
    known = models()
    return HandOver(
        metrics=[rows for at, bucket in enumerate(MINUTES) for rows in _minute(known, at, bucket)],
        services=[ServiceTraffic(sid(name), name, Layer.K8S_SERVICE, FIRST) for name in SERVICES]
        + [ServiceTraffic(sid(PAGE), PAGE, Layer.MESH, FIRST)],
        instances=[
            InstanceTraffic(pod(name), sid(name), f"{name.partition('.')[0]}-v1-0", FIRST, LAST) for name in SERVICES
        ],
        endpoints=[
            EndpointTraffic(endpoint(service, name), sid(service), name, FIRST + at, LAST)
            for at, (service, name) in enumerate(ENDPOINTS)
        ],
        service_relations=list(_service_relations()),
        instance_relations=list(_instance_relations()),
    )


def _wave(mean: int, at: int, swing: float = 0.2) -> int:
    return round(mean * (1 + swing * math.sin(at / 4 + mean)))


def _minute(known: Mapping[str, MetricModel], at: int, bucket: int) -> Iterator[MetricRows]:
    loads = {sid(name): load for name, load in LOADS.items()}
    all_services = {sid(name): 40 + 10 * i for i, name in enumerate(SERVICES)}
    ranks = (("{p=50}", 0.8), ("{p=75}", 1.1), ("{p=90}", 1.6), ("{p=95}", 2.1), ("{p=99}", 4.0))
    yield records(
        bucket,
        *_http(known, f"{_SERVICE}http_", loads, at),
        (
            known[f"{_SERVICE}percentile"],
            {one: {p: round(_wave(load.time_ms, at) * k) for p, k in ranks} for one, load in loads.items()},
        ),
        (known[f"{_SERVICE}write_package_size"], {one: _wave(91_000 * n, at) for one, n in all_services.items()}),
        (known[f"{_SERVICE}write_time"], {one: _wave(870 * n, at) for one, n in all_services.items()}),
        (known[f"{_SERVICE}connect_cpm"], {one: _wave(n, at) if at != 9 else None for one, n in all_services.items()}),
    )
    yield records(bucket, *_http(known, f"{_INSTANCE}http_", {pod(name): load for name, load in LOADS.items()}, at))
    yield records(bucket, *_http(known, _ENDPOINT, {endpoint(*one): load for one, load in ENDPOINTS.items()}, at))
    edges = {ids.service_relation_id(sid(a), sid(b)): LOADS[b] for a, b, _, _ in CALLS if b in LOADS}
    calls = {one: _wave(load.cpm, at) for one, load in edges.items()}
    passed = {one: calls[one] * load.rate // 10_000 for one, load in edges.items()}
    sides = [
        pair
        for side in ("client", "server")
        for pair in (
            (known[f"{_RELATION}{side}_http_call_cpm"], calls),
            (known[f"{_RELATION}{side}_http_success_cpm"], passed),
        )
    ]
    yield records(bucket, *sides)


def _http(
    known: Mapping[str, MetricModel], prefix: str, loads: Mapping[Any, Load], at: int
) -> Iterator[tuple[MetricModel, Values]]:
    yield known[f"{prefix}call_cpm"], {one: _wave(load.cpm, at) for one, load in loads.items()}
    yield known[f"{prefix}call_time"], {one: _wave(load.time_ms, at) for one, load in loads.items()}
    yield known[f"{prefix}call_successful_rate"], {one: load.rate for one, load in loads.items()}


def _service_relations() -> Iterator[ServiceRelationRow]:
    for source, dest, *sides in CALLS:
        for is_server_side, components in enumerate(sides):
            if components:
                relation = ids.service_relation_id(sid(source), sid(dest))
                yield ServiceRelationRow(LAST, bool(is_server_side), relation, sid(source), sid(dest), components)


def _instance_relations() -> Iterator[InstanceRelationRow]:
    for is_server_side in (False, True):
        relation = ids.instance_relation_id(pod(PAGE), pod(DETAILS))
        yield InstanceRelationRow(LAST, is_server_side, relation, sid(PAGE), pod(PAGE), sid(DETAILS), pod(DETAILS))


@dataclass(slots=True)
class Health:
    """A health that tests set."""

    score: int = 0
    details: str = ""


def dependencies(storage: Storage, *, can_change_templates: bool = False, known: bool = True) -> QueryDeps:
    """What the application of a test is built from."""
    metrics = models() if known else {}
    return QueryDeps(
        storage=storage,
        models=lambda: metrics,
        zone=UTC,
        clock=HandClock(NOW),
        health=Health,
        config_dump=lambda: {"core.default.restPort": "12800", "storage.duckdb.password": "******"},
        version="0.1.0-1a2b3c4",
        can_change_templates=can_change_templates,
        menu=ActiveMenu(_MENU),
    )


_MENU = (
    MenuEntry("Kubernetes", "kubernetes", i18n_key="kubernetes", children=(MenuEntry("Service", layer="K8S_SERVICE"),)),
    MenuEntry("Service Mesh", "service_mesh", children=(MenuEntry("Services", layer="MESH"),)),
    MenuEntry("Database", children=(MenuEntry("MySQL", layer="MYSQL", document_link="https://127.0.0.1/"),)),
)


@contextmanager
def serving(deps: QueryDeps) -> Iterator[str]:
    """Serve an application on a free port; yields its address without a slash at the end."""
    with HttpServer(create_app(deps), "127.0.0.1", 0, name="query") as server:
        yield f"http://127.0.0.1:{server.port}"


@contextmanager
def memory_store() -> Iterator[DuckdbStorage]:
    """An empty store that is forgotten afterwards."""
    storage = DuckdbStorage(StorageSettings(":memory:", threads=1))
    try:
        yield storage
    finally:
        storage.close()
