"""``check`` against a real MariaDB, with real faults."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from oap.clock import SystemClock
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.storage.mysql.check import check
from oap.storage.mysql.day_tables import local_day, next_day
from tests.oap.storage.samples import CPM, MODELS
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb

TODAY = local_day(SystemClock())
RIGHTS = "CREATE, INSERT, UPDATE, SELECT, ALTER, INDEX, DELETE, DROP"
SUBJECTS = ("version", "privileges", "schema", "clock", "free space")

Line = tuple[str, str, str, str]


@pytest.fixture
def settings(mariadb: MariadbServer, database: str) -> StorageSettings:
    return StorageSettings(mariadb.jdbc_url(database), USER, PASSWORD)


def lines(settings: StorageSettings, models: Sequence = MODELS) -> list[Line]:
    """All findings, without figures of this machine."""
    found = []
    for one in check(settings, models):
        text = re.sub(r"127\.0\.0\.1:\d+/oap_\d+", "PLACE", one.text)
        text = re.sub(r"36\d\d s ", "an hour ", text)
        text = re.sub(r"[\d.]+ GiB", "N GiB", re.sub(r" in /.*/data-\w+/", " in DATA", text))
        text = (
            re.sub(r"oap_\d+", "DATABASE", text).replace(str(TODAY), "TODAY").replace(str(next_day(TODAY)), "TOMORROW")
        )
        found.append((one.subject, str(one.verdict), text, re.sub(r"oap_\d+", "DATABASE", one.advice)))
    return found


def problems(settings: StorageSettings, models: Sequence = MODELS) -> list[tuple[str, str, str]]:
    return [
        (subject, text, advice) for subject, verdict, text, advice in lines(settings, models) if verdict == "problem"
    ]


def unreached(text: str, advice: str) -> list[Line]:
    rest: list[Line] = [(one, "unknown", "not looked at, there is no connection", "") for one in SUBJECTS]
    return [("connection", "problem", text, advice), *rest]


@contextmanager
def user_with(server: MariadbServer, database: str, rights: str) -> Iterator[StorageSettings]:
    server.execute("CREATE USER 'poor'@'127.0.0.1' IDENTIFIED BY 'p'")
    try:
        server.execute(f"GRANT {rights} ON {database}.* TO 'poor'@'127.0.0.1'")
        yield StorageSettings(server.jdbc_url(database), "poor", "p")
    finally:
        server.execute("DROP USER 'poor'@'127.0.0.1'")


@contextmanager
def changed(server: MariadbServer, name: str, value: str, usual: str) -> Iterator[None]:
    server.execute(f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        server.execute(f"SET GLOBAL {name} = {usual}")


def test_an_empty_database_is_fit(settings: StorageSettings, mariadb: MariadbServer, database: str) -> None:
    first = "service_traffic_TODAY, instance_traffic_TODAY, endpoint_traffic_TODAY and 25 more"
    assert lines(settings) == [
        ("connection", "ok", "PLACE as oap@127.0.0.1, without TLS", ""),
        ("version", "ok", lines(settings)[1][2], ""),
        ("privileges", "ok", RIGHTS, ""),
        ("schema", "ok", f"0 of 28 tables of today and tomorrow are there, these would be made: {first}", ""),
        ("clock", "ok", "agrees with this machine's", ""),
        ("free space", "ok", "N GiB of N GiB free in DATA, DATABASE has N GiB", ""),
    ]
    assert lines(settings)[1][2].startswith("MariaDB 10.11.")
    assert mariadb.rows("SHOW TABLES", database) == []


def test_a_prepared_database_needs_nothing(settings: StorageSettings) -> None:
    storage = MysqlStorage(settings)
    storage.prepare([CPM])
    storage.close()
    assert lines(settings, [CPM])[3][2] == "16 of 16 tables of today and tomorrow are there"


def test_columns_that_are_missing_are_told(settings: StorageSettings, mariadb: MariadbServer, database: str) -> None:
    storage = MysqlStorage(settings)
    storage.prepare([CPM])
    storage.close()
    mariadb.execute(f"ALTER TABLE {database}.metrics_cpm_{TODAY} DROP COLUMN total")
    text = "16 of 16 tables of today and tomorrow are there, these would get columns: metrics_cpm_TODAY"
    assert lines(settings, [CPM])[3] == ("schema", "ok", text, "")


def test_a_wrong_password_is_told(mariadb: MariadbServer, database: str) -> None:
    wrong = StorageSettings(mariadb.jdbc_url(database), USER, "a secret")
    advice = "check properties.dataSource.user and .password (SW_DATA_SOURCE_USER, SW_DATA_SOURCE_PASSWORD)"
    said = "PLACE: Access denied for user 'oap'@'127.0.0.1' (using password: YES) (1045)"
    assert lines(wrong) == unreached(said, advice)


def test_a_database_that_does_not_exist_is_told(mariadb: MariadbServer) -> None:
    missing = StorageSettings(mariadb.jdbc_url("nowhere"), USER, PASSWORD)
    advice = "CREATE DATABASE `nowhere` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    assert problems(missing) == [
        ("connection", f"127.0.0.1:{mariadb.port}/nowhere: Unknown database 'nowhere' (1049)", advice)
    ]


def test_a_server_that_is_not_there_is_told() -> None:
    advice = "start the database, or correct host and port in properties.jdbcUrl (SW_JDBC_URL)"
    said = "PLACE: Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused) (2003)"
    assert lines(StorageSettings("jdbc:mysql://127.0.0.1:1/oap_0")) == unreached(said, advice)


def test_a_url_that_is_none_is_told() -> None:
    said = "'mysql:there' is no JDBC URL; write jdbc:mysql://host:3306/database"
    assert lines(StorageSettings("mysql:there")) == unreached(said, "correct properties.jdbcUrl (SW_JDBC_URL)")


def test_rights_that_are_missing_are_named(mariadb: MariadbServer, database: str) -> None:
    with user_with(mariadb, database, "SELECT, CREATE, INSERT") as poor:
        twice = [problems(poor), problems(poor)]
    said = (
        "no UPDATE, ALTER, INDEX, DELETE, DROP; the table oap_storage_check could not be removed: command denied to user"
        " 'poor'@'127.0.0.1' for table `DATABASE`.`oap_storage_check` (1142)"
    )
    grant = "GRANT UPDATE, ALTER, INDEX, DELETE, DROP ON `DATABASE`.* TO 'poor'@'127.0.0.1'"
    assert twice == [[("privileges", said, grant)]] * 2


def test_without_the_right_to_make_tables_the_others_stay_open(mariadb: MariadbServer, database: str) -> None:
    with user_with(mariadb, database, "SELECT") as poor:
        found = problems(poor)
    said = (
        "no CREATE; the others can be tried once there is a table: command denied to user 'poor'@'127.0.0.1' for table"
        " `DATABASE`.`oap_storage_check` (1142)"
    )
    assert found == [("privileges", said, "GRANT CREATE ON `DATABASE`.* TO 'poor'@'127.0.0.1'")]


def test_a_column_of_another_type_is_told(settings: StorageSettings, mariadb: MariadbServer, database: str) -> None:
    table = f"{database}.metrics_cpm_{TODAY}"
    mariadb.execute(f"CREATE TABLE {table}(id VARCHAR(512) PRIMARY KEY, value_ VARCHAR(20)) COLLATE utf8mb4_bin")
    said = "metrics_cpm_TODAY.value_ is VARCHAR, BIGINT is needed"
    assert problems(settings) == [("schema", said, "drop these tables, or choose another database")]


def test_a_collation_that_takes_letters_for_one_is_told(
    settings: StorageSettings, mariadb: MariadbServer, database: str
) -> None:
    mariadb.execute(f"CREATE TABLE {database}.endpoint_traffic_20250101(id VARCHAR(512) PRIMARY KEY)")
    assert [text for _, text, _ in problems(settings)] == [
        "ids that differ only in upper and lower case are one in endpoint_traffic_20250101 (utf8mb4_general_ci)"
    ]


def test_a_read_only_server_is_told(mariadb: MariadbServer, database: str) -> None:
    with user_with(mariadb, database, "ALL") as user, changed(mariadb, "read_only", "ON", "OFF"):
        found = problems(user)
    assert [subject for subject, *_ in found] == ["privileges", "free space"]
    assert found[1] == (
        "free space",
        "the server is read-only",
        "SET GLOBAL read_only = OFF, or name the primary",
    )


def test_a_packet_that_is_too_small_is_told(settings: StorageSettings, mariadb: MariadbServer) -> None:
    with changed(mariadb, "max_allowed_packet", "1048576", "16777216"):
        found = problems(settings)
    said = "max_allowed_packet is 1048576 bytes, a statement with rows has up to 4 MiB"
    advice = "SET GLOBAL max_allowed_packet = 16777216, and in the server's configuration"
    assert found == [("free space", said, advice)]


def test_a_clock_that_differs_is_told(mariadb: MariadbServer, database: str) -> None:
    slow = "'SET timestamp = UNIX_TIMESTAMP() - 3600'"
    with user_with(mariadb, database, "ALL") as user, changed(mariadb, "init_connect", slow, "''"):
        found = problems(user)
    advice = "have both follow the same time service, as chrony or systemd-timesyncd"
    assert found == [("clock", "the store is an hour behind this machine", advice)]


def test_a_version_that_is_too_old_is_told() -> None:
    # The server itself says it is older than it is.
    with running_mariadb("--version=10.4.34-MariaDB") as server:
        found = problems(StorageSettings(server.jdbc_url(server.new_database()), USER, PASSWORD))
    assert found == [("version", "MariaDB 10.4.34 is too old", "upgrade it to MariaDB 10.5 or later")]
