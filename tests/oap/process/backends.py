"""Databases behind servers of the tests: how a server is told of them, and what they hold."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from oap.storage.contract import Storage
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlSettings
from tests.servers.elasticsearch import SearchServer
from tests.servers.mariadb import MariadbServer
from tests.servers.program import Program

_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Backend:
    """A running database: how the server is told of it, how to open it, and its rows by model as the database counts."""

    name: str
    database: Program
    variables: Mapping[str, str]
    opened: Callable[[], Storage]
    rows_by_model: Callable[[], Mapping[str, int]]


def mariadb_backend(server: MariadbServer, database: str, settings: MysqlSettings) -> Backend:
    """A database of a MariaDB, reached as the settings say."""
    variables = {"SW_STORAGE": "mysql", "SW_JDBC_URL": settings.jdbc_url}
    variables |= {"SW_DATA_SOURCE_USER": settings.user, "SW_DATA_SOURCE_PASSWORD": settings.password}
    whole = replace(settings, metadata_query_max_size=_MANY)
    return Backend("MariaDB", server, variables, lambda: MysqlStorage(whole), lambda: _in_tables(server, database))


def elasticsearch_backend(server: SearchServer, settings: ElasticsearchStoreSettings) -> Backend:
    """A node, reached and waited for as the settings say."""
    variables = {"SW_STORAGE": "elasticsearch", "SW_STORAGE_ES_CLUSTER_NODES": ",".join(settings.cluster_nodes)}
    variables["SW_STORAGE_ES_RESPONSE_TIMEOUT"] = str(settings.response_timeout_ms)
    whole = replace(settings, metadata_query_max_size=_MANY)
    return Backend("Elasticsearch", server, variables, lambda: ElasticsearchStorage(whole), lambda: _in_indices(server))


def _in_tables(server: MariadbServer, database: str) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    # Dashboards have no day in the names of their tables.
    daily = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '%_20______'"
    for (table,) in server.rows(daily, database):
        counted = server.rows(f"SELECT table_name, COUNT(*) FROM {table} GROUP BY table_name", database)  # noqa: S608
        found.update({str(model): int(str(rows)) for model, rows in counted})
    return found


def _in_indices(server: SearchServer) -> Mapping[str, int]:
    server.request("POST", "/_refresh")
    by_model = {"terms": {"field": "metric_table", "size": 10_000}}
    answer = server.request("POST", "/sw_metrics-all-*/_search", {"size": 0, "aggs": {"models": by_model}})
    buckets: Sequence[Mapping[str, Any]] = orjson.loads(answer)["aggregations"]["models"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}
