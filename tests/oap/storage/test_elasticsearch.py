from collections.abc import Iterator
from itertools import count

import pytest

from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from tests.oap.storage.contract_tests import Opener, StorageContract
from tests.servers.elasticsearch import (
    DISTRIBUTIONS,
    ELASTICSEARCH_8,
    Distribution,
    SearchServer,
    running_server,
)

PATIENCE_MS = 120_000
_NAMESPACES = count()


def _name(distribution: Distribution) -> str:
    return f"{distribution.name} {distribution.version}"


@pytest.fixture(scope="class", params=DISTRIBUTIONS, ids=_name)
def server(request: pytest.FixtureRequest) -> Iterator[SearchServer]:
    """A server of each kind, one after the other."""
    with running_server(request.param) as running:
        yield running


@pytest.fixture
def settings(server: SearchServer) -> Iterator[ElasticsearchStoreSettings]:
    """Names of its own for each test."""
    namespace = f"T{next(_NAMESPACES)}"
    yield ElasticsearchStoreSettings((server.node,), namespace, response_timeout_ms=PATIENCE_MS)
    server.delete_all(namespace)


class TestElasticsearchStorage(StorageContract):
    @pytest.fixture
    def opener(self, settings: ElasticsearchStoreSettings) -> Opener:
        return lambda: ElasticsearchStorage(settings)


@pytest.fixture(scope="class")
def elasticsearch_8() -> Iterator[SearchServer]:
    with running_server(ELASTICSEARCH_8) as running:
        yield running


class TestShardedElasticsearchStorage(StorageContract):
    """Every function and every kind of traffic has indices of its own."""

    @pytest.fixture
    def opener(self, elasticsearch_8: SearchServer) -> Iterator[Opener]:
        namespace = f"S{next(_NAMESPACES)}"
        settings = ElasticsearchStoreSettings(
            (elasticsearch_8.node,), namespace, response_timeout_ms=PATIENCE_MS, logic_sharding=True
        )
        yield lambda: ElasticsearchStorage(settings)
        elasticsearch_8.delete_all(namespace)
