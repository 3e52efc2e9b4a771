"""What was acknowledged is stored, however the server is told to stop."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from oap.storage.contract import MetricModel
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.process.agents import (
    COLLECT,
    Stream,
    expected_store,
    logs_of_services,
    recent_traffic,
    send,
    stored_rows,
    write_registry,
)
from tests.oap.process.server_process import ROOT, ServerProcess, environment, running
from tests.oap.storage.test_read_limit import DUCKDB_HOURS
from tests.waiting import PATIENCE_S, until

# The engine makes another exception of the one that the signal's handler raises.
_SIGNALLED_IN_A_QUERY = """
import os, signal, sys, threading
from pathlib import Path
from oap.commands.configuration import load_or_exit
from oap.commands.running import run_server
from oap.commands.simulation import NoSimulation
from oap.storage.duckdb.database import Database
from oap.storage.duckdb.settings import StorageSettings

class Querying(NoSimulation):
    def play(self, server):
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        Database(StorageSettings(":memory:", threads=1)).rows(sys.argv[1])

sys.exit(run_server(load_or_exit(Path("config")), Querying()))
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "oap.duckdb"


@pytest.fixture
def environ(tmp_path: Path, store: Path) -> dict[str, str]:
    return environment(store, OAP_KUBERNETES_STATIC_FILE=str(write_registry(tmp_path)))


def send_all(server: ServerProcess, streams: Sequence[Stream]) -> None:
    with server.channel() as channel:
        for stream in streams:
            send(channel, stream)


def rows_in(store: Path, models: Sequence[MetricModel]) -> dict:
    storage = DuckdbStorage(StorageSettings(str(store), threads=1))
    storage.prepare(models)
    try:
        return dict(stored_rows(storage, models, recent_traffic().start_s))
    finally:
        storage.close()


def test_two_runs_on_one_file_store_what_one_run_would(environ: dict[str, str], store: Path) -> None:
    traffic = recent_traffic()
    for half in traffic.halves():
        with running(environ) as server:
            send_all(server, half)
            assert server.stop() == 0
    wanted, pipeline = expected_store(traffic.streams, Path(environ["OAP_KUBERNETES_STATIC_FILE"]), time.time())
    models = list(pipeline.models.values())
    expected = dict(stored_rows(wanted, models, traffic.start_s))
    assert len(expected) > 1000
    assert rows_in(store, models) == expected
    wanted.close()


class Agents:
    """Four agents that send streams one after the other until they are refused; each tells what became of its own."""

    def __init__(self, server: ServerProcess, streams: Sequence[Stream]) -> None:
        self.acknowledged: list[Stream] = []
        self.unknown: list[Stream] = []
        self._channels = [server.channel() for _ in range(4)]
        self._threads = [
            threading.Thread(target=self._send, args=(channel, streams[number :: len(self._channels)]))
            for number, channel in enumerate(self._channels)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        for thread, channel in zip(self._threads, self._channels, strict=True):
            thread.join()
            channel.close()

    def _send(self, channel: grpc.Channel, streams: Sequence[Stream]) -> None:
        for stream in streams:
            try:
                send(channel, stream)
            except grpc.RpcError:
                self.unknown.append(stream)
                return
            self.acknowledged.append(stream)


def test_sigterm_under_load_loses_nothing_that_was_acknowledged(environ: dict[str, str], store: Path) -> None:
    streams = recent_traffic().streams * 40
    with running(environ) as server:
        agents = Agents(server, streams)
        until(lambda: len(agents.acknowledged) >= 100, "streams are acknowledged")
        assert server.stop() == 0
        agents.wait()
        assert "stopped" in [entry["event"] for entry in server.events()]
    assert len(agents.acknowledged) < len(streams)
    registry_file = Path(environ["OAP_KUBERNETES_STATIC_FILE"])
    counts = []
    for sent in (agents.acknowledged, agents.acknowledged + agents.unknown):
        wanted, pipeline = expected_store(sent, registry_file, time.time())
        models = list(pipeline.models.values())
        counts.append(logs_of_services(stored_rows(wanted, models, recent_traffic().start_s)))
        wanted.close()
    assert counts[0] > 1000
    # A stream that was cut may have been counted up to where it got, and was not acknowledged.
    assert counts[0] <= logs_of_services(rows_in(store, models)) <= counts[1]


def test_the_accounts_close_under_load(environ: dict[str, str]) -> None:
    with running(environ) as server:
        agents = Agents(server, recent_traffic().streams * 3)
        agents.wait()
        found = server.metrics()
        server.stop()
    assert agents.unknown == []

    def total(name: str) -> float:
        return sum(value for (metric, _), value in found.items() if metric == name)

    messages = sum(map(len, agents.acknowledged))
    assert total("oap_messages_received_total") == messages
    assert total("oap_received_bytes_total") == sum(len(message) for sent in agents.acknowledged for message in sent)
    assert total("oap_logs_received_total") == sum(
        total(f"oap_logs_{fate}_total") for fate in ("folded", "dropped", "late", "refused")
    )
    assert total("oap_logs_folded_total") > messages
    assert total("oap_streams_finished_total") == len(agents.acknowledged)


def endless(hold: threading.Event, stream: Stream) -> Iterator[bytes]:
    yield from stream
    hold.wait()


def test_ctrl_c_ends_well_with_open_streams_and_a_simulation(environ: dict[str, str]) -> None:
    hold = threading.Event()
    with running(environ, "--simulate", "bookinfo") as server, server.channel() as channel:
        calls = [
            channel.stream_unary(method).future(endless(hold, recent_traffic().streams[0]))
            for method in (COLLECT, "/skywalking.v3.MeterReportService/collect")
        ]
        until(lambda: server.total("oap_streams_opened_total") >= 1, "the stream is open")
        assert server.stop(signal.SIGINT) == 0
        hold.set()
        assert grpc.StatusCode.OK not in [call.code() for call in calls]


def test_a_signal_during_a_query_of_the_start_ends_it_quietly(environ: dict[str, str]) -> None:
    command = [sys.executable, "-c", _SIGNALLED_IN_A_QUERY, DUCKDB_HOURS]
    done = subprocess.run(
        command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "stopped before the server had started" in done.stdout


def test_a_signal_during_the_start_ends_it_quietly(environ: dict[str, str]) -> None:
    server = ServerProcess(environ)
    try:
        # The file appears in the middle of the start.
        until(lambda: Path(environ["SW_STORAGE_DUCKDB_PATH"]).exists(), "the store is opened", 400)
        assert server.stop() == 0
        assert "Traceback" not in server.said
    finally:
        server.kill()
