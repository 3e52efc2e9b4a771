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

_NAMESPACES = count()


def _name(distribution: Distribution) -> str:
    return f"{distribution.name} {distribution.version}"


@pytest.fixture(scope="class", params=DISTRIBUTIONS, ids=_name)
def server(request: pytest.FixtureRequest) -> Iterator[SearchServer]:
    """A server of each kind, one after the other."""
    with running_server(request.param) as running:
        yield running


@pytest.fixture
def settings(server: SearchServer) -> ElasticsearchStoreSettings:
    """Names of its own for each test."""
    return ElasticsearchStoreSettings((server.node,), f"T{next(_NAMESPACES)}")


class TestElasticsearchStorage(StorageContract):
    @pytest.fixture
    def opener(self, settings: ElasticsearchStoreSettings) -> Opener:
        return lambda: ElasticsearchStorage(settings)


class TestShardedElasticsearchStorage(StorageContract):
    """Every function and every kind of traffic has indices of its own."""

    @pytest.fixture(scope="class")
    def server(self) -> Iterator[SearchServer]:
        with running_server(ELASTICSEARCH_8) as running:
            yield running

    @pytest.fixture
    def opener(self, server: SearchServer) -> Opener:
        settings = ElasticsearchStoreSettings((server.node,), f"S{next(_NAMESPACES)}", logic_sharding=True)
        return lambda: ElasticsearchStorage(settings)
