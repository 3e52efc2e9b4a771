"""Transactions that are tried again on a real database: what they count, what they keep, and what they leave behind."""

import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pymysql
import pytest

from oap.storage.contract import HandOver, InstanceTraffic, StorageUnavailable
from oap.storage.mysql import MysqlStorage, StorageSettings
from tests.oap.storage.samples import CPM, DAY, MINUTE, cpm, rows, series
from tests.oap.storage.test_mysql import opened
from tests.servers.mariadb import PASSWORD, USER, MariadbServer
from tests.waiting import until

PATIENCE_S = 60
POD = InstanceTraffic("p", "shop", "pod", MINUTE, MINUTE)
BLOCKED = (
    "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'INSERT INTO instance_traffic%'"
)


@contextmanager
def locked_pod(mariadb: MariadbServer, database: str) -> Iterator[None]:
    """Nobody else can write the pod."""
    holder = pymysql.connect(host="127.0.0.1", port=mariadb.port, user=USER, password=PASSWORD, database=database)
    with holder, holder.cursor() as cursor:
        cursor.execute("SELECT id FROM instance_traffic_20250611 WHERE id = 'p' FOR UPDATE")
        yield


def kill_the_blocked(mariadb: MariadbServer, database: str) -> None:
    """Wait for a connection that waits for the pod, and kill it."""
    found: list[tuple[object, ...]] = []

    def is_blocked() -> bool:
        found[:] = mariadb.rows(BLOCKED, database)
        return bool(found)

    until(is_blocked, "nobody writes the pod", PATIENCE_S)
    mariadb.execute(f"KILL {found[0][0]}")


def test_rows_left_out_count_once_however_often_a_transaction_is_tried(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    storage.prepare((CPM,))
    storage.write(HandOver(instances=[POD]))
    metrics = rows(MINUTE, ["a", "x" * 513], cpm(1, 2)).metrics
    hand_over = HandOver(metrics=metrics, instances=[POD, InstanceTraffic("y" * 513, "shop", "y", MINUTE, MINUTE)])
    refusals: list[StorageUnavailable] = []

    def write() -> None:
        try:
            storage.write(hand_over)
        except StorageUnavailable as refusal:
            refusals.append(refusal)

    with locked_pod(mariadb, database):
        writer = threading.Thread(target=write)
        writer.start()
        # One lost connection is tried again at once, a second one is told.
        kill_the_blocked(mariadb, database)
        kill_the_blocked(mariadb, database)
        writer.join(PATIENCE_S)
    assert len(refusals) == 1
    assert storage.refused_rows == {}
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {}
    storage.write(hand_over)
    assert storage.refused_rows == {"too_long": 2}
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}
    storage.close()


def test_a_transaction_whose_connection_was_lost_in_the_middle_is_done_whole(
    mariadb: MariadbServer, database: str
) -> None:
    storage = opened(mariadb, database)
    storage.prepare((CPM,))
    storage.write(HandOver(instances=[POD]))
    hand_over = HandOver(metrics=rows(MINUTE, ["a"], cpm(7)).metrics, instances=[POD])
    writer = threading.Thread(target=storage.write, args=(hand_over,))
    with locked_pod(mariadb, database):
        writer.start()
        kill_the_blocked(mariadb, database)
        assert mariadb.rows("SELECT COUNT(*) FROM metrics_cpm_20250611", database) == [(0,)]
    writer.join(PATIENCE_S)
    assert mariadb.rows("SELECT value_, total FROM metrics_cpm_20250611", database) == [(7, 7)]
    storage.close()


def test_a_table_that_a_long_transaction_reads_is_dropped_another_time(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    storage.prepare((CPM,))
    storage.write(rows(202506010000, ["a"], cpm(1)))
    reader = pymysql.connect(host="127.0.0.1", port=mariadb.port, user=USER, password=PASSWORD, database=database)
    with reader, reader.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM metrics_cpm_20250601")
        with pytest.raises(StorageUnavailable, match="Lock wait timeout exceeded"):
            storage.delete_before(DAY)
    assert storage.delete_before(DAY) == 1
    storage.close()


@pytest.fixture
def refusing(mariadb: MariadbServer, database: str) -> Iterator[MysqlStorage]:
    """A store that is prepared and whose user may only read now."""
    mariadb.execute(
        "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r'", f"GRANT ALL ON {database}.* TO reader@'127.0.0.1'"
    )
    storage = MysqlStorage(StorageSettings(mariadb.jdbc_url(database), "reader", "r"), today=lambda: DAY)
    storage.prepare((CPM,))
    mariadb.execute(f"REVOKE INSERT, UPDATE ON {database}.* FROM reader@'127.0.0.1'", "KILL CONNECTION USER reader")
    yield storage
    storage.close()
    mariadb.execute("DROP USER reader@'127.0.0.1'")


def test_refused_hand_overs_leave_nothing_in_memory(
    refusing: MysqlStorage, mariadb: MariadbServer, database: str
) -> None:
    # Some megabytes as statements, so that keeping each of twenty would show.
    hand_over = rows(MINUTE, [f"{number}-{'x' * 400}" for number in range(5000)], cpm(*range(5000)))

    def refuse() -> int:
        """Bytes of columns that are left."""
        for _ in range(5):
            with pytest.raises(StorageUnavailable, match="command denied"):
                refusing.write(hand_over)
        return int(pa.total_allocated_bytes())

    columns = refuse()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(4):
        assert refuse() <= columns
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1 << 20
    assert peak < 32 << 20
    users = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader'"
    assert mariadb.rows(users, database)[0][0] in (0, 1)
