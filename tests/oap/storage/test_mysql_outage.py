"""A MariaDB that is killed and started again while rows arrive."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from structlog.testing import capture_logs

from oap.clock import SystemClock
from oap.storage.contract import MetricModel, Storage, StorageUnavailable
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.telemetry.health import HealthBoard
from oap.window.writer import RecordWriter, WriterThread
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series
from tests.oap.storage.test_mysql import opened
from tests.oap.window.calls import Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.oap.window.row_fold import Records, records_in
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb

PATIENCE_S = 120
ROUNDS = 3
LOST, BACK = "storage takes nothing now; results wait in memory", "storage takes results again"
CALLS = tuple(
    Call(number // 60, ms=number * 7 % 900, client=number % 40, server=10 * (number % 3), path=f"/{number % 5}")
    for number in range(60 * ROUNDS)
)


class Watched(HealthBoard):
    """Lets a test wait for the next refusal of the storage."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = threading.Event()

    def _report(self, name: str, reason: str) -> None:
        super()._report(name, reason)
        if reason:
            self.refused.set()


@pytest.fixture
def own_mariadb() -> Iterator[MariadbServer]:
    """A server that a test may kill."""
    with running_mariadb() as server:
        yield server


def stored_records(storage: Storage, models: Sequence[MetricModel], expected: Records) -> Records:
    """Everything that is stored in the buckets in which anything is expected."""
    found: Records = {}
    by_scope: dict[str, list[MetricModel]] = {}
    for model in models:
        by_scope.setdefault(model.scope, []).append(model)
    for bucket in sorted({key[-1] for key in expected if isinstance(key[-1], int)}):
        for members in by_scope.values():
            loaded = storage.load_metrics(members, bucket)
            found |= {} if loaded is None else records_in(loaded)
    return found


def test_all_records_are_there_exactly_once_after_a_database_was_killed_under_load(own_mariadb: MariadbServer) -> None:
    rig, board = PipelineRig(), Watched()
    models = list(rig.pipeline.models.values())
    storage = opened(own_mariadb, own_mariadb.new_database())
    storage.prepare(models)
    thread = WriterThread(RecordWriter(storage), SystemClock(), board.component("storage"))
    thread.start()
    with capture_logs() as logs:
        for round_ in range(ROUNDS):
            calls = CALLS[60 * round_ : 60 * (round_ + 1)]
            for call in calls[:20]:
                rig.accept(call)
            thread.offer(rig.pipeline.collect())
            # Before the transaction, inside it or after it: all must come out the same.
            own_mariadb.kill()
            for call in calls[20:]:
                rig.accept(call)
            while not board.refused.wait(0.05):
                if thread.is_idle:
                    thread.offer(rig.pipeline.collect())
            assert board.health().details.startswith(f"storage: 127.0.0.1:{own_mariadb.port}/")
            own_mariadb.start()
            assert thread.wait_idle(PATIENCE_S)
            board.refused.clear()
    thread.offer(rig.pipeline.collect(everything=True))
    assert thread.wait_idle(PATIENCE_S)
    thread.stop()
    assert board.health().is_healthy
    assert [entry["event"] for entry in logs] == [LOST, BACK] * ROUNDS
    expected = stored_at_once(CALLS)
    assert stored_records(storage, models, expected) == expected
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
