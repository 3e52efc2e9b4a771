"""Stands before a server and passes bytes on; holds back what a test wants to be late, requests or their answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from tests.waiting import PATIENCE_S, until

_PIECE: Final = 1 << 16


@dataclass(slots=True)
class Hold:
    """Keeps back requests with ``marker`` in them, or else their answers, until ``release``.

    Those count that come ``after`` something on the same connection. ``held`` counts them, ``done`` those that the
    server has answered.
    """

    marker: bytes
    after: bytes
    keeps_requests: bool
    held: int = 0
    done: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Pass on what was kept back, whether its client still waits or not; return when the server has done it."""
        self.released.set()
        until(lambda: self.done >= self.held, "the server does what was kept back")


@dataclass(slots=True)
class _Passage:
    """One connection, and what holds the request that is under way."""

    client: socket.socket
    server: socket.socket
    hold: Hold | None = None
    is_after: bool = False
    is_answered: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class SlowProxy:
    """Passes connections on; nothing is late but what meets a hold."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._holds: list[Hold] = []
        self._hold: Hold | None = None
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def hold_requests(self, marker: bytes, after: bytes = b"") -> Hold:
        """From now on keep back requests with the marker in their first 64 KB; their clients may be gone before it ends."""
        return self._begin(Hold(marker, after, keeps_requests=True))

    def hold_answers(self, marker: bytes, after: bytes = b"") -> Hold:
        """From now on keep back the answers of these requests: the server does at once what they ask."""
        return self._begin(Hold(marker, after, keeps_requests=False))

    def pass_on(self) -> None:
        """Hold nothing that comes from now on; what is held stays so until it is released."""
        self._hold = None

    def start(self) -> None:
        """Begin to take connections."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and end what is open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for hold in self._holds:
            hold.released.set()

    def _begin(self, hold: Hold) -> Hold:
        self._holds.append(hold)
        self._hold = hold
        return hold

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._upstream_port))
                except OSError:
                    # The server is away: whoever asks shall hear that, now and again.
                    client.close()
                    continue
                passage = _Passage(client, server)
                for pump in (self._pass_requests, self._pass_answers):
                    threading.Thread(target=pump, args=(passage,), daemon=True).start()

    def _pass_requests(self, passage: _Passage) -> None:
        with suppress(OSError):
            while piece := passage.client.recv(_PIECE):
                hold = self._hold
                if hold is not None and passage.hold is None:
                    passage.is_after |= hold.after in piece
                    if passage.is_after and hold.marker in piece:
                        self._keep(passage, hold)
                passage.server.sendall(piece)
            if passage.hold is not None:
                # A server may break off what it does for clients that are gone.
                passage.is_answered.wait(PATIENCE_S)
        passage.close()

    def _pass_answers(self, passage: _Passage) -> None:
        with suppress(OSError):
            while piece := passage.server.recv(_PIECE):
                hold, passage.hold = passage.hold, None
                if hold is not None:
                    passage.is_answered.set()
                    with self._counting:
                        hold.done += 1
                    if not hold.keeps_requests:
                        hold.released.wait()
                passage.client.sendall(piece)
        passage.close()

    def _keep(self, passage: _Passage, hold: Hold) -> None:
        passage.is_answered.clear()
        passage.hold, passage.is_after = hold, False
        with self._counting:
            hold.held += 1
        if hold.keeps_requests:
            hold.released.wait()


@contextmanager
def running_slow_proxy(upstream_port: int) -> Iterator[SlowProxy]:
    """A proxy on a free port."""
    proxy = SlowProxy(upstream_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
