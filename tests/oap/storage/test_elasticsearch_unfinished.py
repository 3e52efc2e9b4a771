"""Servers that are killed in the middle of a hand-over: it is stored whole, or nothing of it is."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Final

import pytest

from oap.storage.contract import HandOver, StorageError
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.samples import HOUR, MINUTE, cpm, rows
from tests.oap.storage.test_elasticsearch_troubles import opened, stored
from tests.servers.elasticsearch import SearchServer
from tests.servers.slow_proxy import SlowProxy, running_slow_proxy
from tests.waiting import until

_NAMESPACES: Final = count()
_PODS: Final = [f"pod-{number}" for number in range(300)]
_ALL: Final = 2 * len(_PODS)
_AT_ONCE: Final = 100
_PATIENCE_S: Final = 180.0
_WRITE: Final = """
import sys
from tests.oap.storage.test_elasticsearch_troubles import opened
from tests.oap.storage.test_elasticsearch_unfinished import hand_over, settings_for
opened(settings_for(sys.argv[1], sys.argv[2])).write(hand_over(2))
"""


def settings_for(node: str, namespace: str) -> ElasticsearchStoreSettings:
    """Many small requests, one at a time."""
    return ElasticsearchStoreSettings(
        (node,), namespace, bulk_actions=_AT_ONCE, concurrent_requests=1, response_timeout_ms=120_000
    )


def hand_over(value: int) -> HandOver:
    """A minute and its hour, in which every pod has this value."""
    both = [metrics for bucket in (MINUTE, HOUR) for metrics in rows(bucket, _PODS, cpm(*[value] * len(_PODS))).metrics]
    return HandOver(metrics=both)


@pytest.fixture
def settings(elasticsearch: SearchServer) -> Iterator[ElasticsearchStoreSettings]:
    namespace = f"unfinished{next(_NAMESPACES)}"
    yield settings_for(elasticsearch.node, namespace)
    elasticsearch.delete_all(namespace)


@pytest.fixture
def storage(settings: ElasticsearchStoreSettings) -> Iterator[ElasticsearchStorage]:
    """A server that was there before, and has stored the value 1 everywhere."""
    storage = opened(settings)
    storage.write(hand_over(1))
    yield storage
    storage.close()


@pytest.fixture
def proxy(elasticsearch: SearchServer) -> Iterator[SlowProxy]:
    with running_slow_proxy(elasticsearch.port) as running:
        yield running


def kill_while_it_waits_for(proxy: SlowProxy, marker: bytes, namespace: str) -> None:
    """Let a process of a server hand over the value 2, and kill it once the store has done a request with the marker."""
    hold = proxy.hold_answers(marker)
    process = subprocess.Popen([sys.executable, "-c", _WRITE, f"127.0.0.1:{proxy.port}", namespace])
    try:
        until(lambda: hold.done > 0, "the store has taken the request", _PATIENCE_S)
    finally:
        process.kill()
        process.wait()


def values(storage: ElasticsearchStorage) -> Counter[int]:
    """How often each value is stored, in the minute and its hour."""
    return Counter(value for bucket in (MINUTE, HOUR) for value in stored(storage, bucket).values())


def test_a_hand_over_in_whose_midst_the_server_was_killed_is_finished_by_the_next_one(
    storage: ElasticsearchStorage, settings: ElasticsearchStoreSettings, proxy: SlowProxy
) -> None:
    kill_while_it_waits_for(proxy, b'"value":2', settings.namespace)
    assert values(storage) == {1: _ALL - _AT_ONCE, 2: _AT_ONCE}
    opened(settings).close()
    assert values(storage) == {2: _ALL}


def test_what_is_finished_is_not_stored_again_by_the_next_one(
    storage: ElasticsearchStorage, settings: ElasticsearchStoreSettings, proxy: SlowProxy
) -> None:
    kill_while_it_waits_for(proxy, b'"value":2', settings.namespace)
    following = opened(settings)
    following.write(hand_over(3))
    following.close()
    opened(settings).close()
    assert values(storage) == {3: _ALL}


def test_of_a_hand_over_that_was_not_announced_whole_nothing_is_stored(
    storage: ElasticsearchStorage, settings: ElasticsearchStoreSettings, proxy: SlowProxy
) -> None:
    kill_while_it_waits_for(proxy, b'"_id":"a-0"', settings.namespace)
    opened(settings).close()
    assert values(storage) == {1: _ALL}


def test_an_announcement_that_somebody_has_thinned_out_is_refused(
    elasticsearch: SearchServer, storage: ElasticsearchStorage, settings: ElasticsearchStoreSettings, proxy: SlowProxy
) -> None:
    kill_while_it_waits_for(proxy, b'"_id":"head"', settings.namespace)
    elasticsearch.request("DELETE", f"/{settings.namespace}_unfinished-hand-over/_doc/a-3")
    with pytest.raises(StorageError, match=r"without its part a-3: somebody has changed the index; delete it"):
        opened(settings)
    elasticsearch.request("DELETE", f"/{settings.namespace}_unfinished-hand-over")
    opened(settings).close()
    assert values(storage) == {1: _ALL}
