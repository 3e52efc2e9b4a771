"""An HTTP server in a thread of its own: bound when ``start`` returns, drained when ``stop`` returns."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any

import uvicorn


class HttpServer:
    """Serves one ASGI application on one address. Port 0 takes any free port."""

    def __init__(self, application: Any, host: str, port: int, *, name: str, drain_s: int = 2) -> None:
        self._address = (host, port)
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="auto",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=drain_s,
        )
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def port(self) -> int:
        """The port in use, known once started."""
        return self._address[1]

    def start(self) -> None:
        """Bind and begin to serve. Raises OSError when the address cannot be bound."""
        host, port = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=512)
        self._address = (host, int(self._socket.getsockname()[1]))
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests in progress, within the drain time, and release the port. Does nothing if not started."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> "HttpServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        # Off the main thread uvicorn leaves the signals of the process alone.
        asyncio.run(self._server.serve(sockets=[self._socket] if self._socket else None))
