"""A simulated cluster beside the server: the emulator in a process of its own, and the addresses it uses."""

import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

import structlog
import yaml

from oap.config.config import Config
from oap.emulator.cluster import registry
from oap.emulator.commands import scenario_or_exit

_log = structlog.get_logger(__name__)
_STOP_S = 2.0
_LAST_WORDS = 2000


class Listening(Protocol):
    """A server that agents can connect to."""

    grpc_port: int


class NoSimulation:
    """Nothing plays against the server."""

    note = ""

    def resolving(self, config: Config) -> Config:
        """The configuration as it is."""
        return config

    def play(self, server: Listening) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""

    def kill(self) -> None:
        """Do nothing."""

    def __enter__(self) -> "NoSimulation":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


class Simulation:
    """Plays a scenario, named or a file, against a server of this machine.

    The ``with`` block bounds the life of the files that this needs.
    """

    def __init__(self, scenario: str) -> None:
        self._name = scenario
        self._scenario = scenario_or_exit(scenario)
        self._folder = tempfile.TemporaryDirectory(prefix="oap-simulation-")
        self._errors = Path(self._folder.name) / "emulator.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ending = False

    @property
    def note(self) -> str:
        """What is simulated."""
        return f"the cluster '{self._name}' sends; its services show up within seconds"

    def resolving(self, config: Config) -> Config:
        """The configuration with a registry that knows the scenario's addresses, unless it names one itself."""
        if config.kubernetes_registry.static_file:
            return config
        file = Path(self._folder.name) / "registry.yml"
        file.write_text(yaml.safe_dump(registry(self._scenario), sort_keys=False), encoding="utf-8")
        return replace(config, kubernetes_registry=replace(config.kubernetes_registry, static_file=str(file)))

    def play(self, server: Listening) -> None:
        """Start to send to a server that has started."""
        _log.info("a simulated cluster sends", scenario=self._name)
        command = [sys.executable, "-m", "oap", "emulate", self._name, "--to", f"127.0.0.1:{server.grpc_port}"]
        with self._errors.open("wb") as errors:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603
        self._process = process
        threading.Thread(target=self._watch, args=(process,), name="simulation", daemon=True).start()

    def end(self) -> None:
        """Stop sending; blocks until that is done."""
        self._is_ending = True
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """Stop sending at once."""
        self._is_ending = True
        if self._process is not None:
            self._process.kill()

    def __enter__(self) -> "Simulation":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        code = process.wait()
        # Ctrl-C on a terminal reaches the emulator as well, maybe first; it ends well then.
        if code and not self._is_ending:
            said = self._errors.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]
            _log.warning("the simulated cluster has stopped", code=code, said=said)
