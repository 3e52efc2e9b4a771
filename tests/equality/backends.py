"""Empty stores of every kind on real servers, one server at a time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from oap.storage.contract import Storage
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlSettings
from tests.servers.elasticsearch import ELASTICSEARCH_7, ELASTICSEARCH_8, OPENSEARCH_2, Distribution, running_server
from tests.servers.mariadb import PASSWORD, USER, running_mariadb

MANY = 100_000
LONG_MS = 120_000


@contextmanager
def _mysql() -> Iterator[Storage]:
    with running_mariadb() as server:
        settings = MysqlSettings(server.jdbc_url(server.new_database()), USER, PASSWORD, metadata_query_max_size=MANY)
        storage = MysqlStorage(settings)
        try:
            yield storage
        finally:
            storage.close()


@contextmanager
def _elasticsearch(distribution: Distribution) -> Iterator[Storage]:
    with running_server(distribution) as server:
        settings = ElasticsearchStoreSettings(
            (server.node,), metadata_query_max_size=MANY, response_timeout_ms=LONG_MS, index_replicas_number=0
        )
        storage = ElasticsearchStorage(settings)
        try:
            yield storage
        finally:
            storage.close()


BACKENDS: Mapping[str, Callable[[], AbstractContextManager[Storage]]] = {
    "MariaDB 10.11": _mysql,
    "Elasticsearch 7.17": partial(_elasticsearch, ELASTICSEARCH_7),
    "Elasticsearch 8": partial(_elasticsearch, ELASTICSEARCH_8),
    "OpenSearch 2": partial(_elasticsearch, OPENSEARCH_2),
}
