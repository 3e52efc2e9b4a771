"""Connections to a real database: conflicts, deaths, limits, TLS."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.mysql.database import Database, MissingTable, Session
from oap.storage.mysql.settings import StorageSettings
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb

PATIENCE_S = 60


@pytest.fixture
def base(mariadb: MariadbServer, database: str) -> Iterator[Database]:
    base = Database(StorageSettings(mariadb.jdbc_url(database), USER, PASSWORD))
    base.define("CREATE TABLE t(id INT PRIMARY KEY, n INT)")
    base.write(lambda session: session.send(b"INSERT INTO t VALUES (1, 0), (2, 0)"))
    yield base
    base.close()


def numbers(base: Database) -> list[tuple[int, ...]]:
    return base.read(lambda session: session.rows("SELECT id, n FROM t ORDER BY id"))


def connection_ids(mariadb: MariadbServer, database: str) -> list[object]:
    found = mariadb.rows(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()", database
    )
    return [row[0] for row in found]


def test_a_transaction_that_fails_is_taken_back(base: Database) -> None:
    def fail(session: Session) -> None:
        session.execute("UPDATE t SET n = 5")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        base.write(fail)
    assert numbers(base) == [(1, 0), (2, 0)]


def test_locks_that_nobody_may_give_back_are_taken_away(base: Database) -> None:
    assert base.read(lambda session: session.rows("SELECT @@lock_wait_timeout, @@wait_timeout")) == [(5, 300)]


def test_after_a_deadlock_the_loser_starts_again(base: Database) -> None:
    both_hold_one = threading.Barrier(2)
    attempts = {1: 0, 2: 0}

    def add(first: int, second: int) -> None:
        def work(session: Session) -> None:
            attempts[first] += 1
            session.execute("UPDATE t SET n = n + 1 WHERE id = %s", [first])
            if attempts[first] == 1:
                both_hold_one.wait(PATIENCE_S)
            session.execute("UPDATE t SET n = n + 1 WHERE id = %s", [second])

        base.write(work)

    threads = [threading.Thread(target=add, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(base) == [(1, 2), (2, 2)]
    assert sorted(attempts.values()) == [1, 2]


def test_a_lock_that_is_not_given_is_told_as_not_now(base: Database) -> None:
    taken, enough = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        session.execute("UPDATE t SET n = 7 WHERE id = 1")
        taken.set()
        enough.wait(PATIENCE_S)

    def wait_shortly(session: Session) -> None:
        session.execute("SET SESSION innodb_lock_wait_timeout = 0")
        session.execute("UPDATE t SET n = 8 WHERE id = 1")

    holder = threading.Thread(target=base.write, args=(hold,))
    holder.start()
    assert taken.wait(PATIENCE_S)
    with pytest.raises(StorageUnavailable, match=r"Lock wait timeout exceeded.*\(1205\)"):
        base.write(wait_shortly)
    enough.set()
    holder.join()
    assert numbers(base) == [(1, 7), (2, 0)]


def test_connections_that_died_are_replaced(mariadb: MariadbServer, database: str, base: Database) -> None:
    for number in connection_ids(mariadb, database):
        mariadb.execute(f"KILL {number}")
    base.write(lambda session: session.send(b"UPDATE t SET n = 3 WHERE id = 1"))
    assert numbers(base) == [(1, 3), (2, 0)]


def test_connections_are_used_again(mariadb: MariadbServer, database: str, base: Database) -> None:
    for _ in range(5):
        numbers(base)
    assert len(connection_ids(mariadb, database)) == 1


def test_no_more_connections_are_made_than_allowed(mariadb: MariadbServer, database: str) -> None:
    settings = StorageSettings(
        mariadb.jdbc_url(database), USER, PASSWORD, maximum_pool_size=1, connection_timeout_ms=10
    )
    base = Database(settings)

    def ask_again(_session: Session) -> None:
        base.read(lambda session: session.rows("SELECT 1"))

    with pytest.raises(StorageUnavailable, match="all 1 connections are in use"):
        base.read(ask_again)
    assert base.read(lambda session: session.rows("SELECT 1")) == [(1,)]
    base.close()


def test_a_missing_table_is_told_apart(base: Database) -> None:
    with pytest.raises(MissingTable, match=r"doesn't exist \(1146\)"):
        base.read(lambda session: session.rows("SELECT * FROM nothing"))
    assert numbers(base) == [(1, 0), (2, 0)]


def test_a_mistake_in_a_statement_is_no_matter_of_waiting(base: Database) -> None:
    with pytest.raises(StorageError, match=r"\(1064\)") as caught:
        base.read(lambda session: session.rows("SELEKT 1"))
    assert not isinstance(caught.value, StorageUnavailable)


def test_a_wrong_password_is_told_without_repeating_it(mariadb: MariadbServer, database: str) -> None:
    base = Database(StorageSettings(mariadb.jdbc_url(database), USER, "hunter2"))
    with pytest.raises(StorageError, match=r"Access denied for user 'oap'.*\(1045\)") as caught:
        numbers(base)
    assert "hunter2" not in str(caught.value)
    base.close()


def test_a_closed_store_opens_nothing(base: Database) -> None:
    base.close()
    base.close()
    with pytest.raises(StorageError, match="the store is closed"):
        numbers(base)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, certificates of 127.0.0.1 and of us that it signed, and an authority that signed nothing."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "other"):
        _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2",
                 "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db", "-keyout", "db.key", "-out", "db.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    _openssl(folder, "x509", "-req", "-in", "db.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-days", "2", "-extfile", "names", "-out", "db.pem")  # fmt: skip
    _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=us", "-keyout", "us.key", "-out", "us.csr")
    _openssl(folder, "x509", "-req", "-in", "us.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-days", "2", "-out", "us.pem")  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def mariadb_with_tls(certificates: Path) -> Iterator[MariadbServer]:
    files = (f"--ssl-cert={certificates / 'db.pem'}", f"--ssl-key={certificates / 'db.key'}")
    with running_mariadb(*files, f"--ssl-ca={certificates / 'ca.pem'}") as server:
        yield server


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _cipher(server: MariadbServer, parameters: str, ca_path: str = "") -> str:
    settings = StorageSettings(server.jdbc_url("mysql", parameters), USER, PASSWORD, ssl_ca_path=ca_path)
    base = Database(settings)
    try:
        return str(base.read(lambda session: session.rows("SHOW STATUS LIKE 'Ssl_cipher'"))[0][1])
    finally:
        base.close()


def test_tls_is_used_where_the_database_offers_it(mariadb: MariadbServer, mariadb_with_tls: MariadbServer) -> None:
    assert _cipher(mariadb_with_tls, "").startswith("TLS_")
    assert _cipher(mariadb_with_tls, "?useSSL=false") == ""
    assert _cipher(mariadb, "") == ""


def test_tls_that_is_asked_for_is_not_done_without(mariadb: MariadbServer) -> None:
    with pytest.raises(StorageError, match="SSL is required but the server doesn't support it"):
        _cipher(mariadb, "?sslMode=REQUIRED")


def test_the_certificate_of_the_database_is_checked(mariadb_with_tls: MariadbServer, certificates: Path) -> None:
    authority = str(certificates / "ca.pem")
    assert _cipher(mariadb_with_tls, "?sslMode=VERIFY_IDENTITY", authority).startswith("TLS_")
    assert _cipher(mariadb_with_tls, f"?serverSslCert={authority}").startswith("TLS_")
    with pytest.raises(StorageUnavailable, match="certificate verify failed"):
        _cipher(mariadb_with_tls, "?sslMode=VERIFY_CA", str(certificates / "other.pem"))


def test_a_certificate_of_ours_is_shown(mariadb_with_tls: MariadbServer, certificates: Path) -> None:
    mariadb_with_tls.execute(
        "CREATE USER strict@'127.0.0.1' IDENTIFIED BY 's' REQUIRE X509", "GRANT ALL ON mysql.* TO strict@'127.0.0.1'"
    )

    def connected(cert: str, key: str) -> int:
        settings = StorageSettings(
            mariadb_with_tls.jdbc_url("mysql"), "strict", "s", ssl_cert_path=cert, ssl_key_path=key
        )
        base = Database(settings)
        try:
            return len(base.read(lambda session: session.rows("SELECT 1")))
        finally:
            base.close()

    with pytest.raises(StorageError, match=r"Access denied.*\(1045\)"):
        connected("", "")
    assert connected(str(certificates / "us.pem"), str(certificates / "us.key")) == 1
