"""A simulated cluster beside the server: the emulator in a process of its own, and the addresses it uses."""

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

import structlog
import yaml

from oap.config.config import Config
from oap.emulator.cluster import registry
from oap.emulator.commands import scenario_or_exit

_log = structlog.get_logger(__name__)
_STOP_S = 3.0


class Listening(Protocol):
    """A server that agents can connect to."""

    grpc_port: int


class Simulation:
    """Plays a scenario, named or a file, against a server of this machine until the ``with`` block ends."""

    def __init__(self, scenario: str) -> None:
        self._name = scenario
        self._scenario = scenario_or_exit(scenario)
        self._folder = tempfile.TemporaryDirectory(prefix="oap-simulation-")
        self._errors: IO[bytes] = (Path(self._folder.name) / "emulator.log").open("w+b")
        self._process: subprocess.Popen[bytes] | None = None

    def resolving(self, config: Config) -> Config:
        """The configuration with a registry that knows the scenario's addresses, unless it names one itself."""
        if config.kubernetes_registry.static_file:
            return config
        file = Path(self._folder.name) / "registry.yml"
        file.write_text(yaml.safe_dump(registry(self._scenario), sort_keys=False), encoding="utf-8")
        return replace(config, kubernetes_registry=replace(config.kubernetes_registry, static_file=str(file)))

    def play(self, server: Listening) -> None:
        """Start to send to a server that has started."""
        _log.info("simulated agents start", scenario=self._name)
        command = [sys.executable, "-m", "oap", "emulate", self._name, "--to", f"127.0.0.1:{server.grpc_port}"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._errors)  # noqa: S603

    def __enter__(self) -> "Simulation":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._stop(self._process)
        self._errors.close()
        self._folder.cleanup()

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() not in {None, 0}:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")[-2000:]
            _log.warning("the simulated agents had stopped", code=process.returncode, said=said)
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
