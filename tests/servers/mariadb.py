"""A MariaDB of the tests' own: a real server on the loopback address with a folder and a port that nobody else has."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pymysql

from tests.servers.program import Program, free_ports, new_folder

CACHE: Final = Path(__file__).parents[2] / ".cache" / "mariadb"
USER: Final = "oap"
PASSWORD: Final = "root@1234"

_START_S: Final = 60.0
_READY: Final = "ready for connections"
# Rows must outlive a killed server, not a machine without power: nothing waits for the disk.
_OPTIONS: Final = (
    "--bind-address=127.0.0.1",
    "--socket=mariadb.sock",
    "--pid-file=mariadb.pid",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=256M",
    "--innodb-log-file-size=64M",
    "--innodb-flush-method=nosync",
    "--skip-name-resolve",
    # What a fresh server has by default: ids that differ only in case must be told apart all the same.
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
)


class MariadbServer(Program):
    """One server process, always on the same folder and port. ``options`` are those of the next start."""

    def __init__(self, folder: Path, options: tuple[str, ...] = ()) -> None:
        super().__init__("MariaDB", folder, _READY, _START_S)
        (self.port,) = free_ports(1)
        self.options = options
        self._numbers = itertools.count()
        _install(folder)

    def command(self) -> Sequence[str]:
        arguments = [_program("mariadbd"), "--no-defaults", *_as_root(), f"--datadir={self.folder}"]
        # A server that starts removes the temporary tables of others from a folder that they share.
        return [*arguments, f"--port={self.port}", f"--tmpdir={self.folder}", *_OPTIONS, *self.options]

    def new_database(self) -> str:
        """Create an empty database and return its name."""
        name = f"oap_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database and all that is in it."""
        self.execute(f"DROP DATABASE {name}")

    def execute(self, *statements: str) -> None:
        """Run statements as the administrator."""
        with self._connected() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, sql: str, database: str) -> list[tuple[object, ...]]:
        """All rows of a query, read past everything of ours."""
        with self._connected(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def jdbc_url(self, database: str, parameters: str = "") -> str:
        """Return where a database is, as the Java server would be told."""
        return f"jdbc:mysql://127.0.0.1:{self.port}/{database}{parameters}"

    @contextmanager
    def _connected(self, database: str | None = None) -> Iterator["pymysql.Connection[pymysql.cursors.Cursor]"]:
        connection = pymysql.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, database=database, autocommit=True
        )
        with connection:
            yield connection


@contextmanager
def running_mariadb(*options: str) -> Iterator[MariadbServer]:
    """A server in a new folder, stopped and removed afterwards."""
    with new_folder(CACHE) as folder:
        server = MariadbServer(folder, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _install(folder: Path) -> None:
    """Write the system tables into a folder, with a user who may do everything."""
    arguments = [_program("mariadb-install-db"), "--no-defaults", *_as_root(), f"--datadir={folder}"]
    arguments += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    script = folder.parent / f"{folder.name}.sql"
    script.write_text(
        "FLUSH PRIVILEGES;\n"
        f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    arguments.append(f"--extra-file={script}")
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    script.unlink()
    if done.returncode:
        raise RuntimeError(f"MariaDB's folder cannot be made:\n{done.stdout}{done.stderr}")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing; 'make test' installs it, as does: apt-get install mariadb-server-core")
    return found


def _as_root() -> tuple[str, ...]:
    return ("--user=root",) if os.geteuid() == 0 else ()
