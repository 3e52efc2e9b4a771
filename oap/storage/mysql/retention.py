"""Dropping the tables of old days, while what is still active stays in the lists."""

# ruff: noqa: S608  (names of tables and columns come from the schema, values are always parameters)

import re
from collections.abc import Iterator, Sequence
from typing import Final

from oap.storage.mysql.database import Session
from oap.storage.mysql.day_tables import Catalog
from oap.storage.mysql.schema import DAILY, ENDPOINTS, INSTANCES, SERVICES, TableShape

_MINUTES: Final = 10000
_LONGEST_DAY_OR_HOUR: Final = 10**10
_METRICS: Final = re.compile(r"metrics_[a-z0-9]+")
_AT_ONCE: Final = 1000


def old_tables(catalog: Catalog, day: int) -> list[str]:
    """Tables of earlier days that belong to this server's kind of data."""
    ours = {shape.raw for shape in DAILY}
    return [
        f"{raw}_{old}"
        for raw, days in catalog.days.items()
        if raw in ours or _METRICS.fullmatch(raw)
        for old in days
        if old < day
    ]


def rescue_active(session: Session, catalog: Catalog, tables: Sequence[str], day: int) -> int:
    """Copy what is still active out of tables that are to be dropped into those of ``day``; return how many rows are not.

    Without this an active entity would be missing from all lists until it is written anew (spec storage 6). The copies
    keep the minute of first sight.
    """
    gone = 0
    for shape in (INSTANCES, ENDPOINTS):
        for table in _of(shape, tables):
            total, active = session.rows(f"SELECT COUNT(*), SUM(last_ping >= {day * _MINUTES}) FROM {table}")[0]
            gone += total - int(active or 0)
            if active:
                _copy(session, shape, table, day, f"last_ping >= {day * _MINUTES}", [])
    for table in _of(SERVICES, tables):
        found = session.rows(f"SELECT id, service_id FROM {table}")
        silent = _silent(session, catalog, {service for _id, service in found}, tables)
        active_ids = [key for key, service in found if service not in silent]
        gone += len(found) - len(active_ids)
        for start in range(0, len(active_ids), _AT_ONCE):
            chunk = active_ids[start : start + _AT_ONCE]
            _copy(session, SERVICES, table, day, f"id IN ({', '.join(['%s'] * len(chunk))})", chunk)
    traffic = {f"{shape.raw}" for shape in (SERVICES, INSTANCES, ENDPOINTS)}
    for table in tables:
        if table[:-9] not in traffic:
            gone += int(session.rows(f"SELECT COUNT(*) FROM {table}")[0][0])
    return gone


def _of(shape: TableShape, tables: Sequence[str]) -> list[str]:
    return [table for table in tables if table[:-9] == shape.raw]


def _copy(session: Session, shape: TableShape, table: str, day: int, where: str, parameters: Sequence[object]) -> None:
    names = ", ".join(["id", "table_name", *(column.name for column in shape.columns)])
    session.execute(
        f"INSERT INTO {shape.raw}_{day}({names}) SELECT {names} FROM {table} WHERE {where}"
        " ON DUPLICATE KEY UPDATE time_bucket = LEAST(VALUES(time_bucket), "
        f"{shape.raw}_{day}.time_bucket)",
        parameters,
    )


def _silent(session: Session, catalog: Catalog, services: set[str], dropped: Sequence[str]) -> set[str]:
    """Services have no last ping: one is active while any of its instances, endpoints or metric rows is."""
    silent = set(services)
    for query in _traces(catalog, set(dropped)):
        if not silent:
            return silent
        ids = list(silent)
        marks = ", ".join(["%s"] * len(ids))
        silent -= {row[0] for row in session.rows(query.replace("{ids}", marks), ids)}
    return silent


def _traces(catalog: Catalog, dropped: set[str]) -> Iterator[str]:
    """Where a service may still be seen, small tables first. Rows of days and hours stand for those of their minutes."""
    for shape in (INSTANCES, ENDPOINTS):
        # The active rows of tables that are to be dropped were copied before.
        for table in catalog.all_of(shape.raw):
            if table not in dropped:
                yield f"SELECT DISTINCT service_id FROM {table} WHERE service_id IN ({{ids}})"
    for is_coarse in (True, False):
        for raw in catalog.days:
            for table in catalog.all_of(raw) if _METRICS.fullmatch(raw) else ():
                if table in dropped:
                    continue
                columns = [name for name in ("service_id", "entity_id") if name in catalog.tables[table]]
                limit = f"time_bucket {'<' if is_coarse else '>='} {_LONGEST_DAY_OR_HOUR}"
                for column in columns:
                    yield f"SELECT DISTINCT {column} FROM {table} WHERE {limit} AND {column} IN ({{ids}})"
