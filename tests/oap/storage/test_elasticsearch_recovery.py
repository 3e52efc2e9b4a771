"""A node that has started and still misses shards: what it does not know is not what does not exist."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from oap.storage.contract import HandOver, ServiceRelationRow, ServiceTraffic, StorageUnavailable
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.samples import CPM, MINUTE, cpm, plain, rows
from tests.servers.elasticsearch import ELASTICSEARCH_7, SearchServer, running_server

EDGE: Final = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (110,))
MORE: Final = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (129,))
SHOP: Final = ServiceTraffic("shop", "shop", 17, MINUTE)
TODAY: Final = "sw_metrics-all-20250611"


def shard_of(server: SearchServer) -> Path:
    """Where the rows of the day are."""
    settings = json.loads(server.request("GET", f"/{TODAY}/_settings"))
    (shard,) = server.folder.glob(f"**/indices/{settings[TODAY]['settings']['index']['uuid']}/0")
    return shard


@pytest.fixture
def server() -> Iterator[SearchServer]:
    with running_server(ELASTICSEARCH_7) as running:
        yield running


def test_rows_of_a_shard_that_is_missing_after_a_start_are_not_overwritten(server: SearchServer) -> None:
    settings = ElasticsearchStoreSettings((server.node,))
    storage = ElasticsearchStorage(settings)
    storage.prepare((CPM,))
    storage.write(HandOver(rows(MINUTE, ["a"], cpm(5)).metrics, [SHOP], service_relations=[EDGE]))
    before = plain(storage.load_metrics((CPM,), MINUTE))
    # A shard whose files are elsewhere is missing for as long as the test wants, not for the moment that recovery takes.
    shard, elsewhere = shard_of(server), server.folder / "elsewhere"
    server.kill()
    shard.rename(elsewhere)
    server.start()
    with pytest.raises(StorageUnavailable):
        storage.load_metrics((CPM,), MINUTE)
    with pytest.raises(StorageUnavailable, match="POST /_mget"):
        storage.write(HandOver(service_relations=[MORE]))
    server.stop()
    elsewhere.rename(shard)
    server.start()
    server.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=60s")
    storage.write(HandOver(service_relations=[MORE]))
    (edge,) = storage.service_relations(MINUTE, MINUTE)
    assert edge.component_ids == (110, 129)
    assert plain(storage.load_metrics((CPM,), MINUTE)) == before
    assert list(storage.services()) == [SHOP]
    storage.close()
