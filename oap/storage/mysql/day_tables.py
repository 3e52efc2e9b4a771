"""Which day tables exist, and making those that are missing."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from oap.clock import Clock
from oap.storage.contract import StorageError
from oap.storage.mysql import schema
from oap.storage.mysql.database import Database, Session
from oap.storage.mysql.schema import TableShape

_DAILY: Final = re.compile(r"(.+)_(\d{8})")
# Another server may make or drop tables; what was looked up counts for this long.
_VALID_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of the database: their columns with types, in lower case, and the days by table name."""

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    days: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def between(self, raw: str, first: int, last: int) -> list[str]:
        """Day tables that hold the buckets of a range."""
        return [f"{raw}_{day}" for day in self.days.get(raw, ()) if day_of(first) <= day <= day_of(last)]

    def all_of(self, raw: str) -> list[str]:
        """All day tables of a name, the oldest first."""
        return [f"{raw}_{day}" for day in self.days.get(raw, ())]


class DayTables:
    """The catalogue and what changes it. ``today`` says which day it is."""

    def __init__(self, database: Database, clock: Clock, today: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._today = today
        self._lock = threading.Lock()
        self._catalog = Catalog()
        self._read_at_s = -_VALID_S
        self._is_ready: set[tuple[TableShape, int]] = set()

    def catalog(self) -> Catalog:
        """The catalogue, half a minute old at most."""
        if self._clock.monotonic_s() - self._read_at_s >= _VALID_S:
            self.look()
        return self._catalog

    def look(self) -> Catalog:
        """Read the catalogue anew."""
        with self._lock:
            return self._look()

    def ensure(self, shapes: Iterable[TableShape], days: Iterable[int]) -> None:
        """Make all these tables for all these days, and columns that they lack.

        StorageError when a column is there with another type.
        """
        wanted = [(shape, day) for day in sorted(set(days)) for shape in shapes]
        with self._lock:
            missing = [pair for pair in wanted if pair not in self._is_ready]
            if not missing:
                return
            catalog = self._look()
            changed = [self._made(shape, f"{shape.raw}_{day}", catalog) for shape, day in missing]
            if any(changed):
                self._look()
            self._is_ready.update(missing)

    def ensure_ahead(self, shapes: Sequence[TableShape], days: Iterable[int] = ()) -> None:
        """Make the tables of today and tomorrow; and of the day after each day of the rows that is about today."""
        today = self._today()
        near = {day for day in days if abs(_ordinal(day) - _ordinal(today)) <= 1}
        self.ensure(shapes, {today, next_day(today), *near, *(next_day(day) for day in near)})

    def ensure_plain(self, shape: TableShape) -> None:
        """Make a table that has no day."""
        with self._lock:
            if self._made(shape, shape.raw, self._look()):
                self._look()

    def drop(self, tables: Sequence[str]) -> None:
        """Drop tables."""
        with self._lock:
            for table in tables:
                self._database.define(f"DROP TABLE IF EXISTS {table}")
            self._look()

    def forget(self) -> None:
        """Take nothing for granted any more: a table was not there."""
        with self._lock:
            self._is_ready.clear()
            self._look()

    def _look(self) -> Catalog:
        found = self._database.read(_columns)
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in found:
            tables.setdefault(table, {})[column.lower()] = kind.lower()
        days: dict[str, list[int]] = {}
        for table in sorted(tables):
            match = _DAILY.fullmatch(table)
            if match is not None:
                days.setdefault(match[1], []).append(int(match[2]))
        self._catalog = Catalog(MappingProxyType(tables), MappingProxyType(days))
        self._is_ready = {(s, day) for s, day in self._is_ready if f"{s.raw}_{day}" in tables}
        self._read_at_s = self._clock.monotonic_s()
        return self._catalog

    def _made(self, shape: TableShape, table: str, catalog: Catalog) -> bool:
        existing = catalog.tables.get(table)
        if existing is None:
            self._database.define(schema.create_statement(shape, table))
            return True
        for column in shape.columns:
            stored = existing.get(column.name)
            if stored is not None and stored != column.type.partition("(")[0].lower():
                raise StorageError(
                    f"column '{table}.{column.name}' is stored as {stored.upper()}, but {column.type} is needed;"
                    " drop the table or choose another database"
                )
        statements = list(schema.grow_statements(shape, table, existing))
        for statement in statements:
            self._database.define(statement)
        return bool(statements)


def day_of(bucket: int) -> int:
    """The day of a bucket of any precision."""
    return int(str(bucket)[:8])


def next_day(day: int) -> int:
    """The day after a day."""
    return int(f"{datetime.strptime(str(day), '%Y%m%d') + timedelta(days=1):%Y%m%d}")  # noqa: DTZ007


def local_day(clock: Clock) -> int:
    """Today, as the system's calendar says."""
    return int(f"{datetime.fromtimestamp(clock.now_s()).astimezone():%Y%m%d}")


def _ordinal(day: int) -> int:
    return datetime.strptime(str(day), "%Y%m%d").toordinal()  # noqa: DTZ007


def _columns(session: Session) -> list[tuple[str, str, str]]:
    found = session.rows(
        "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    )
    return [(str(table), str(column), str(kind)) for table, column, kind in found]
