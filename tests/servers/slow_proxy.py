"""Stands before a server and passes bytes on, its answers as late as a test wants them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_PIECE: Final = 1 << 16


class SlowProxy:
    """Passes connections on; each piece of an answer waits for ``delay_s``, which may change at any time."""

    def __init__(self, upstream_port: int) -> None:
        self.delay_s = 0.0
        self._upstream_port = upstream_port
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> None:
        """Begin to take connections."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and end what is open."""
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream_port))
                for source, target, is_answer in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pump, args=(source, target, is_answer), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if is_answer and self._stopped.wait(self.delay_s):
                    break
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_slow_proxy(upstream_port: int) -> Iterator[SlowProxy]:
    """A proxy on a free port."""
    proxy = SlowProxy(upstream_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
