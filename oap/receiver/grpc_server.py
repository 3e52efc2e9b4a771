"""The default transport: grpcio, one thread for each open stream."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import grpc

from oap.receiver.access_log_service import access_log_handler
from oap.receiver.block import Block
from oap.receiver.collector import Collector, CollectorCounts
from oap.receiver.credentials import TlsFiles, server_credentials
from oap.receiver.error import ReceiverError
from oap.receiver.gate import Gate, never_exceeded
from oap.receiver.side_services import side_handlers


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """How to listen (spec receiver-protocol 4.5). Sizes in bytes; 0 or less means the default of grpcio.

    ``port`` 0 takes a free one. ``stream_threads`` is how many access-log streams are read at once; more wait unread.
    ``pending_limit`` bounds what was read and not yet taken. ``authentication`` empty lets everybody in.
    """

    host: str = "0.0.0.0"
    port: int = 11800
    max_concurrent_calls_per_connection: int = 0
    max_message_size: int = 52428800
    stream_threads: int = 256
    side_stream_threads: int = 64
    unary_threads: int = 16
    pending_limit: int = 64 << 20
    authentication: str = ""
    ssl_enabled: bool = False
    ssl_key_path: str = ""
    ssl_cert_chain_path: str = ""
    ssl_trusted_cas_path: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverCounts(CollectorCounts):
    """Those of the collector, the calls refused for the token or the overload, and the streams cut by the overload."""

    unauthenticated: int
    overload_refused: int
    overload_cut: int


class GrpcTransport:
    """A BlockSource that listens with grpcio. Start it once, stop it once.

    ``exceeded`` tells whether the process is overloaded (spec receiver-protocol 4.7); it is asked for each message.
    """

    def __init__(self, settings: ReceiverSettings, exceeded: Callable[[], bool] = never_exceeded) -> None:
        self._settings = settings
        self._gate = Gate(settings.authentication, exceeded)
        self._collector = Collector(settings.pending_limit)
        self._pools = tuple(
            ThreadPoolExecutor(threads, thread_name_prefix=name)
            for name, threads in (
                ("access-log", settings.stream_threads),
                ("side-stream", settings.side_stream_threads),
                ("unary", settings.unary_threads),
            )
        )
        self._server: grpc.Server | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port listened on, 0 before ``start``."""
        return self._port

    def start(self) -> None:
        """Listen. Raises ReceiverError when the address is taken or not ours, or when a TLS file cannot be read."""
        streams, side_streams, unary = self._pools
        server = grpc.server(unary, interceptors=(self._gate,), options=_options(self._settings))
        server.add_generic_rpc_handlers(
            (
                access_log_handler(self._collector, self._gate, streams),
                *side_handlers(self._gate.watched, side_streams),
            )
        )
        self._port = _listen(server, self._settings)
        server.start()
        self._server = server

    def stop(self, grace_s: float) -> None:
        """Accept nothing more, give open streams ``grace_s`` to end, then cut them. Blocks until no thread is left.

        Meanwhile blocks are taken and acknowledged as before. Afterwards ``take`` hands out what was read, and None
        from it means that nothing is left.
        """
        if self._server is not None:
            self._server.stop(grace_s).wait()
        for pool in self._pools:
            pool.shutdown(wait=True)
        self._collector.close()

    def take(self, timeout_s: float) -> Block | None:
        """Return the next block, see ``Collector.take``."""
        return self._collector.take(timeout_s)

    def acknowledge(self, block: Block) -> None:
        """Answer the streams that ended in the block."""
        self._collector.acknowledge(block)

    def counts(self) -> ReceiverCounts:
        """Return what happened so far. Any thread, any time."""
        gate = self._gate
        return ReceiverCounts(
            **asdict(self._collector.counts()),
            unauthenticated=gate.unauthenticated,
            overload_refused=gate.overload_refused,
            overload_cut=gate.overload_cut,
        )


def _options(settings: ReceiverSettings) -> list[tuple[str, int]]:
    # Without SO_REUSEPORT a second server on the port fails instead of stealing half of the connections.
    options = [("grpc.so_reuseport", 0)]
    if settings.max_message_size > 0:
        options.append(("grpc.max_receive_message_length", settings.max_message_size))
    if settings.max_concurrent_calls_per_connection > 0:
        options.append(("grpc.max_concurrent_streams", settings.max_concurrent_calls_per_connection))
    return options


def _listen(server: grpc.Server, settings: ReceiverSettings) -> int:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"{host}:{settings.port}"
    try:
        if not settings.ssl_enabled:
            return int(server.add_insecure_port(address))
        trusted = Path(settings.ssl_trusted_cas_path) if settings.ssl_trusted_cas_path else None
        files = TlsFiles(Path(settings.ssl_key_path), Path(settings.ssl_cert_chain_path), trusted)
        return int(server.add_secure_port(address, server_credentials(files)))
    except RuntimeError as error:
        raise ReceiverError(f"cannot listen on {address}: the port is taken, or the address is not ours") from error
