"""Processes of a benchmark that answer each line with a line of JSON, and servers among them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[1]


class WorkerError(Exception):
    """A process died, or a message got lost."""


class Worker:
    """A process that answers each line with a line of JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def answer(self, request: str = "") -> object:
        """Send a line and wait for the answer to it."""
        if self._process.stdin is None:
            raise AssertionError("started without a pipe")
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> object:
        """Wait for a line."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise WorkerError(f"{self._process.args!r} ended")
        return json.loads(line)

    @property
    def cpu_s(self) -> float:
        """Processor seconds that the process has used."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)


class Server:
    """A server process with its port."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.port = int(str(worker.read()))

    def run(self, client: Worker, messages: int) -> tuple[float, float]:
        """Have so many messages sent to it; return wall seconds and its processor seconds."""
        before, cpu_before = self.counts()["messages"], self._worker.cpu_s
        wall_s = client.answer(str(self.port))
        cpu_s = self._worker.cpu_s - cpu_before
        handled = self.counts()["messages"] - before
        if handled != messages:
            raise WorkerError(f"{messages} messages were sent, {handled} handled")
        return float(str(wall_s)), cpu_s

    def counts(self) -> Mapping[str, int]:
        """What the server tells about itself."""
        counts = self._worker.answer()
        return counts if isinstance(counts, dict) else {}


@contextmanager
def worker(module: str, *arguments: str) -> Iterator[Worker]:
    """A process that runs a module; it is killed at the end."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.communicate()
