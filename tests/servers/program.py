"""A server's program as tests run it: started until it says that it is ready, stopped, killed, started again."""

import shutil
import socket
import subprocess
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

_SHOWN_LINES: Final = 40


class Program(ABC):
    """One process that works in ``folder``; ``start`` again after ``stop`` or ``kill`` keeps that folder."""

    def __init__(self, name: str, folder: Path, ready: str, start_s: float) -> None:
        self.folder = folder
        self._name = name
        self._ready = ready
        self._start_s = start_s
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command line of the next start."""

    def start(self) -> None:
        """Start it and return when it says that it is ready; RuntimeError with what it said when it does not."""
        ready = threading.Event()
        self._lines = []
        self._process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder
        )
        threading.Thread(target=self._follow, args=(self._process, ready), daemon=True).start()
        if not ready.wait(self._start_s) or self._process.poll() is not None:
            self.kill()
            raise RuntimeError(f"{self._name} did not start:\n" + "\n".join(self._lines[-_SHOWN_LINES:]))

    def stop(self) -> None:
        """Shut it down in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it at once, as ``kill -9``."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _follow(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        with process:
            for line in process.stdout or ():
                self._lines.append(line.rstrip())
                if self._ready in line:
                    ready.set()
        ready.set()


@contextmanager
def new_folder(cache: Path) -> Iterator[Path]:
    """A folder of a server's own below a cache folder, removed afterwards."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
