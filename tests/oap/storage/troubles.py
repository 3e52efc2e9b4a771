"""Databases that are there and do not take rows: what brings that about, for MariaDB and for Elasticsearch."""

# ruff: noqa: S608  (names and sizes are this module's own)

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pymysql
import pytest

from oap.storage.mysql import StorageSettings
from tests.servers.elasticsearch import SearchServer
from tests.servers.mariadb import MariadbServer, running_mariadb
from tests.servers.slow_proxy import Hold, SlowProxy, running_slow_proxy
from tests.waiting import until

LONGEST_S: Final = 180.0
ROWS: Final = b'}}\n{"metric_table":"'

_INSERT: Final = b"\x03INSERT INTO "
_COMMIT: Final = b"\x03COMMIT"
_WRITER: Final = "writer"
_PASSWORD: Final = "w"
_FILES: Final = "--innodb-data-file-path=ibdata1:12M;ibdata2:{}M"
_MANY: Final = 100_000
_PIECES: Final = (1 << 20, 1 << 14, 1 << 8)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Trouble:
    """What brings it about, what ends it, and how the health check tells of it, as a pattern.

    ``afterwards`` lets happen what comes to pass long after its end.
    """

    begin: Callable[[], None]
    end: Callable[[], None]
    reason: str
    afterwards: Callable[[], None] = _nothing


def late_answers(proxy: SlowProxy, marker: bytes, reason: str, after: bytes = b"") -> Trouble:
    """What is asked for is done at once, and nobody hears of it before the trouble ends."""
    holds: list[Hold] = []

    def end() -> None:
        proxy.pass_on()
        _released(holds)

    return Trouble(lambda: holds.append(proxy.hold_answers(marker, after)), end, reason)


def late_requests(proxy: SlowProxy, marker: bytes, reason: str, after: bytes = b"") -> Trouble:
    """What is asked for is done when others have long since been asked for it again, and for more."""
    holds: list[Hold] = []
    begin, end = lambda: holds.append(proxy.hold_requests(marker, after)), proxy.pass_on
    return Trouble(begin, end, reason, lambda: _released(holds))


def _released(holds: list[Hold]) -> None:
    hold = holds.pop()
    assert hold.held
    hold.release()


@dataclass(frozen=True, slots=True)
class TroubledMariadb:
    """A MariaDB behind a proxy whose tables live in files that cannot grow, and a user of it who is no administrator.

    Administrators may write always, and ``files_mb`` stands for a disk of that size.
    """

    server: MariadbServer
    proxy: SlowProxy
    database: str
    settings: StorageSettings
    files_mb: int

    def troubles(self) -> Mapping[str, Trouble]:
        """All that there are, by name."""
        execute = self.server.execute
        rights = f"INSERT, UPDATE ON {self.database}.*"
        return {
            "full": Trouble(self._fill, self._make_room, "is full"),
            "read-only": Trouble(
                lambda: execute("SET GLOBAL read_only = 1"),
                lambda: execute("SET GLOBAL read_only = 0"),
                "--read-only option",
            ),
            "without rights": Trouble(
                # Connections keep the rights that they had when they chose the database.
                lambda: execute(f"REVOKE {rights} FROM {_WRITER}@'127.0.0.1'", f"KILL CONNECTION USER {_WRITER}"),
                lambda: execute(f"GRANT {rights} TO {_WRITER}@'127.0.0.1'"),
                "command denied to user 'writer'",
            ),
            "late answers": late_answers(self.proxy, _COMMIT, "timed out", _INSERT),
            # It keeps its locks until it is done: whoever writes these rows again waits for that.
            "late requests": self._late_commits(),
        }

    def _late_commits(self) -> Trouble:
        late = late_requests(self.proxy, _COMMIT, "timed out|Lock wait timeout", _INSERT)

        def end() -> None:
            late.end()
            late.afterwards()

        return Trouble(late.begin, end, late.reason)

    def _fill(self) -> None:
        """Ballast takes what is left of the files."""
        self.server.execute("CREATE DATABASE ballast")
        self.server.execute(*(f"CREATE TABLE ballast.b{size}(content LONGBLOB)" for size in _PIECES))
        for size in _PIECES:
            with pytest.raises(pymysql.err.OperationalError, match="is full"):
                self.server.execute(*[f"INSERT INTO ballast.b{size} VALUES (REPEAT('x', {size}))"] * _MANY)

    def _make_room(self) -> None:
        """As administrators do: there is more room, and the database is started anew."""
        self.server.stop()
        self.server.options = _in_files(f"{_FILES.format(self.files_mb)};ibdata3:64M")
        self.server.start()


@contextmanager
def troubled_mariadb(parameters: str = "", files_mb: int = 36) -> Iterator[TroubledMariadb]:
    """A database without trouble yet; ``parameters`` of its URL say how long to wait for it."""
    with (
        running_mariadb(*_in_files(_FILES.format(files_mb))) as server,
        running_slow_proxy(server.port) as proxy,
    ):
        database = server.new_database()
        server.execute(f"CREATE USER {_WRITER}@'127.0.0.1' IDENTIFIED BY '{_PASSWORD}'")
        server.execute(f"GRANT ALL ON {database}.* TO {_WRITER}@'127.0.0.1'")
        url = f"jdbc:mysql://127.0.0.1:{proxy.port}/{database}{parameters}"
        yield TroubledMariadb(server, proxy, database, StorageSettings(url, _WRITER, _PASSWORD), files_mb)


def _in_files(files: str) -> tuple[str, ...]:
    return "--innodb-file-per-table=0", files


def flooded(server: SearchServer, namespace: str) -> Trouble:
    """The node thinks that its disk is full, looks at it every ten seconds, and blocks all indices."""

    def begin() -> None:
        _disk_needs(server, "900tb")
        _until(lambda: "read_only_allow_delete" in server.request("GET", f"/{namespace}_*/_settings"), "the block")

    def end() -> None:
        _disk_needs(server, "1b")
        _until(lambda: json.loads(server.request("GET", "/_cluster/state/blocks"))["blocks"] == {}, "no block any more")

    return Trouble(begin, end, "flood-stage watermark")


def read_only(server: SearchServer, _namespace: str) -> Trouble:
    """Somebody made the whole cluster read-only."""
    return _setting(server, "cluster.blocks.read_only", True, r"cluster read-only \(api\)")


def too_many_shards(server: SearchServer, _namespace: str) -> Trouble:
    """The cluster has all the shards that it may have: no day can begin."""
    return _setting(server, "cluster.max_shards_per_node", 1, "shards open")


def no_new_indices(server: SearchServer, _namespace: str) -> Trouble:
    """Nobody may make indices by writing into them."""
    return _setting(server, "action.auto_create_index", False, "no such index")


def _setting(server: SearchServer, name: str, value: object, reason: str) -> Trouble:
    return Trouble(lambda: _configure(server, {name: value}), lambda: _configure(server, {name: None}), reason)


def _configure(server: SearchServer, settings: Mapping[str, object]) -> None:
    answer = json.loads(server.request("PUT", "/_cluster/settings", {"persistent": settings}))
    assert answer.get("acknowledged"), answer


def _disk_needs(server: SearchServer, free: str) -> None:
    watermark = "cluster.routing.allocation.disk.watermark"
    levels = {f"{watermark}.{level}": free for level in ("low", "high", "flood_stage")}
    _configure(server, {"cluster.routing.allocation.disk.threshold_enabled": True, **levels})


def _until(holds: Callable[[], bool], what: str) -> None:
    until(holds, what, LONGEST_S)
