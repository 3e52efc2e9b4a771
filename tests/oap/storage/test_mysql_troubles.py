"""A MariaDB that is there and cannot do its work: read-only, without rights, full, slow."""

# ruff: noqa: S608  (tables and sizes are this module's own)

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final

import pymysql
import pytest
from structlog.testing import capture_logs

from oap.clock import SystemClock
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.window.writer import RecordWriter, WriterThread
from tests.oap.storage.outages import BACK, CALLS, LOST, PATIENCE_S, Watched, stored_records
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.servers.mariadb import MariadbServer, running_mariadb
from tests.servers.slow_proxy import running_slow_proxy

WRITER: Final = "writer"
PASSWORD: Final = "w"
SHORT: Final = "?socketTimeout=1000"
SLOW_S: Final = 3.0

Trouble = Callable[[], None]
Troubled = tuple[StorageSettings, Trouble, Trouble, str]
"""How to reach the database, what brings trouble, what ends it, and how the health check tells of it."""


@contextmanager
def _server(*options: str) -> Iterator[tuple[MariadbServer, StorageSettings]]:
    """A server, and a user of it who is no administrator: those may write always."""
    with running_mariadb(*options) as server:
        database = server.new_database()
        server.execute(f"CREATE USER {WRITER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        server.execute(f"GRANT ALL ON {database}.* TO {WRITER}@'127.0.0.1'")
        yield server, StorageSettings(server.jdbc_url(database), WRITER, PASSWORD)


@contextmanager
def read_only() -> Iterator[Troubled]:
    with _server() as (server, settings):
        yield (
            settings,
            lambda: server.execute("SET GLOBAL read_only = 1"),
            lambda: server.execute("SET GLOBAL read_only = 0"),
            "--read-only option",
        )


@contextmanager
def without_rights() -> Iterator[Troubled]:
    with _server() as (server, settings):
        name = settings.jdbc_url.rpartition("/")[2]
        yield (
            settings,
            # Connections keep the rights that they had when they chose the database.
            lambda: server.execute(
                f"REVOKE INSERT, UPDATE ON {name}.* FROM {WRITER}@'127.0.0.1'", f"KILL CONNECTION USER {WRITER}"
            ),
            lambda: server.execute(f"GRANT INSERT, UPDATE ON {name}.* TO {WRITER}@'127.0.0.1'"),
            "command denied to user 'writer'",
        )


@contextmanager
def full() -> Iterator[Troubled]:
    """All tables live in files that cannot grow, as on a disk without free space, and ballast takes what is left of them.

    It ends as it does for administrators: there is more room, and the database is started anew.
    """
    files = "--innodb-data-file-path=ibdata1:12M;ibdata2:36M"
    with _server("--innodb-file-per-table=0", files) as (server, settings):
        sizes = (1 << 20, 1 << 14, 1 << 8)
        server.execute("CREATE DATABASE ballast")
        server.execute(*(f"CREATE TABLE ballast.b{size}(content LONGBLOB)" for size in sizes))

        def fill() -> None:
            for size in sizes:
                with suppress(pymysql.err.OperationalError):
                    while True:
                        server.execute(f"INSERT INTO ballast.b{size} VALUES (REPEAT('x', {size}))")

        def make_room() -> None:
            server.stop()
            server.options = ("--innodb-file-per-table=0", f"{files};ibdata3:64M")
            server.start()

        yield settings, fill, make_room, "is full"


@contextmanager
def slow() -> Iterator[Troubled]:
    """Answers come later than ``socketTimeout`` allows; what they answer was done all the same."""
    with _server() as (server, settings), running_slow_proxy(server.port) as proxy:
        url = settings.jdbc_url.replace(str(server.port), str(proxy.port)) + SHORT

        def answer_after(delay_s: float) -> None:
            proxy.delay_s = delay_s

        yield (
            StorageSettings(url, WRITER, PASSWORD),
            lambda: answer_after(SLOW_S),
            lambda: answer_after(0),
            "timed out",
        )


@pytest.mark.parametrize("trouble", [read_only, without_rights, full, slow])
def test_nothing_is_lost_or_counted_twice(trouble: Callable[[], AbstractContextManager[Troubled]]) -> None:
    rig, board = PipelineRig(), Watched()
    models = list(rig.pipeline.models.values())
    with trouble() as (settings, begin, end, reason), capture_logs() as logs:
        storage = MysqlStorage(settings)
        storage.prepare(models)
        thread = WriterThread(RecordWriter(storage), SystemClock(), board.component("storage"))
        thread.start()
        for call in CALLS[:90]:
            rig.accept(call)
        thread.offer(rig.pipeline.collect())
        assert thread.wait_idle(PATIENCE_S)
        for call in CALLS[90:]:
            rig.accept(call)
        begin()
        thread.offer(rig.pipeline.collect())
        assert board.refused.wait(PATIENCE_S)
        assert reason in board.health().details
        end()
        assert thread.wait_idle(PATIENCE_S)
        assert board.health().is_healthy
        thread.stop()
        expected = stored_at_once(CALLS)
        assert stored_records(storage, models, expected) == expected
        assert [entry["event"] for entry in logs] == [LOST, BACK]
        storage.close()
