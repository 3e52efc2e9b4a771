"""A MariaDB that is killed and started again while rows arrive."""

from collections.abc import Iterator

import pytest

from oap.storage.contract import StorageUnavailable
from oap.storage.mysql import MysqlStorage, StorageSettings
from tests.oap.storage.outages import hand_over_through_kills
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series
from tests.oap.storage.test_mysql import opened
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb


@pytest.fixture
def own_mariadb() -> Iterator[MariadbServer]:
    """A server that a test may kill."""
    with running_mariadb() as server:
        yield server


def test_all_records_are_there_exactly_once_after_a_database_was_killed_under_load(own_mariadb: MariadbServer) -> None:
    storage = opened(own_mariadb, own_mariadb.new_database())
    hand_over_through_kills(storage, own_mariadb, f"127.0.0.1:{own_mariadb.port}/")
    storage.close()


def test_a_database_that_is_away_is_reported_and_comes_back(own_mariadb: MariadbServer) -> None:
    database = own_mariadb.new_database()
    storage = opened(own_mariadb, database)
    storage.prepare((CPM,))
    own_mariadb.kill()
    with pytest.raises(StorageUnavailable, match=rf"127\.0\.0\.1:{own_mariadb.port}/{database}: "):
        storage.write(rows(MINUTE, ["a"], cpm(3)))
    with pytest.raises(StorageUnavailable):
        series(storage, CPM, "a", MINUTE, MINUTE)
    own_mariadb.start()
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()


def test_a_database_that_is_away_at_the_start_is_reported(own_mariadb: MariadbServer) -> None:
    own_mariadb.stop()
    settings = StorageSettings(own_mariadb.jdbc_url("oap"), USER, PASSWORD)
    with pytest.raises(StorageUnavailable, match=r"Can't connect to MySQL server"):
        MysqlStorage(settings)


def test_a_read_only_database_is_reported_and_comes_back(own_mariadb: MariadbServer) -> None:
    database = own_mariadb.new_database()
    own_mariadb.execute(
        "CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'w'", f"GRANT ALL ON {database}.* TO writer@'127.0.0.1'"
    )
    storage = MysqlStorage(StorageSettings(own_mariadb.jdbc_url(database), "writer", "w"))
    storage.prepare((CPM,))
    storage.write(rows(MINUTE, ["a"], cpm(1)))
    own_mariadb.execute("SET GLOBAL read_only = 1")
    with pytest.raises(StorageUnavailable, match="read-only"):
        storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}
    own_mariadb.execute("SET GLOBAL read_only = 0")
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()
