"""A server as operators run it: a process of its own, on free ports, with a store in a folder of the test."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import orjson
from prometheus_client.parser import text_string_to_metric_families

from oap.telemetry.catalogue import CATALOGUE
from tests.waiting import PATIENCE_S, until

ROOT = Path(__file__).parents[3]
# A first start compiles, and the machine may be busy with other tests.
START_S = 400.0
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def environment(store: Path, **more: str) -> dict[str, str]:
    """Variables of a server on free ports that hands over every second."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SW_", "OAP_", "KUBE"))}
    free = {f"SW_{name}": "0" for name in ("CORE_GRPC_PORT", "CORE_REST_PORT", "TELEMETRY_PROMETHEUS_PORT")}
    local = {f"SW_{name}": "127.0.0.1" for name in ("CORE_GRPC_HOST", "CORE_REST_HOST", "TELEMETRY_PROMETHEUS_HOST")}
    here = {"SW_STORAGE_DUCKDB_PATH": str(store), "SW_CORE_PERSISTENT_PERIOD": "1", "TZ": "UTC", "OAP_ADMIN_PORT": "0"}
    return ours | free | local | here | more


class ServerProcess:
    """One run of ``oap server``; what it writes to standard error is kept."""

    def __init__(self, environ: Mapping[str, str], *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "oap", "server", *arguments],
            env=dict(environ),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._started: Mapping[str, Any] = {}

    @property
    def said(self) -> str:
        """All of standard error so far."""
        return "".join(self._lines)

    def events(self) -> list[Mapping[str, Any]]:
        """The logged events so far."""
        return [orjson.loads(line) for line in list(self._lines) if line.startswith("{")]

    def wait_for(self, event: str, patience_s: float = PATIENCE_S) -> Mapping[str, Any]:
        """Wait until the event is logged and return it."""
        found: list[Mapping[str, Any]] = []

        def is_logged() -> bool:
            found[:] = [entry for entry in self.events() if entry["event"] == event]
            assert found or self._process.poll() is None or self._reader.is_alive(), self.said
            return bool(found)

        until(is_logged, f"no '{event}' in:\n{self.said}", patience_s)
        return found[0]

    def wait_until_started(self) -> None:
        """Wait for the start; then all addresses are known."""
        self._started = self.wait_for("server started", START_S)

    @property
    def agents(self) -> str:
        return str(self._started["agents"])

    @property
    def url(self) -> str:
        return str(self._started["page"]).rstrip("/")

    @property
    def metrics_url(self) -> str:
        return str(self._started["metrics"])

    @property
    def admin_url(self) -> str:
        return str(self._started["admin"])

    @property
    def promql_url(self) -> str:
        return str(self._started["promql"])

    def metrics(self) -> Samples:
        """All samples by name and labels, without upstream's instance label."""
        return samples(httpx.get(self.metrics_url, timeout=PATIENCE_S).text)

    def total(self, name: str) -> float:
        """Sum of a metric over its labels."""
        return sum(value for (found, _), value in self.metrics().items() if found == name)

    def health(self) -> int:
        """Status of the health check."""
        return httpx.get(f"{self.url}/healthcheck", timeout=PATIENCE_S).status_code

    def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        """Data of a GraphQL answer without errors."""
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=PATIENCE_S).json()
        assert "errors" not in answer, answer
        data: Mapping[str, Any] = answer["data"]
        return data

    def channel(self) -> grpc.Channel:
        """A connection of its own, as each agent has."""
        return grpc.insecure_channel(self.agents, options=(("grpc.use_local_subchannel_pool", 1),))

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, patience_s: float = START_S) -> int:
        """Exit code."""
        code = self._process.wait(patience_s)
        self._reader.join()
        return code

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal, wait, and return the exit code."""
        self.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        """End it and what it started, whatever it does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)


@contextmanager
def launched(environ: Mapping[str, str], *arguments: str) -> Iterator[ServerProcess]:
    """A process that may or may not come up; ended with the block."""
    server = ServerProcess(environ, *arguments)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def running(environ: Mapping[str, str], *arguments: str) -> Iterator[ServerProcess]:
    """A server that has started."""
    with launched(environ, *arguments) as server:
        server.wait_until_started()
        yield server


def samples(text: str) -> Samples:
    """Parse an exposition."""
    return {
        (_as_written(sample.name), _labels(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _as_written(name: str) -> str:
    # The parser gives every counter the suffix that upstream's lack.
    bare = name.removesuffix("_total")
    return bare if bare in {definition.name for definition in CATALOGUE} else name


def _labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in labels.items() if name != "sw_backend_instance"))
