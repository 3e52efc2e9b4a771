"""A store with numbers that can be added up by hand: services a and b, from noon for ten minutes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC

from oap.entity import ids
from oap.entity.layers import Layer
from oap.http_server import HttpServer
from oap.promql.app import PromqlDeps, promql_application
from oap.query.meters import QueryMeters
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
)
from oap.timebucket import buckets_between
from tests.clock import HandClock
from tests.oap.promql.asking import Prometheus
from tests.oap.query.cluster import memory_store
from tests.oap.query.rows import metric, records

NOW = "2026-01-01T12:10:30"
MINUTES = buckets_between(202601011200, 202601011209)
HOUR, DAY = 2026010112, 20260101
A, B = ids.service_id("a"), ids.service_id("b")
POD, OTHER_POD = ids.instance_id(A, "pod"), ids.instance_id(B, "other")
EDGE, POD_EDGE = ids.service_relation_id(A, B), ids.instance_relation_id(POD, OTHER_POD)


def models() -> Mapping[str, MetricModel]:
    """The metrics of the shop."""
    relation, pod_relation = "K8SServiceRelation", "K8SServiceInstanceRelation"
    found = [
        metric("calls", "cpm", attr0="K8S_SERVICE"),
        metric("bytes", "sum"),
        metric("time", "longAvg"),
        metric("pctl", "percentile2"),
        metric("pod_calls", "cpm", "K8SServiceInstance", "SERVICE_INSTANCE"),
        metric("pod_pctl", "percentile2", "K8SServiceInstance", "SERVICE_INSTANCE"),
        metric("endpoint_calls", "cpm", "K8SEndpoint", "ENDPOINT"),
        metric("edge_calls", "cpm", relation, "SERVICE_RELATION"),
        metric("edge_pctl", "percentile2", relation, "SERVICE_RELATION"),
        metric("pod_edge_calls", "cpm", pod_relation, "SERVICE_INSTANCE_RELATION"),
        metric("pod_edge_pctl", "percentile2", pod_relation, "SERVICE_INSTANCE_RELATION"),
    ]
    return {model.name: model for model in found}


def rows(known: Mapping[str, MetricModel]) -> HandOver:
    """Calls of a grow by 10 a minute from 10, those of b are 5, but at 12:04 nobody called b."""
    table = {"{p=50}": 1, "{p=99}": 9}
    found = []
    for at, bucket in enumerate(MINUTES):
        found += [
            records(
                bucket,
                (known["calls"], {A: 10 * (at + 1), B: None if at == 4 else 5}),
                (known["bytes"], {A: 600}),
                (known["time"], {A: 7, B: at}),
                (known["pctl"], {A: table}),
            ),
            records(bucket, (known["pod_calls"], {POD: 3}), (known["pod_pctl"], {POD: table})),
            records(bucket, (known["endpoint_calls"], {ids.endpoint_id(A, "GET:/"): 2})),
            records(bucket, (known["edge_calls"], {EDGE: 4}), (known["edge_pctl"], {EDGE: table})),
            records(bucket, (known["pod_edge_calls"], {POD_EDGE: 4}), (known["pod_edge_pctl"], {POD_EDGE: table})),
        ]
    found += [records(HOUR, (known["calls"], {A: 55})), records(DAY, (known["calls"], {A: 2}))]
    first, last = MINUTES[0], MINUTES[-1]
    return HandOver(
        metrics=found,
        services=[
            ServiceTraffic(A, "a", Layer.K8S_SERVICE, first),
            ServiceTraffic(A, "a", Layer.MESH, first),
            ServiceTraffic(B, "b", Layer.K8S_SERVICE, first),
        ],
        instances=[
            InstanceTraffic(POD, A, "pod", first, last),
            InstanceTraffic(OTHER_POD, B, "other", first, last),
        ],
        endpoints=[EndpointTraffic(ids.endpoint_id(A, "GET:/"), A, "GET:/", first, last)],
        service_relations=[ServiceRelationRow(minute, False, EDGE, A, B, ()) for minute in MINUTES],
        instance_relations=[InstanceRelationRow(minute, False, POD_EDGE, A, POD, B, OTHER_POD) for minute in MINUTES],
    )


@contextmanager
def serving(
    storage: Storage,
    known: Mapping[str, MetricModel],
    meters: QueryMeters | None = None,
    time_limit_s: float = 30.0,
) -> Iterator[Prometheus]:
    """The API over a store, on a free port."""
    deps = PromqlDeps(storage, lambda: known, UTC, HandClock(NOW), meters or QueryMeters(), time_limit_s)
    application = promql_application(deps)
    with HttpServer(application, "127.0.0.1", 0, name="promql") as server:
        asking = Prometheus(f"http://127.0.0.1:{server.port}")
        with asking.client:
            yield asking


@contextmanager
def shop() -> Iterator[Prometheus]:
    """The API over the rows of the shop."""
    known = models()
    with memory_store() as storage:
        storage.prepare(list(known.values()))
        storage.write(rows(known))
        with serving(storage, known) as found:
            yield found
