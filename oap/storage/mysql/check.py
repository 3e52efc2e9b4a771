"""Is the database fit for use: reachable, new enough, with all rights, with tables that fit."""

# ruff: noqa: S608  (the only name is a constant)

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from oap.clock import SystemClock
from oap.storage.checking import Finding, clock_finding, disk_finding, gib, not_reached, ok, problem, shortened, unknown
from oap.storage.contract import MetricModel, StorageError
from oap.storage.mysql import schema
from oap.storage.mysql.database import Database, Session
from oap.storage.mysql.day_tables import Catalog, DayTables, local_day, next_day
from oap.storage.mysql.settings import StorageSettings

_PROBE: Final = "oap_storage_check"
_OLDEST: Final = {"MariaDB": (10, 5), "MySQL": (8, 0)}
_NEWEST: Final = {"MariaDB": (10, 11), "MySQL": (8, 4)}
# Statements with rows are cut at 4 MiB.
_LEAST_PACKET: Final = 6 << 20
_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# A column, an index or a row that a check without the right to drop left behind.
_THERE: Final = frozenset({1060, 1061, 1062})
_CREDENTIALS: Final = "properties.dataSource.user and .password (SW_DATA_SOURCE_USER, SW_DATA_SOURCE_PASSWORD)"

# Each right with what needs it; CREATE first and DROP last, because the others are tried on the table between.
_RIGHTS: Final[Sequence[tuple[str, str]]] = (
    ("CREATE", f"CREATE TABLE IF NOT EXISTS {_PROBE} (id VARCHAR(20) PRIMARY KEY, number BIGINT)"),
    ("INSERT", f"INSERT INTO {_PROBE}(id, number) VALUES ('a', 1)"),
    ("UPDATE", f"INSERT INTO {_PROBE}(id, number) VALUES ('a', 1) ON DUPLICATE KEY UPDATE number = 2"),
    ("SELECT", f"SELECT id, number FROM {_PROBE}"),
    ("ALTER", f"ALTER TABLE {_PROBE} ADD COLUMN word BIGINT"),
    ("INDEX", f"CREATE INDEX oap_storage_check ON {_PROBE}(word)"),
    ("DELETE", f"DELETE FROM {_PROBE}"),
    ("DROP", f"DROP TABLE {_PROBE}"),
)


def check(settings: StorageSettings, models: Sequence[MetricModel]) -> Iterator[Finding]:
    """All findings. The one thing that is changed is an empty table ``oap_storage_check``, which comes and goes."""
    try:
        database = Database(settings)
    except StorageError as error:
        yield problem("connection", str(error), "correct properties.jdbcUrl (SW_JDBC_URL)")
        yield from not_reached()
        return
    try:
        yield from _connected(database, settings, models)
    finally:
        database.close()


def _connected(database: Database, settings: StorageSettings, models: Sequence[MetricModel]) -> Iterator[Finding]:
    try:
        user, version, cipher = database.read(_who)
    except StorageError as error:
        yield problem("connection", str(error), _advice(error, database.address.database, settings.user))
        yield from not_reached()
        return
    yield ok("connection", f"{database.place} as {user}, {'TLS ' + cipher if cipher else 'without TLS'}")
    yield _version(version)
    yield from _privileges(database, user)
    yield from _schema(database, models)
    yield _clock(database)
    yield from _space(database)


def _who(session: Session) -> tuple[str, str, str]:
    user, version = session.rows("SELECT CURRENT_USER(), VERSION()")[0]
    cipher = session.rows("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    return str(user), str(version), str(cipher[0][1]) if cipher else ""


def _version(text: str) -> Finding:
    kind = "MariaDB" if "mariadb" in text.casefold() else "MySQL"
    # MariaDB may put a version before its own that old clients look at.
    match = re.match(r"(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.\d+)?", text)
    found = (int(match[1]), int(match[2])) if match else (0, 0)
    shown = f"{kind} {text.partition('-')[0]}"
    oldest, newest = _OLDEST[kind], _NEWEST[kind]
    if found < oldest:
        needed = f"{oldest[0]}.{oldest[1]}"
        return problem("version", f"{shown} is too old", f"upgrade it to {kind} {needed} or later")
    if found > newest:
        return ok("version", f"{shown}; tried with {kind} up to {newest[0]}.{newest[1]}")
    return ok("version", shown)


def _privileges(database: Database, user: str) -> Iterator[Finding]:
    refused: dict[str, str] = {}
    with suppress(StorageError):
        # Left behind by a check that was ended.
        database.define(f"DROP TABLE IF EXISTS {_PROBE}")
    for right, statement in _RIGHTS:
        try:
            database.write(partial(_run, statement))
        except StorageError as error:
            if _code(error) in _THERE:
                continue
            refused[right] = str(error)
            if right == "CREATE":
                break
    if not refused:
        yield ok("privileges", ", ".join(right for right, _ in _RIGHTS))
        return
    place = f"`{database.address.database}`.*"
    rest = "; the others can be tried once there is a table" if "CREATE" in refused else ""
    left = f"; the table {_PROBE} could not be removed" if "DROP" in refused else ""
    for reason in dict.fromkeys(_reason(text) for text in refused.values()):
        rights = [right for right, text in refused.items() if _reason(text) == reason]
        yield problem(
            "privileges",
            f"no {', '.join(rights)}{rest}{left}: {reason}",
            f"GRANT {', '.join(rights)} ON {place} TO {_quoted(user)}",
        )


def _run(statement: str, session: Session) -> None:
    session.execute(statement)


def _reason(text: str) -> str:
    """The server's words without those that differ between one statement and the next."""
    return re.sub(r"^.*?: (?:[A-Z, ]+ command denied)", "command denied", text)


def _schema(database: Database, models: Sequence[MetricModel]) -> Iterator[Finding]:
    clock = SystemClock()
    today = local_day(clock)
    try:
        catalog = DayTables(database, clock, lambda: today).look()
    except StorageError as error:
        yield problem("schema", str(error), "allow the user to read information_schema")
        return
    shapes = {**{shape.raw: shape for shape in schema.DAILY}, **schema.metric_shapes(models)}
    unfit = [
        text for raw, shape in shapes.items() for table in catalog.all_of(raw) for text in _unfit(shape, table, catalog)
    ]
    if unfit:
        yield problem("schema", shortened(unfit, 3), "drop these tables, or choose another database")
    wanted = [f"{raw}_{day}" for day in (today, next_day(today)) for raw in shapes]
    missing = [table for table in wanted if table not in catalog.tables]
    narrow = [table for table in wanted if table in catalog.tables and _lacking(shapes[table[:-9]], table, catalog)]
    text = f"{len(wanted) - len(missing)} of {len(wanted)} tables of today and tomorrow are there"
    if missing:
        text += f", these would be made: {shortened(missing, 3)}"
    if narrow:
        text += f", these would get columns: {shortened(narrow, 3)}"
    if not unfit:
        yield ok("schema", text)
    yield from _collations(database, shapes)


def _unfit(shape: schema.TableShape, table: str, catalog: Catalog) -> Iterator[str]:
    stored = catalog.tables[table]
    for column in shape.columns:
        kind, needed = stored.get(column.name), column.type.partition("(")[0].lower()
        if kind is not None and kind != needed:
            yield f"{table}.{column.name} is {kind.upper()}, {column.type} is needed"


def _lacking(shape: schema.TableShape, table: str, catalog: Catalog) -> bool:
    return any(column.name not in catalog.tables[table] for column in shape.columns)


def _collations(database: Database, shapes: Mapping[str, object]) -> Iterator[Finding]:
    rows = database.read(
        lambda session: session.rows(
            "SELECT TABLE_NAME, TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_COLLATION LIKE '%\\_ci' ORDER BY TABLE_NAME"
        )
    )
    loose = [f"{table} ({collation})" for table, collation in rows if str(table)[:-9] in shapes]
    if loose:
        yield problem(
            "schema",
            f"ids that differ only in upper and lower case are one in {shortened(loose, 3)}",
            "let the tables of these days run out, or: ALTER TABLE <table> CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        )


def _clock(database: Database) -> Finding:
    before_s = time.time()
    rows = database.read(lambda session: session.rows("SELECT UNIX_TIMESTAMP(NOW(6))"))
    return clock_finding(float(rows[0][0]), before_s, time.time())


def _space(database: Database) -> Iterator[Finding]:
    name, packet, is_read_only, folder = database.read(
        lambda session: session.rows("SELECT DATABASE(), @@max_allowed_packet, @@read_only, @@datadir")
    )[0]
    if is_read_only:
        yield problem("free space", "the server is read-only", "SET GLOBAL read_only = OFF, or name the primary")
    if packet < _LEAST_PACKET:
        yield problem(
            "free space",
            f"max_allowed_packet is {packet} bytes, a statement with rows has up to 4 MiB",
            "SET GLOBAL max_allowed_packet = 16777216, and in the server's configuration",
        )
    size = database.read(_size)
    if database.address.host in _HERE and Path(folder).is_dir():
        found = disk_finding(Path(folder), f"in {folder}, {name} has {gib(size)}")
        yield found
    else:
        yield unknown("free space", f"{name} has {gib(size)}; the database does not tell how much is free in {folder}")


def _size(session: Session) -> float:
    rows = session.rows(
        "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE()"
    )
    return float(rows[0][0])


def _quoted(user: str) -> str:
    name, _, host = user.rpartition("@")
    return f"'{name}'@'{host}'"


_ADVICE: Final[Mapping[int, Callable[[str, str], str]]] = {
    1045: lambda _database, _user: f"check {_CREDENTIALS}",
    1698: lambda _database, _user: f"the user may only come in through the socket; check {_CREDENTIALS}",
    1044: lambda database, user: f"GRANT ALL ON `{database}`.* TO '{user}'@'<this host>'",
    1049: lambda database, _user: f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    2003: lambda _database, _user: "start the database, or correct host and port in properties.jdbcUrl (SW_JDBC_URL)",
    1040: lambda _database, _user: "raise max_connections of the server, or lower properties.maximumPoolSize",
}


def _advice(error: StorageError, database: str, user: str) -> str:
    known = _ADVICE.get(_code(error))
    return known(database, user) if known else "see the log of the database; TLS is set by sslMode and sslCaPath"


def _code(error: StorageError) -> int:
    code = error.__cause__.args[0] if error.__cause__ is not None and error.__cause__.args else 0
    return code if isinstance(code, int) else 0
