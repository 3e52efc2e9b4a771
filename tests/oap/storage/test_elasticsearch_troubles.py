"""Real nodes that are there and take nothing, answer late, or die: nothing is lost, and nothing is stored twice."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Final

import numpy as np
import pytest
from tenacity import retry, retry_if_exception_type, retry_if_not_result, stop_after_delay, wait_fixed

from oap.storage.contract import HandOver, StorageUnavailable
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows
from tests.oap.storage.test_elasticsearch_outage import index_operations
from tests.oap.storage.troubles import (
    ROWS,
    Trouble,
    flooded,
    late_answers,
    late_requests,
    no_new_indices,
    read_only,
    too_many_shards,
)
from tests.servers.elasticsearch import DISTRIBUTIONS, ELASTICSEARCH_7, Distribution, SearchServer, running_server
from tests.servers.slow_proxy import SlowProxy, running_slow_proxy

PATIENCE_S: Final = 180
TODAY: Final = "metrics-all-20250611"
TOMORROW: Final = MINUTE + 10000
PODS: Final = [f"pod-{number}" for number in range(2000)]
_NAMESPACES = count()

patiently = retry(
    retry=retry_if_exception_type(StorageUnavailable), wait=wait_fixed(0.2), stop=stop_after_delay(PATIENCE_S)
)
until_true = retry(retry=retry_if_not_result(bool), wait=wait_fixed(0.2), stop=stop_after_delay(PATIENCE_S))


def kind(distribution: Distribution) -> str:
    return f"{distribution.name} {distribution.version}"


@pytest.fixture(scope="module", params=DISTRIBUTIONS, ids=kind)
def server(request: pytest.FixtureRequest) -> Iterator[SearchServer]:
    """A server of each kind, one after the other; each test leaves it running and without trouble."""
    with running_server(request.param) as running:
        yield running


@pytest.fixture
def settings(server: SearchServer) -> Iterator[ElasticsearchStoreSettings]:
    namespace = f"t{next(_NAMESPACES)}"
    yield ElasticsearchStoreSettings((server.node,), namespace, response_timeout_ms=1000 * PATIENCE_S)
    server.delete_all(namespace)


def opened(settings: ElasticsearchStoreSettings) -> ElasticsearchStorage:
    storage = ElasticsearchStorage(settings)
    storage.prepare((CPM,))
    return storage


def stored(storage: ElasticsearchStorage, minute: int) -> dict[str, int]:
    """Entities and values of a minute."""
    found = storage.load_metrics((CPM,), minute)
    assert found is not None
    values = found.metrics[0].columns["value"]
    assert isinstance(values, np.ndarray)
    return dict(zip(found.entity_ids, values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("make", "minute"),
    [(flooded, MINUTE), (read_only, MINUTE), (too_many_shards, TOMORROW), (no_new_indices, TOMORROW)],
)
def test_rows_wait_until_the_trouble_is_over(
    server: SearchServer,
    settings: ElasticsearchStoreSettings,
    make: Callable[[SearchServer, str], Trouble],
    minute: int,
) -> None:
    storage, trouble = opened(settings), make(server, settings.namespace)
    storage.write(rows(MINUTE, ["a"], cpm(1)))
    late = HandOver(metrics=[*rows(MINUTE, ["a"], cpm(2)).metrics, *rows(minute, ["b"], cpm(3)).metrics])
    trouble.begin()
    try:
        with pytest.raises(StorageUnavailable, match=trouble.reason):
            storage.write(late)
        assert stored(storage, MINUTE)["a"] in (1, 2)
    finally:
        trouble.end()
    patiently(storage.write)(late)
    assert stored(storage, MINUTE) | stored(storage, minute) == {"a": 2, "b": 3}
    assert storage.refused_rows == {}
    storage.close()


def test_all_rows_are_there_once_after_a_node_was_killed_while_it_took_them(
    server: SearchServer, settings: ElasticsearchStoreSettings
) -> None:
    storage = opened(replace(settings, bulk_actions=100))
    minutes = range(MINUTE, MINUTE + 20)
    storage.write(rows(MINUTE, ["before"], cpm(1)))
    values = {pod: number for number, pod in enumerate(PODS)}

    def write() -> None:
        for minute in minutes:
            patiently(storage.write)(rows(minute, PODS, cpm(*values.values())))

    writer = threading.Thread(target=write)
    writer.start()
    until_true(lambda: index_operations(server, f"{settings.namespace}_{TODAY}") > len(PODS))()
    server.kill()
    assert writer.is_alive()
    server.start()
    writer.join(PATIENCE_S)
    assert not writer.is_alive()
    for minute in minutes:
        assert stored(storage, minute) == values | ({"before": 1} if minute == MINUTE else {})
    assert storage.refused_rows == {}
    storage.close()


@pytest.mark.parametrize("make", [late_answers, late_requests])
def test_what_comes_too_late_is_asked_for_again_and_undoes_nothing(
    server: SearchServer,
    settings: ElasticsearchStoreSettings,
    make: Callable[[SlowProxy, bytes, str], Trouble],
) -> None:
    opened(settings).close()
    with running_slow_proxy(server.port) as proxy:
        trouble = make(proxy, ROWS, "no answer from .* in time")
        storage = opened(replace(settings, cluster_nodes=(f"127.0.0.1:{proxy.port}",), response_timeout_ms=5000))
        storage.write(rows(MINUTE, ["a"], cpm(1)))
        trouble.begin()
        with pytest.raises(StorageUnavailable, match=trouble.reason):
            storage.write(rows(MINUTE, ["a", "b"], cpm(2, 3)))
        trouble.end()
        patiently(storage.write)(rows(MINUTE, ["a", "b"], cpm(2, 3)))
        storage.write(rows(MINUTE, ["b"], cpm(4)))
        trouble.afterwards()
        # What comes late is stored behind our back.
        server.request("POST", "/_refresh")
        assert stored(storage, MINUTE) == {"a": 2, "b": 4}
        storage.close()


def test_what_a_busy_node_has_no_room_for_is_sent_again_alone() -> None:
    # Three shards may be written to at once, and the requests go to six.
    with running_server(ELASTICSEARCH_7, "thread_pool.write.size: 1\nthread_pool.write.queue_size: 2\n") as server:
        settings = ElasticsearchStoreSettings(
            (server.node,),
            "busy",
            response_timeout_ms=1000 * PATIENCE_S,
            bulk_actions=20,
            concurrent_requests=3,
            index_shards_number=2,
        )
        storage = opened(settings)
        storage.write(rows(MINUTE, ["first"], cpm(-1)))
        storage.write(rows(MINUTE, PODS, cpm(*range(len(PODS)))))
        assert stored(storage, MINUTE) == {"first": -1} | {pod: number for number, pod in enumerate(PODS)}
        pools = json.loads(server.request("GET", "/_nodes/stats/thread_pool"))["nodes"]
        assert sum(node["thread_pool"]["write"]["rejected"] for node in pools.values()) > 0
        assert index_operations(server, f"busy_{TODAY}") == 1 + len(PODS)
        assert storage.refused_rows == {}
        storage.close()
