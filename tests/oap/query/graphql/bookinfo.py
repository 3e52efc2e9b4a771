"""A server that has received the emulator's book shop: two minutes of its Rovers' streams from 2026-01-01 12:00 UTC on."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml

from oap.config.load import load_config
from oap.emulator.cluster import registry
from oap.emulator.scenario_file import load_scenario
from oap.server import Server
from tests.oap.process.server_process import ROOT, environment

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MINUTES = 2
RANGE = {"start": "2026-01-01 1155", "end": "2026-01-01 1204", "step": "MINUTE", "coldStage": False}
"""Ten points; the sixth and seventh are the two minutes, and the fifth has what a slow clock puts before them."""

_SCENARIO = ROOT / "config/scenarios/bookinfo.yml"
_OPENED_S = START.timestamp() + 230


class ShiftedClock:
    """Runs on from 12:03:50 of that day, so that the same streams fall into the same minutes on any day."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()

    def now_s(self) -> float:
        return _OPENED_S + self.monotonic_s() - self._started_s

    def monotonic_s(self) -> float:
        return time.monotonic()


def _broken() -> None:
    raise AssertionError("the server says that it cannot go on")


@contextmanager
def _served(environ: Mapping[str, str]) -> Iterator[Server]:
    server = Server(load_config(ROOT / "config", environ), _broken, clock=ShiftedClock())
    server.start()
    try:
        yield server
    finally:
        assert server.stop(), "not everything was stored"


@contextmanager
def bookshop(folder: Path) -> Iterator[Server]:
    """Feed one server, end it so that everything is stored, and yield another one over the same store."""
    addresses = folder / "registry.yml"
    addresses.write_text(yaml.safe_dump(registry(load_scenario(_SCENARIO))), encoding="utf-8")
    environ = environment(folder / "oap.duckdb", OAP_KUBERNETES_STATIC_FILE=str(addresses))
    with _served(environ) as fed:
        _emulate(fed.addresses.agents)
    with _served(environ) as server:
        yield server


def _emulate(agents: str) -> None:
    span = ["--fast", "--minutes", str(MINUTES), "--start", str(int(START.timestamp()))]
    command = [sys.executable, "-m", "oap", "emulate", "bookinfo", *span, "--to", agents]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
