"""The server's parts wired in this process, with a store that a test can disturb."""

import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from oap.clock import Clock, SystemClock
from oap.config.load import load_config
from oap.errors import ServerError
from oap.server import Server
from oap.storage.contract import HandOver, Storage, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from tests.clock import HandClock
from tests.oap.process.agents import expected_store, recent_traffic, send, stored_rows, write_registry
from tests.oap.process.server_process import ROOT, environment, samples
from tests.oap.storage.samples import CPM, cpm, rows, series
from tests.waiting import until


class DisturbedStorage(TimedStorage):
    """Takes or refuses hand-overs as told, and outlives the server that closes it."""

    def __init__(self) -> None:
        super().__init__(DuckdbStorage(StorageSettings(":memory:", threads=1)))
        self.refuses = False
        self.is_broken = False
        self.refusals = 0

    def write(self, rows: HandOver) -> None:
        if self.is_broken:
            raise RuntimeError("a bug")
        if self.refuses:
            self.refusals += 1
            raise StorageUnavailable("disk full", retry_after=0.01)
        super().write(rows)

    def close(self) -> None:
        pass


class Failures:
    """Counts how often a server says that it cannot go on."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def built(
    folder: Path,
    storage: Storage,
    failed: Failures,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
) -> Server:
    more = {"OAP_KUBERNETES_STATIC_FILE": str(write_registry(folder))} | dict(environ or {})
    directory = folder / "config" if (folder / "config").exists() else ROOT / "config"
    config = load_config(directory, environment(folder / "unused.duckdb", **more))
    return Server(config, failed, clock=clock or SystemClock(), open_store=lambda _name, _settings: storage)


@contextmanager
def served(
    folder: Path,
    storage: Storage,
    failed: Failures,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    server = built(folder, storage, failed, clock, environ)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def refusal(folder: Path, environ: Mapping[str, str] | None = None) -> str:
    failed = Failures()
    with pytest.raises(ServerError) as refused:
        built(folder, DisturbedStorage(), failed, environ=environ).start()
    assert failed.count == 0
    return str(refused.value)


def health(server: Server) -> int:
    return httpx.get(f"{server.addresses.page}healthcheck", timeout=60).status_code


def test_an_outage_of_storage_loses_nothing(tmp_path: Path) -> None:
    storage, failed, traffic = DisturbedStorage(), Failures(), recent_traffic()
    first, second = traffic.halves()
    with served(tmp_path, storage, failed) as server, grpc.insecure_channel(server.addresses.agents) as channel:
        for stream in first:
            send(channel, stream)
        storage.refuses = True
        until(lambda: health(server) == 503, "the outage is noticed")
        for stream in second:
            send(channel, stream)
        until(lambda: storage.refusals >= 3, "it is tried again and again")
        storage.refuses = False
        until(lambda: health(server) == 200, "the end of the outage is noticed")
        assert server.stop()
    wanted, pipeline = expected_store(traffic.streams, tmp_path / "registry.yml", time.time())
    models = list(pipeline.models.values())
    assert stored_rows(storage, models, traffic.start_s) == stored_rows(wanted, models, traffic.start_s)
    assert failed.count == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_while_storing_stops_the_server(tmp_path: Path) -> None:
    storage, failed = DisturbedStorage(), Failures()
    with served(tmp_path, storage, failed) as server:
        assert health(server) == 200
        storage.is_broken = True
        until(lambda: failed.count > 0, "the failure is told")
        assert health(server) == 503
        assert not server.stop()


def test_days_beyond_the_kept_ones_are_deleted(tmp_path: Path) -> None:
    storage = DisturbedStorage()
    storage.prepare((CPM,))
    for day in (20260103, 20260104, 20260110):
        storage.write(rows(day, ["pod"], cpm(1)))
    with served(tmp_path, storage, Failures(), HandClock("2026-01-10T12:00:00")) as server:
        assert server.delete_old() == 1
        assert server.delete_old() == 0
    assert series(storage, CPM, "pod", 20260101, 20260131) == {20260104: 1, 20260110: 1}


@pytest.mark.parametrize(
    ("variable", "setting"),
    [("SW_CORE_REST_PORT", "core.restPort"), ("SW_TELEMETRY_PROMETHEUS_PORT", "telemetry.port")],
)
def test_a_port_that_is_taken_is_named(tmp_path: Path, variable: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(tmp_path, {variable: port})
    assert said == f"{setting}: cannot listen on port {port}: Address already in use"


def test_missing_certificates_are_named(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    files = {"SW_CORE_GRPC_SSL_KEY_PATH": str(key), "SW_CORE_GRPC_SSL_CERT_CHAIN_PATH": "cert.pem"}
    assert str(key) in refusal(tmp_path, files | {"SW_CORE_GRPC_SSL_ENABLED": "true"})


def test_wrong_grouping_rules_are_shown_with_their_place(tmp_path: Path) -> None:
    file = Path(shutil.copytree(ROOT / "config", tmp_path / "config")) / "endpoint-name-grouping.yml"
    file.write_text("groupings: []\n", encoding="utf-8")
    assert f"{file}:1:1: unknown key 'groupings'\n    groupings: []\n    ^\n" in refusal(tmp_path)


def test_a_folder_without_rules_is_named(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(ROOT / "config", tmp_path / "config")) / "oal"
    shutil.rmtree(rules)
    assert refusal(tmp_path) == f"{rules}: there is no rule file\n    hint: metrics are read from *.oal here"


def test_short_memory_sends_agents_away(tmp_path: Path) -> None:
    # No process runs in so little memory.
    little = {"SW_CORE_MAX_DIRECT_MEMORY_USAGE": "1000000"}
    with (
        served(tmp_path, DisturbedStorage(), Failures(), environ=little) as server,
        grpc.insecure_channel(server.addresses.agents) as channel,
    ):
        with pytest.raises(grpc.RpcError) as refused:
            send(channel, recent_traffic().streams[0])
        found = samples(httpx.get(server.addresses.metrics, timeout=60).text)
    assert (refused.value.code(), refused.value.details()) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Watermark exceeded",
    )
    labels = (("event", "DIRECT_HEAP_MEMORY_USAGE"), ("listener", "gRPC-Watermark-Interceptor"))
    assert found["watermark_circuit_breaker_break_count", labels] == 1
    assert found["oap_calls_refused_total", (("reason", "watermark"),)] == 1


def test_modules_that_are_switched_off_are_not_there(tmp_path: Path) -> None:
    off = {"SW_TELEMETRY": "none", "SW_HEALTH_CHECKER": "-"}
    with served(tmp_path, DisturbedStorage(), Failures(), environ=off) as server:
        assert (health(server), server.addresses.metrics) == (404, "")


def test_a_server_that_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    storage, failed = DisturbedStorage(), Failures()
    with served(tmp_path, storage, failed) as server:
        taken = server.http_port
        with (
            pytest.raises(ServerError, match=f"core.restPort: cannot listen on port {taken}: "),
            served(tmp_path, storage, failed, environ={"SW_CORE_REST_PORT": str(taken)}),
        ):
            pass
        assert health(server) == 200
    assert failed.count == 0
