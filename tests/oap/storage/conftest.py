"""Real servers, started when the first test asks for one and stopped after the last."""

from collections.abc import Iterator

import pytest

from tests.servers.elasticsearch import ELASTICSEARCH_7, SearchServer, running_server
from tests.servers.mariadb import MariadbServer, running_mariadb


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A running MariaDB; tests take databases of their own in it."""
    with running_mariadb() as server:
        yield server


@pytest.fixture
def database(mariadb: MariadbServer) -> Iterator[str]:
    """The name of an empty database, dropped afterwards."""
    name = mariadb.new_database()
    yield name
    mariadb.drop_database(name)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[SearchServer]:
    """A running Elasticsearch 7; tests take namespaces of their own in it."""
    with running_server(ELASTICSEARCH_7) as server:
        yield server
