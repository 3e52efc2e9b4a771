"""Connections to the database: a small pool, transactions that are tried again, and what the server's errors mean."""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, Final, TypeVar

import pymysql
from pymysql.constants import CLIENT

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.mysql import jdbc_url, tls
from oap.storage.mysql.settings import Address, StorageSettings
from oap.storage.read_limit import ReadStopped, current_limit, stoppable

T = TypeVar("T")

# Deadlock, lock wait, a row or a table that changed under a snapshot.
_CONFLICT: Final = frozenset({1213, 1205, 1020, 1412})
_LOST: Final = frozenset(
    {0, 2006, 2013, 2014, 2027, 2055, 1053, 1077, 1079, 1152, 1153, 1159, 1160, 1161, 1184, 1927, 4031}
)
# Cannot connect, too many connections, quotas, starting up.
_NO_CONNECTION: Final = frozenset({2002, 2003, 2005, 1040, 1203, 1226, 3100})
# Read-only, disk or table full (for a new table too), no memory, killed.
_NO_WRITING: Final = frozenset({1290, 1792, 1836, 3, 28, 1005, 1021, 1026, 1030, 1037, 1041, 1114, 1180, 1317})
# Somebody took a right, a password, an account or the database away, and can give it back while rows wait.
_NO_RIGHT: Final = frozenset({1044, 1045, 1049, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118, 4151})
_NOT_NOW: Final = _LOST | _NO_CONNECTION | _NO_WRITING | _NO_RIGHT
_INTERRUPTED: Final = frozenset({1317, 1969})
_MISSING_TABLE: Final = frozenset({1146, 1054, 1051})
_ATTEMPTS: Final = 4
_SOCKET_TIMEOUT_S: Final = 120.0
_CONNECT_TIMEOUT_S: Final = 10.0
# Who reads a table in a long transaction, as backups do, keeps it from being dropped; others wait behind that, a day if
# nothing is said. A transaction of ours whose end was lost on the way keeps its locks until the server gives it up, eight
# hours if nothing is said: nobody could write its rows until then.
_MODES: Final = (
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', lock_wait_timeout = 5, wait_timeout = 300"
)
_READ: Final = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"

Connection = pymysql.connections.Connection


class MissingTable(StorageError):  # noqa: N818  (a state of the schema, answered by looking at it again)
    """A table or column that was there has gone, or one was asked for that another server has not made yet."""


class Session:
    """One connection, inside a transaction."""

    def __init__(self, connection: "Connection[Any]") -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; ``%s`` stands for a parameter."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement; return how many rows it found."""
        with self._connection.cursor() as cursor:
            return int(cursor.execute(sql, parameters or None))

    def send(self, statement: bytes) -> None:
        """Run a statement that has its values inside."""
        self._connection.query(statement)


class Database:
    """The pool. All methods may be called from any thread and may block.

    Raises ``StorageUnavailable`` when the server cannot be reached or cannot do it now, ``StorageError`` when it never will.
    """

    def __init__(self, settings: StorageSettings) -> None:
        self._settings = settings
        self.address: Address = jdbc_url.parsed(settings.jdbc_url)
        self._ssl = tls.ssl_context(settings, self.address)
        self._speaks_plainly = tls.ssl_mode(settings, self.address) is tls.SslMode.DISABLED
        self._slots = threading.BoundedSemaphore(settings.maximum_pool_size)
        self._lock = threading.Lock()
        self._idle: list[Connection[Any]] = []
        self._is_closed = False
        self.place = f"{self.address.host}:{self.address.port}/{self.address.database}"

    def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction; after a deadlock or on a connection that had died, from its beginning again."""
        return self._tried(work, "START TRANSACTION")

    def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` on one snapshot of the whole database; tried again as ``write``. ReadStopped: see ReadLimit."""
        return self._tried(work, _READ)

    def define(self, statement: str) -> None:
        """Run a statement that changes the schema."""
        self._tried(lambda session: session.execute(statement), "")

    def close(self) -> None:
        """Close idle connections; the others follow when they are given back. Closing twice is harmless."""
        with self._lock:
            self._is_closed = True
        self._forget_idle()

    def _tried(self, work: Callable[[Session], T], begin: str) -> T:
        conflicts = losses = 0
        while True:
            try:
                return self._attempt(work, begin)
            except pymysql.MySQLError as error:
                code = _code(error)
                if code in _MISSING_TABLE:
                    raise MissingTable(self._said(error)) from error
                conflicts += code in _CONFLICT
                if code in _LOST:
                    # The server may have closed connections while they were idle; a new one that is lost is news.
                    losses += 1
                    self._forget_idle()
                if code not in _CONFLICT | _LOST or conflicts == _ATTEMPTS or losses > 1:
                    raise self._translated(error) from error

    def _attempt(self, work: Callable[[Session], T], begin: str) -> T:
        if not self._slots.acquire(timeout=self._settings.connection_timeout_ms / 1000):
            raise StorageUnavailable(f"{self.place}: all {self._settings.maximum_pool_size} connections are in use")
        try:
            connection = self._connection()
            try:
                if begin:
                    connection.query(begin)
                with stoppable(lambda: self._kill_query(connection)) if begin == _READ else nullcontext():
                    done = work(Session(connection))
                connection.commit()
            except BaseException as error:
                self._discard_or_keep(connection, error)
                raise
            self._give_back(connection)
            return done
        finally:
            self._slots.release()

    def _connection(self) -> "Connection[Any]":
        with self._lock:
            if self._is_closed:
                raise StorageError(f"{self.place}: the store is closed")
            if self._idle:
                return self._idle.pop()
        return self._opened()

    def _opened(self) -> "Connection[Any]":
        parameters = self.address.parameters
        socket_s = _seconds(parameters.get("sockettimeout"), _SOCKET_TIMEOUT_S)
        connection: Connection[Any] = pymysql.connect(
            host=self.address.host,
            port=self.address.port,
            user=parameters.get("user", self._settings.user),
            password=self._settings.password,
            database=self.address.database,
            charset="utf8mb4",
            connect_timeout=_seconds(parameters.get("connecttimeout"), _CONNECT_TIMEOUT_S),
            read_timeout=socket_s,
            write_timeout=socket_s,
            ssl=self._ssl,
            ssl_disabled=self._speaks_plainly,
            client_flag=CLIENT.FOUND_ROWS,
            init_command=_MODES,
            autocommit=False,
        )
        connection.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.query("SET NAMES utf8mb4 COLLATE utf8mb4_bin")
        return connection

    def _discard_or_keep(self, connection: "Connection[Any]", error: BaseException) -> None:
        if isinstance(error, pymysql.MySQLError) and _code(error) not in _NOT_NOW | _CONFLICT:
            with suppress(pymysql.MySQLError, OSError):
                connection.rollback()
                self._give_back(connection)
                return
        with suppress(pymysql.MySQLError, OSError):
            connection.close()

    def _kill_query(self, connection: "Connection[Any]") -> None:
        with suppress(pymysql.MySQLError, OSError):
            killer = self._opened()
            with suppress(pymysql.MySQLError, OSError):
                killer.query(f"KILL QUERY {connection.thread_id()}")  # type: ignore[no-untyped-call]
            killer.close()

    def _give_back(self, connection: "Connection[Any]") -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(connection)
                return
        with suppress(pymysql.MySQLError, OSError):
            connection.close()

    def _forget_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(pymysql.MySQLError, OSError):
                connection.close()

    def _translated(self, error: pymysql.MySQLError) -> StorageError:
        limit = current_limit()
        if _code(error) in _INTERRUPTED and limit is not None and not limit.remaining_s:
            return ReadStopped(self._said(error))
        if _code(error) in _NOT_NOW | _CONFLICT:
            return StorageUnavailable(self._said(error))
        return StorageError(self._said(error))

    def _said(self, error: pymysql.MySQLError) -> str:
        return f"{self.place}: {error.args[-1] if error.args else error} ({_code(error)})"


def _code(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _seconds(milliseconds: str | None, default: float) -> float:
    if milliseconds is None or not milliseconds.isdigit():
        return default
    # Java's 0 is "for ever"; a dead connection would then never be noticed.
    return int(milliseconds) / 1000 or default
