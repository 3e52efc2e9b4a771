"""A server whose database is killed while a recording is played into it, and what was seen of it meanwhile."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oap.storage.elasticsearch import ElasticsearchStoreSettings
from oap.storage.mysql import StorageSettings as MysqlSettings
from tests.oap.process.backends import Backend, elasticsearch_backend, mariadb_backend
from tests.oap.process.looks import Look, calm_look, hand_overs, look, worse_than_info
from tests.oap.process.scene import Scene
from tests.oap.process.server_process import ROOT, ServerProcess, environment, running
from tests.servers.elasticsearch import ELASTICSEARCH_7, running_server
from tests.servers.mariadb import PASSWORD, USER, running_mariadb
from tests.waiting import until

AWAY_S = 180.0
SPEED = 2
"""Eight minutes are played in four, so that the load outlasts the outage."""

_LOOK_EVERY_S = 10.0
_LONGEST_S = 600.0
# A busy machine may need longer for a request than Elasticsearch is usually given.
_ANSWER_MS = 120_000


@dataclass(slots=True)
class Course:
    """All that was seen: before the database went, while it was away, and when it was back and all was stored."""

    backend: Backend
    before: Look
    away: list[Look] = field(default_factory=list)
    after: Look | None = None
    told_away: list[Mapping[str, Any]] = field(default_factory=list)
    told: list[Mapping[str, Any]] = field(default_factory=list)
    replay: tuple[int, str] = (-1, "")
    exit_code: int = -1


@contextmanager
def _mariadb() -> Iterator[Backend]:
    with running_mariadb() as server:
        database = server.new_database()
        yield mariadb_backend(server, database, MysqlSettings(server.jdbc_url(database), USER, PASSWORD))


@contextmanager
def _elasticsearch() -> Iterator[Backend]:
    with running_server(ELASTICSEARCH_7) as server:
        settings = ElasticsearchStoreSettings((server.node,), response_timeout_ms=_ANSWER_MS)
        yield elasticsearch_backend(server, settings)


@contextmanager
def outages(scene: Scene) -> Iterator[Mapping[str, "Future[Course]"]]:
    """Outages of both databases at once, so that the three minutes pass only once; by backend, which go on running."""
    with ExitStack() as stack:
        backends = [stack.enter_context(backend()) for backend in (_mariadb, _elasticsearch)]
        with ThreadPoolExecutor(len(backends)) as executor:
            yield {backend.name: executor.submit(_outage, scene, backend) for backend in backends}


def _outage(scene: Scene, backend: Backend) -> Course:
    with (
        running(environment(scene.folder / "unused", **backend.variables, **scene.variables)) as server,
        _replay(scene.recording, server.agents) as replay,
    ):
        until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored", _LONGEST_S)
        course = Course(backend, look(server))
        until(lambda: server.total("oap_handover_backlog_oldest_age_seconds") > 0, "a hand-over is under way")
        backend.database.kill()
        until(lambda: server.health() == 503, "the health check tells of it")
        course.away += _looks(server)
        course.told_away = worse_than_info(server)
        backend.database.start()
        until(lambda: server.health() == 200, "the health check is content again", _LONGEST_S)
        replay.wait(_LONGEST_S)
        course.replay = replay.returncode, replay.communicate()[0]
        # What was under way when the last stream ended, and one with everything.
        enough = hand_overs(server) + 2
        until(lambda: hand_overs(server) >= enough, "everything is stored", _LONGEST_S)
        course.after = calm_look(server)
        course.exit_code = server.stop()
        course.told = server.events()
    return course


def _looks(server: ServerProcess) -> Iterator[Look]:
    """Keep the database away. Nobody waits for anything here: being away for minutes is what is tried."""
    end_s = time.monotonic() + AWAY_S
    while (left_s := end_s - time.monotonic()) > 0:
        yield look(server)
        time.sleep(min(_LOOK_EVERY_S, left_s))


@contextmanager
def _replay(recording: Path, agents: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "oap", "replay", str(recording), "--speed", str(SPEED), "--to", agents]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
