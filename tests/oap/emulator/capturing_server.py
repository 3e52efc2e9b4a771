"""A gRPC server that keeps the bytes of every stream, in the order they arrive."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from oap.emulator.sender import COLLECT, KEEP_ALIVE, REPORT_PROCESSES


@dataclass
class Captured:
    """What arrived. ``streams`` are listed when they end; ``reports`` counts the two process calls."""

    address: str = ""
    streams: list[tuple[bytes, ...]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    reports: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def capturing(refusal: grpc.StatusCode | None = None) -> Iterator[Captured]:
    """Serve on a free port; with ``refusal`` every stream ends with that status."""
    captured = Captured()

    def collect(messages: Iterator[bytes], context: Any) -> bytes:
        if refusal is not None:
            context.abort(refusal, "not here")
        stream = tuple(messages)
        with captured.lock:
            captured.streams.append(stream)
            captured.tokens |= {value for key, value in context.invocation_metadata() if key == "authentication"}
        return b""

    def report(name: str) -> grpc.RpcMethodHandler:
        def handle(_: bytes, __: Any) -> bytes:
            captured.reports.append(name)
            return b""

        return grpc.unary_unary_rpc_method_handler(handle)

    handlers = {
        COLLECT: grpc.stream_unary_rpc_method_handler(collect),
        REPORT_PROCESSES: report("report"),
        KEEP_ALIVE: report("keepAlive"),
    }

    class Generic(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
            return handlers.get(details.method)

    server = grpc.server(ThreadPoolExecutor(8), handlers=[Generic()])
    captured.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield captured
    finally:
        server.stop(None).wait()
