"""Runs a server in this process until it is told to stop, with a companion that plays against it."""

import importlib
from typing import TYPE_CHECKING, Protocol

import structlog
import typer

from oap.config.config import Config
from oap.signals import StopAsked, StopSignals

if TYPE_CHECKING:
    from oap.server import Addresses, Server

_log = structlog.get_logger(__name__)


class Companion(Protocol):
    """What starts after the server and ends before it; ``note`` says what it does, "" for nothing."""

    @property
    def note(self) -> str: ...

    def play(self, server: "Server") -> None:
        """The server has started."""

    def end(self) -> None:
        """The server is about to stop, or did not start."""

    def kill(self) -> None:
        """The process is about to end."""


def run_server(config: Config, companion: Companion, *, is_watched: bool = False) -> int:
    """Run until SIGTERM or SIGINT; return the exit code: 0 stopped as asked, 1 failed, or not everything was stored.

    ``is_watched``: tell a person on a terminal where everything is and how it goes. Raises ServerError when the server
    cannot start.
    """
    failures: list[None] = []
    with StopSignals(companion.kill) as signals:

        def on_failure() -> None:
            failures.append(None)
            signals.stop()

        has_stored_everything = True
        server: Server | None = None
        try:
            # Imported late: everything that computes hangs on it, and a signal meanwhile shall end this quietly.
            server = importlib.import_module("oap.server").Server(config, on_failure, shows_progress=is_watched)
            server.start()
            companion.play(server)
            if is_watched:
                typer.echo(_greeting(server.addresses, companion.note), err=True)
            signals.wait(server.reload)
        except (StopAsked, KeyboardInterrupt, Exception) as cause:
            # Libraries written in C turn the first into another when it meets them in the middle of a call.
            if not signals.was_asked:
                raise
            _log.info("stopped before the server had started", cause=repr(cause))
        finally:
            companion.end()
            if server is not None:
                has_stored_everything = server.stop()
    _log.info("stopped")
    return 1 if failures or not has_stored_everything else 0


def _greeting(addresses: "Addresses", note: str) -> str:
    lines = {
        "page": addresses.page,
        "agents connect to": addresses.agents,
        "own metrics": addresses.metrics or "switched off",
        "rules": "read again whenever a file in config/ is saved",
        "simulation": note or "none; 'oap emulate' plays one",
        "to stop": "Ctrl-C",
    }
    return "\n".join(["", *(f"  {name:<18} {text}" for name, text in lines.items()), ""])
