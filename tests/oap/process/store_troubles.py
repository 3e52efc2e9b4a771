"""A server whose database is in one trouble after another while agents send, and what was seen of it meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from oap.emulator.traffic import Flush
from oap.storage.elasticsearch import ElasticsearchStoreSettings
from tests.oap.process.agents import send
from tests.oap.process.backends import Backend, elasticsearch_backend, mariadb_backend
from tests.oap.process.looks import Look, calm_look, hand_overs, look
from tests.oap.process.scene import Scene
from tests.oap.process.server_process import ServerProcess, environment, running
from tests.oap.storage.troubles import (
    ROWS,
    Trouble,
    flooded,
    late_answers,
    late_requests,
    read_only,
    troubled_mariadb,
)
from tests.servers.elasticsearch import ELASTICSEARCH_7, running_server
from tests.servers.slow_proxy import running_slow_proxy
from tests.waiting import until

TROUBLES: Final = ("full", "read-only", "late answers", "late requests")

_LONGEST_S: Final = 400.0
# Where the shares of a trouble's streams begin that come before it, early and late in it, and after it: each in the midst
# of one of its two minutes, so that rows that were refused have to be stored once more with more in them.
_PARTS: Final = (0, 1 / 8, 1 / 4, 3 / 4, 1)
_SOCKET_MS: Final = 8_000
_ANSWER_MS: Final = 15_000
_FILES_MB: Final = 48


@dataclass(frozen=True, slots=True)
class Stand:
    """A database, and how to bring troubles about."""

    backend: Backend
    troubles: Mapping[str, Trouble]


@dataclass(frozen=True, slots=True)
class Course:
    """What was seen of one trouble: before it, early and late in it, and when all was stored again; what the log told."""

    reason: str
    before: Look
    early: Look
    late: Look
    after: Look
    told: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Troubled:
    """All that happened to one server."""

    backend: Backend
    courses: Mapping[str, Course]
    exit_code: int


@contextmanager
def troubled_servers(scene: Scene) -> Iterator[Mapping[str, "Future[Troubled]"]]:
    """Servers on both databases at once, since most of the time they wait; by backend, which go on running."""
    with ExitStack() as stack:
        stands = [stack.enter_context(stand()) for stand in (_mariadb, _elasticsearch)]
        with ThreadPoolExecutor(len(stands)) as executor:
            yield {stand.backend.name: executor.submit(_troubled, scene, stand) for stand in stands}


@contextmanager
def _mariadb() -> Iterator[Stand]:
    with troubled_mariadb(f"?socketTimeout={_SOCKET_MS}", _FILES_MB) as mariadb:
        backend = mariadb_backend(mariadb.server, mariadb.database, mariadb.settings)
        yield Stand(backend, mariadb.troubles())


@contextmanager
def _elasticsearch() -> Iterator[Stand]:
    with running_server(ELASTICSEARCH_7) as server, running_slow_proxy(server.port) as proxy:
        settings = ElasticsearchStoreSettings((f"127.0.0.1:{proxy.port}",), response_timeout_ms=_ANSWER_MS)
        troubles = {
            "full": flooded(server, "sw"),
            "read-only": read_only(server, "sw"),
            "late answers": late_answers(proxy, ROWS, "no answer from .* in time"),
            "late requests": late_requests(proxy, ROWS, "no answer from .* in time"),
        }
        yield Stand(elasticsearch_backend(server, settings), troubles)


def _troubled(scene: Scene, stand: Stand) -> Troubled:
    variables = {**stand.backend.variables, **scene.variables}
    with running(environment(scene.folder / "unused", **variables)) as server:
        each = len(scene.flushes) // len(TROUBLES)
        courses = {
            name: _course(server, stand.troubles[name], scene.flushes[number * each : (number + 1) * each])
            for number, name in enumerate(TROUBLES)
        }
        return Troubled(stand.backend, courses, server.stop())


def _course(server: ServerProcess, trouble: Trouble, flushes: Sequence[Flush]) -> Course:
    cuts = [int(part * len(flushes)) for part in _PARTS]
    calm, first, more, rest = (flushes[start:end] for start, end in pairwise(cuts))
    _play(server, calm)
    _until_all_is_stored(server)
    before, told = calm_look(server), len(server.events())
    trouble.begin()
    _play(server, first)
    until(lambda: server.health() == 503, "the health check tells of it", _LONGEST_S)
    early = look(server)
    _play(server, more)
    late = look(server)
    trouble.end()
    until(lambda: server.health() == 200, "the health check is content again", _LONGEST_S)
    _play(server, rest)
    _until_all_is_stored(server)
    trouble.afterwards()
    return Course(trouble.reason, before, early, late, calm_look(server), server.events()[told:])


def _play(server: ServerProcess, flushes: Sequence[Flush]) -> None:
    """Send streams as agents do, each when the one before it has its answer."""
    with server.channel() as channel:
        for flush in flushes:
            for stream in flush.streams:
                send(channel, stream)


def _until_all_is_stored(server: ServerProcess) -> None:
    # What was under way, and one with everything.
    enough = hand_overs(server) + 2
    until(lambda: hand_overs(server) >= enough, "everything is stored", _LONGEST_S)
