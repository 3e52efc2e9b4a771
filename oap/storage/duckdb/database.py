"""The attached file: one writer, any number of concurrent readers, transactions, and what their errors mean."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.duckdb.settings import MEMORY, StorageSettings
from oap.storage.read_limit import ReadStopped, stoppable

STORE: Final = "store"

# Groups of 122,880 rows, the engine's default, hold twelve minutes of 10,000 entities, and a checkpoint writes a
# touched group again as a whole: pauses up to 4.4 s and 680 bytes a row; with these 0.7 s and 450 bytes (180 columns).
_ROW_GROUP_SIZE: Final = 20480

# The engine weighs an update by the 2,048 rows that it keeps aside for each column it touches: at its default of 16 MB
# every hand-over of the shipped metrics, however few the entities, was followed by a checkpoint that wrote 4 MB and cost
# 0.15 of 0.6 s. Now one in fifteen is, the log stays below 11 MB there, and reading it after a kill takes a second; at
# 128 MB it was 64 MB long and took five.
_CHECKPOINT_AFTER: Final = "64MB"

_INTERRUPTED: Final = "Query interrupted"
_NOT_NOW: Final = (duckdb.OperationalError, duckdb.FatalException)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def located(table: str) -> str:
    """A table of the store as an SQL identifier; cursors do not inherit a current database."""
    return f"{STORE}.{quoted(table)}"


class Database:
    """One attached file. All methods may be called from any thread and may block; writers wait for each other.

    Raises ``StorageError`` when the file cannot be opened; everything else raises ``StorageUnavailable`` when the disk
    or the memory does not allow an operation now.
    """

    def __init__(self, settings: StorageSettings) -> None:
        self._path = settings.path
        self._lock = threading.Lock()
        self._is_lost = False
        self._root = duckdb.connect(config=_config(settings))
        self._writer = self._root.cursor()
        try:
            if self._path != MEMORY:
                Path(self._path).absolute().parent.mkdir(parents=True, exist_ok=True)
            self._attach()
        except (duckdb.Error, OSError) as error:
            self._root.close()
            raise StorageError(_opening_failed(self._path, str(error))) from error

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The only writing connection, inside a transaction that is taken back when an exception leaves the block."""
        with self._lock, self._translated_errors():
            self._attach_again_if_lost()
            self._writer.execute("BEGIN")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    self._writer.execute("ROLLBACK")
                raise

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, from a snapshot that no writer disturbs."""
        with self._reader() as cursor:
            return cursor.execute(sql, parameters).fetchall()

    def table(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """The result of a query by columns."""
        with self._reader() as cursor:
            return cursor.sql(sql, params=list(parameters)).to_arrow_table()

    def checkpoint(self) -> None:
        """Move the log into the file and give the space of deleted rows free."""
        with self._lock, self._translated_errors():
            self._attach_again_if_lost()
            self._writer.execute(f"CHECKPOINT {STORE}")

    def close(self) -> None:
        """Flush the log into the file and release it. Closing twice is harmless."""
        with self._lock:
            with suppress(duckdb.Error):
                self._writer.execute(f"DETACH DATABASE IF EXISTS {STORE}")
            self._writer.close()
            self._root.close()

    @contextmanager
    def _reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._is_lost:
            with self._lock, self._translated_errors():
                self._attach_again_if_lost()
        with self._translated_errors(), self._root.cursor() as cursor, stoppable(cursor.interrupt):
            yield cursor

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except duckdb.InterruptException as error:
            raise ReadStopped(f"{self._path}: the read was stopped") from error
        except RuntimeError as error:
            # The engine takes Ctrl-C itself while a query runs, and says no more of it than this.
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from error
            raise
        except _NOT_NOW as error:
            reason = str(error)
            # A checkpoint that fails half-way (disk full) leaves the attached file refusing everything; the file itself
            # and its log are sound and can be attached again.
            self._is_lost |= "has been invalidated" in reason or isinstance(error, duckdb.FatalException)
            raise StorageUnavailable(f"{self._path}: {reason}", retry_after=5.0) from error

    def _attach(self) -> None:
        path = self._path.replace("'", "''")
        self._writer.execute(f"ATTACH '{path}' AS {STORE} (ROW_GROUP_SIZE {_ROW_GROUP_SIZE})")

    def _attach_again_if_lost(self) -> None:
        if self._is_lost and self._path != MEMORY:
            self._writer.execute(f"DETACH DATABASE IF EXISTS {STORE}")
            self._attach()
        self._is_lost = False


def _config(settings: StorageSettings) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{settings.memory_limit_mb}MB",
        "temp_directory": "" if settings.path == MEMORY else f"{settings.path}.tmp",
        "checkpoint_threshold": _CHECKPOINT_AFTER,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return config | ({"threads": settings.threads} if settings.threads else {})


def _opening_failed(path: str, reason: str) -> str:
    if "Conflicting lock" in reason or "already attached" in reason:
        return (
            f"{path} is in use by another process or another store of this one; stop that one first, or choose another"
            f" path ({reason})"
        )
    return f"cannot open {path}: {reason}"
