"""A server whose database is killed while a recording is played into it, and what was seen of it meanwhile."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import orjson

from oap.emulator.recording import Recorder
from oap.emulator.scenario import Scenario
from oap.emulator.traffic import cluster_traffic
from oap.storage.contract import Storage
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlSettings
from tests.equality.recordings import SEED, Setting
from tests.oap.emulator.small_scenario import scenario
from tests.oap.process.agents import write_registry
from tests.oap.process.server_process import ROOT, ServerProcess, environment, running
from tests.servers.elasticsearch import ELASTICSEARCH_7, SearchServer, running_server
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb
from tests.waiting import PATIENCE_S, until

AWAY_S = 180.0
PERIODS = 96
SPEED = 2
"""Eight minutes are played in four, so that the load outlasts the outage."""

_LOOK_EVERY_S = 10.0
_LONGEST_S = 600.0
_MANY = 100_000
_WORSE_THAN_INFO = ("warning", "error", "critical")


class Killable(Protocol):
    """A database of the tests' own."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Backend:
    """A running database: how the server is told of it, how to open it, and its rows by model as the database counts."""

    name: str
    database: Killable
    variables: Mapping[str, str]
    opened: Callable[[], Storage]
    rows_by_model: Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Look:
    """What the running server says of itself at one moment; ``answer`` is the error of a query, sizes are in bytes."""

    health: int
    details: str
    answer: str
    age_s: float
    backlog: float
    open_minutes: float
    resident: float


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


@dataclass(frozen=True, slots=True)
class Scene:
    """What is played when, in a folder of its own, and the variables of servers that it is played into."""

    folder: Path
    scenario: Scenario
    setting: Setting
    variables: Mapping[str, str]

    @classmethod
    def written(cls, folder: Path, **more: str) -> "Scene":
        """A small cluster around a midnight: what is tried is being away, not the speed of databases."""
        setting = Setting.around(int(time.time()))
        hosts = {"OAP_KUBERNETES_STATIC_FILE": str(write_registry(folder)), "TZ": setting.zone}
        scene = cls(folder, scenario(), setting, {**hosts, **more})
        scene._record()
        return scene

    @property
    def recording(self) -> Path:
        """All streams at fixed times, so that every run of them must give the same rows."""
        return self.folder / "outage.oaprec"

    def _record(self) -> None:
        with Recorder(self.recording, self.setting.start_s * 10**9) as recorder:
            for flush in cluster_traffic(self.scenario, SEED, self.setting.start_s, PERIODS):
                for messages in flush.streams:
                    stream = recorder.begin(flush.due_ns, flush.node)
                    for message in messages:
                        recorder.message(flush.due_ns, stream, message)
                    recorder.end(flush.due_ns, stream)


@contextmanager
def mariadb_backend() -> Iterator[Backend]:
    with running_mariadb() as server:
        database = server.new_database()
        url = server.jdbc_url(database)
        variables = {"SW_STORAGE": "mysql", "SW_JDBC_URL": url}
        variables |= {"SW_DATA_SOURCE_USER": USER, "SW_DATA_SOURCE_PASSWORD": PASSWORD}
        settings = MysqlSettings(url, USER, PASSWORD, metadata_query_max_size=_MANY)
        yield Backend(
            "MariaDB", server, variables, lambda: MysqlStorage(settings), lambda: _rows_in_tables(server, database)
        )


@contextmanager
def elasticsearch_backend() -> Iterator[Backend]:
    with running_server(ELASTICSEARCH_7) as server:
        variables = {"SW_STORAGE": "elasticsearch", "SW_STORAGE_ES_CLUSTER_NODES": server.node}
        settings = ElasticsearchStoreSettings((server.node,), metadata_query_max_size=_MANY)
        yield Backend(
            "Elasticsearch",
            server,
            variables,
            lambda: ElasticsearchStorage(settings),
            lambda: _rows_in_indices(server),
        )


@contextmanager
def outages(scene: Scene) -> Iterator[Mapping[str, "Future[Course]"]]:
    """Outages of both databases at once, so that the three minutes pass only once; by backend, which go on running."""
    with ExitStack() as stack:
        backends = [stack.enter_context(backend()) for backend in (mariadb_backend, elasticsearch_backend)]
        with ThreadPoolExecutor(len(backends)) as executor:
            yield {backend.name: executor.submit(_outage, scene, backend) for backend in backends}


def _outage(scene: Scene, backend: Backend) -> Course:
    with (
        running(environment(scene.folder / "unused", **backend.variables, **scene.variables)) as server,
        _replay(scene.recording, server.agents) as replay,
    ):
        until(lambda: server.total("oap_handover_rows_total") > 0, "rows are stored", _LONGEST_S)
        course = Course(backend, _look(server))
        until(lambda: server.total("oap_handover_backlog_oldest_age_seconds") > 0, "a hand-over is under way")
        backend.database.kill()
        until(lambda: server.health() == 503, "the health check tells of it")
        course.away += _looks(server)
        course.told_away = _worse_than_info(server)
        backend.database.start()
        until(lambda: server.health() == 200, "the health check is content again", _LONGEST_S)
        replay.wait(_LONGEST_S)
        course.replay = replay.returncode, replay.communicate()[0]
        # What was under way when the last stream ended, and one with everything.
        enough = _hand_overs(server) + 2
        until(lambda: _hand_overs(server) >= enough, "everything is stored", _LONGEST_S)
        course.after = _look(server)
        course.exit_code = server.stop()
        course.told = server.events()
    return course


def _looks(server: ServerProcess) -> Iterator[Look]:
    """Keep the database away. Nobody waits for anything here: being away for minutes is what is tried."""
    end_s = time.monotonic() + AWAY_S
    while (left_s := end_s - time.monotonic()) > 0:
        yield _look(server)
        time.sleep(min(_LOOK_EVERY_S, left_s))


def _look(server: ServerProcess) -> Look:
    health = server.ask("{ checkHealth { score details } }")["checkHealth"]
    question = {"query": "{ listServices { name } }"}
    answer = httpx.post(f"{server.url}/graphql", json=question, timeout=PATIENCE_S).json()
    return Look(
        server.health(),
        health["details"],
        answer["errors"][0]["message"] if "errors" in answer else "",
        server.total("oap_handover_backlog_oldest_age_seconds"),
        server.total("oap_handover_backlog_bytes"),
        server.total("oap_windows_open"),
        server.total("process_resident_memory_bytes"),
    )


def _hand_overs(server: ServerProcess) -> int:
    return int(server.total("oap_handover_duration_seconds_count"))


def _worse_than_info(server: ServerProcess) -> list[Mapping[str, Any]]:
    return [entry for entry in server.events() if entry["level"] in _WORSE_THAN_INFO]


@contextmanager
def _replay(recording: Path, agents: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "oap", "replay", str(recording), "--speed", str(SPEED), "--to", agents]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _rows_in_tables(server: MariadbServer, database: str) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    # Dashboards have no day in the names of their tables.
    daily = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '%_20______'"
    for (table,) in server.rows(daily, database):
        counted = server.rows(f"SELECT table_name, COUNT(*) FROM {table} GROUP BY table_name", database)  # noqa: S608
        found.update({str(model): int(str(rows)) for model, rows in counted})
    return found


def _rows_in_indices(server: SearchServer) -> Mapping[str, int]:
    server.request("POST", "/_refresh")
    by_model = {"terms": {"field": "metric_table", "size": 10_000}}
    answer = server.request("POST", "/sw_metrics-all-*/_search", {"size": 0, "aggs": {"models": by_model}})
    buckets: Sequence[Mapping[str, Any]] = orjson.loads(answer)["aggregations"]["models"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}
