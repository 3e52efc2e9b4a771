"""What is written last is what is stored, on every kind of node, whatever versions its documents have."""

import time
from collections.abc import Iterator
from itertools import count

import pytest

from oap.storage.contract import HandOver, ServiceRelationRow, ServiceTraffic
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows
from tests.oap.storage.test_elasticsearch_troubles import kind, stored
from tests.servers.elasticsearch import DISTRIBUTIONS, SearchServer, running_server

_NAMESPACES = count()
_HOUR_S = 3600.0


@pytest.fixture(scope="module", params=DISTRIBUTIONS, ids=kind)
def server(request: pytest.FixtureRequest) -> Iterator[SearchServer]:
    with running_server(request.param) as running:
        yield running


@pytest.fixture
def settings(server: SearchServer) -> ElasticsearchStoreSettings:
    return ElasticsearchStoreSettings((server.node,), f"v{next(_NAMESPACES)}", response_timeout_ms=120_000)


def opened(settings: ElasticsearchStoreSettings, ahead_s: float = 0.0) -> ElasticsearchStorage:
    """A server whose clock is ahead."""
    storage = ElasticsearchStorage(settings, now_s=lambda: time.time() + ahead_s)
    storage.prepare((CPM,))
    return storage


def hand_over(value: int) -> HandOver:
    services = [ServiceTraffic("c2hvcA==.1", "shop", 1, MINUTE - value)]
    edges = [ServiceRelationRow(MINUTE, False, "edge", "from", "to", (value,))]
    return HandOver(rows(MINUTE, ["a"], cpm(value)).metrics, services, service_relations=edges)


def test_rows_of_a_server_whose_clock_was_ahead_are_replaced(settings: ElasticsearchStoreSettings) -> None:
    first = opened(settings, ahead_s=_HOUR_S)
    first.write(hand_over(1))
    first.close()
    second = opened(settings)
    for value in (2, 3):
        second.write(hand_over(value))
    assert stored(second, MINUTE) == {"a": 3}
    assert [service.bucket for service in second.services()] == [MINUTE - 3]
    assert [edge.component_ids for edge in second.service_relations(MINUTE, MINUTE)] == [(1, 2, 3)]
    assert second.refused_rows == {}
    second.close()


def test_rows_that_others_replaced_are_replaced_again(
    server: SearchServer, settings: ElasticsearchStoreSettings
) -> None:
    storage = opened(settings)
    storage.write(hand_over(1))
    path = f"/{settings.namespace}_metrics-all-{MINUTE // 10000}/_doc/pod_cpm_{MINUTE}_a"
    theirs = {"metric_table": "pod_cpm", "entity_id": "a", "service_id": "shop", "value": 7, "total": 7}
    assert '"result":"updated"' in server.request("PUT", path, {**theirs, "time_bucket": MINUTE})
    server.request("POST", "/_refresh")
    assert stored(storage, MINUTE) == {"a": 7}
    storage.write(hand_over(8))
    assert stored(storage, MINUTE) == {"a": 8}
    storage.close()
