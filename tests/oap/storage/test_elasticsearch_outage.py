"""A node that is killed, blocked or busy while rows arrive."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from structlog.testing import capture_logs

from oap.storage.contract import HandOver, ServiceTraffic, StorageUnavailable
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.outages import hand_over_through_kills
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series
from tests.servers.elasticsearch import ELASTICSEARCH_7, SearchServer, running_server

YESTERDAY = MINUTE - 10000
PATIENCE_MS = 120_000
_NAMESPACES = count()


@pytest.fixture(scope="module")
def server() -> Iterator[SearchServer]:
    """A server that each test leaves running."""
    with running_server(ELASTICSEARCH_7) as running:
        yield running


@pytest.fixture
def settings(server: SearchServer) -> ElasticsearchStoreSettings:
    return ElasticsearchStoreSettings(
        (server.node,), f"o{next(_NAMESPACES)}", response_timeout_ms=PATIENCE_MS, scrolling_batch_size=500
    )


@pytest.fixture
def storage(settings: ElasticsearchStoreSettings) -> Iterator[ElasticsearchStorage]:
    opened = ElasticsearchStorage(settings)
    opened.prepare((CPM,))
    yield opened
    opened.close()


def test_all_records_are_there_exactly_once_after_a_node_was_killed_under_load(
    server: SearchServer, settings: ElasticsearchStoreSettings
) -> None:
    # A double and a long column of one name, as maxDouble and max have, cannot share an index.
    storage = ElasticsearchStorage(replace(settings, logic_sharding=True))
    hand_over_through_kills(storage, server, f"cannot reach {server.node}: ")
    assert storage.refused_rows == {}
    storage.close()


def test_a_node_that_is_away_at_the_start_is_reported() -> None:
    settings = ElasticsearchStoreSettings(("127.0.0.1:1",))
    with pytest.raises(StorageUnavailable, match=r"cannot reach 127\.0\.0\.1:1"):
        ElasticsearchStorage(settings)


def test_only_rows_that_were_not_taken_are_sent_again(
    server: SearchServer, settings: ElasticsearchStoreSettings, storage: ElasticsearchStorage
) -> None:
    storage.write(rows(MINUTE, ["a"], cpm(1)))
    storage.write(rows(YESTERDAY, ["a"], cpm(1)))
    today, yesterday = (f"{settings.namespace}_metrics-all-{day}" for day in (20250611, 20250610))
    # What a node does by itself when its disk is nearly full.
    server.request("PUT", f"/{yesterday}/_settings", {"index.blocks.read_only_allow_delete": True})
    both = [*rows(YESTERDAY, ["a", "b"], cpm(2, 3)).metrics, *rows(MINUTE, ["a", "b"], cpm(4, 5)).metrics]
    with pytest.raises(StorageUnavailable, match=r"2 rows are not taken now: cluster_block_exception.*flood-stage"):
        storage.write(HandOver(metrics=both))
    assert index_operations(server, today) == 3
    server.request("PUT", f"/{yesterday}/_settings", {"index.blocks.read_only_allow_delete": None})
    storage.write(HandOver(metrics=both))
    assert series(storage, CPM, "b", YESTERDAY, YESTERDAY) == {YESTERDAY: 3}
    assert storage.refused_rows == {}


def test_a_row_that_can_never_be_stored_is_counted_and_the_others_are_sent_once(
    server: SearchServer, settings: ElasticsearchStoreSettings, storage: ElasticsearchStorage
) -> None:
    names = ["a", "x" * 600, "b", "y" * 600]
    with capture_logs() as logs:
        storage.write(rows(MINUTE, names, cpm(1, 2, 3, 4)))
    assert [series(storage, CPM, name, MINUTE, MINUTE) for name in ("a", "b")] == [{MINUTE: 1}, {MINUTE: 3}]
    assert index_operations(server, f"{settings.namespace}_metrics-all-20250611") == 2
    assert storage.refused_rows == {"too_long": 2}
    assert [(entry["event"], entry["kind"], entry["rows"]) for entry in logs] == [
        ("the store refuses rows; they are counted by reason", "too_long", 2)
    ]


def test_a_row_is_refused_once_however_often_its_hand_over_is_written(
    server: SearchServer, settings: ElasticsearchStoreSettings, storage: ElasticsearchStorage
) -> None:
    storage.write(rows(YESTERDAY, ["a"], cpm(1)))
    path = f"/{settings.namespace}_metrics-all-20250610/_settings"
    server.request("PUT", path, {"index.blocks.read_only_allow_delete": True})
    both = [*rows(MINUTE, ["x" * 600], cpm(1)).metrics, *rows(YESTERDAY, ["a"], cpm(2)).metrics]
    with pytest.raises(StorageUnavailable):
        storage.write(HandOver(metrics=both))
    assert storage.refused_rows == {}
    server.request("PUT", path, {"index.blocks.read_only_allow_delete": None})
    storage.write(HandOver(metrics=both))
    assert storage.refused_rows == {"too_long": 1}


def test_a_row_that_does_not_fit_its_field_is_counted(storage: ElasticsearchStorage) -> None:
    too_big = ServiceTraffic("s", "shop", 1 << 40, MINUTE)
    storage.write(HandOver(services=[too_big, ServiceTraffic("c", "cart", 17, MINUTE)]))
    assert [service.name for service in storage.services()] == ["cart"]
    assert storage.refused_rows == {"mapper_parsing_exception": 1}


def index_operations(server: SearchServer, index: str) -> int:
    """How many rows the server took, the same ones counted each time."""
    found = json.loads(server.request("GET", f"/{index}/_stats/indexing"))
    return int(found["indices"][index]["primaries"]["indexing"]["index_total"])
