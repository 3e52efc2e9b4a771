"""Reads that run too long are stopped inside real databases."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from oap.storage.duckdb import StorageSettings
from oap.storage.duckdb.database import Database
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings
from oap.storage.mysql import StorageSettings as MysqlSettings
from oap.storage.mysql.database import Database as MysqlDatabase
from oap.storage.read_limit import ReadLimit, ReadStopped, limited_by
from tests.servers.elasticsearch import SearchServer
from tests.servers.mariadb import PASSWORD, USER, MariadbServer

# Each of them would take hours.
DUCKDB_HOURS = "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b"
_TABLE = "information_schema.COLUMNS"
MARIADB_HOURS = f"SELECT COUNT(*) FROM {_TABLE} AS a, {_TABLE} AS b, {_TABLE} AS c"  # noqa: S608  (names of ours)


@contextmanager
def stopped_after(seconds: float) -> Iterator[ReadLimit]:
    """A limit whose time is over after so many seconds; someone stops it then, again and again."""
    limit, has_ended = ReadLimit(seconds), threading.Event()

    def stop() -> None:
        pause_s = seconds
        while not has_ended.wait(pause_s):
            limit.stop()
            pause_s = 0.1

    stopper = threading.Thread(target=stop)
    stopper.start()
    try:
        with limited_by(limit):
            yield limit
    finally:
        has_ended.set()
        stopper.join()


def _refused(read: Callable[[], object], limit: ReadLimit) -> None:
    with limited_by(limit), pytest.raises(ReadStopped):
        read()


def test_duckdb_stops_a_query_and_takes_the_next_one() -> None:
    database = Database(StorageSettings(":memory:", threads=1))
    with stopped_after(0.2) as limit, pytest.raises(ReadStopped, match="stopped"):
        database.rows(DUCKDB_HOURS)
    _refused(lambda: database.rows("SELECT 1"), limit)
    assert database.rows("SELECT 1") == [(1,)]
    database.close()


def test_duckdb_stops_a_query_by_columns() -> None:
    database = Database(StorageSettings(":memory:", threads=1))
    with stopped_after(0.2), pytest.raises(ReadStopped):
        database.table(DUCKDB_HOURS)
    database.close()


def test_mariadb_kills_the_query_and_takes_the_next_one(mariadb: MariadbServer, database: str) -> None:
    store = MysqlDatabase(MysqlSettings(mariadb.jdbc_url(database), USER, PASSWORD))
    with stopped_after(0.5) as limit, pytest.raises(ReadStopped, match="1317"):
        store.read(lambda session: session.rows(MARIADB_HOURS))
    running = mariadb.rows("SELECT info FROM information_schema.processlist WHERE info LIKE '%COLUMNS AS c'", database)
    assert running == []
    _refused(lambda: store.read(lambda session: session.rows("SELECT 1")), limit)
    assert store.read(lambda session: session.rows("SELECT 1")) == [(1,)]
    store.close()


def test_elasticsearch_is_not_waited_for_any_longer(elasticsearch: SearchServer) -> None:
    connection = Connection(ElasticsearchStoreSettings((elasticsearch.node,)))
    # The node answers when the cluster has a hundred nodes, or after a minute.
    waiting = "/_cluster/health?wait_for_nodes=100&timeout=60s"
    with limited_by(ReadLimit(0.3)) as _, pytest.raises(ReadStopped):
        connection.get(waiting)
    assert connection.get("/_cluster/health")["number_of_nodes"] == 1
    connection.close()


def test_a_write_is_not_under_the_limit_of_reads() -> None:
    database = Database(StorageSettings(":memory:", threads=1))
    limit = ReadLimit(0.0)
    limit.stop()
    with limited_by(limit), database.transaction() as connection:
        connection.execute("CREATE TABLE store.written(number INTEGER)")
    assert database.rows("SELECT count(*) FROM store.written") == [(0,)]
    database.close()
