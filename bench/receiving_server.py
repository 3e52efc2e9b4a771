"""A server process of the benchmarks: ``python -m bench.receiving_server full``, ``dropping`` or ``viewed``.

Prints its port, then its counts as JSON for each line on standard input, and ends with that.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC
from pathlib import Path

import grpc

from bench.rig import NOW_S, new_pipeline
from bench.watched_services import fill
from oap.accounting import Outcome
from oap.clock import Clock, SystemClock
from oap.fold_loop import FoldLoop
from oap.http_server import HttpServer
from oap.pipeline import Pipeline
from oap.query.app import create_app
from oap.query.deps import QueryDeps
from oap.receiver.grpc_server import GrpcTransport, ReceiverSettings
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from oap.telemetry.health import HealthBoard
from oap.window.writer import RecordWriter, WriterThread

FULL, DROPPING, VIEWED = "full", "dropping", "viewed"
SERVICE, METHOD = "skywalking.v3.EBPFAccessLogService", "collect"
SETTINGS = ReceiverSettings(host="127.0.0.1", port=0)
_DRAIN_S = 60.0

Counts = Callable[[], Mapping[str, int]]
Viewed = Callable[[TimedStorage, Pipeline, Clock], int]


class CorpusClock(SystemClock):
    """Shows the corpus' time; durations are real."""

    def now_s(self) -> float:
        return NOW_S


@contextmanager
def full_server(viewed: Viewed | None = None) -> Iterator[tuple[int, Counts]]:
    """Transport, fold, and hand-overs to a duckdb file every 25 s, as a server runs them; query side only if ``viewed``."""
    pipeline, clock, board = new_pipeline(), CorpusClock(), HealthBoard()
    with tempfile.TemporaryDirectory() as folder:
        storage = TimedStorage(DuckdbStorage(StorageSettings(str(Path(folder) / "bench.duckdb"))))
        storage.prepare(list(pipeline.models.values()))
        writer = WriterThread(RecordWriter(storage), clock, board.component("storage"))
        transport = GrpcTransport(SETTINGS)
        loop = FoldLoop(pipeline, writer, clock, board.component("fold"), failed=lambda: None)
        writer.start()
        transport.start()
        loop.start(transport)
        query_port = viewed(storage, pipeline, clock) if viewed else 0

        def counts() -> Mapping[str, int]:
            accounts = pipeline.accounts
            return {
                "messages": accounts.messages,
                "folded": int(accounts.outcomes[Outcome.FOLDED]),
                "query_port": query_port,
            }

        yield transport.port, counts
        transport.stop(0.0)
        loop.drain(_DRAIN_S)
        writer.stop()
        storage.close()


@contextmanager
def viewed_server() -> Iterator[tuple[int, Counts]]:
    """The full server with its query side, and half an hour of rows of many services to look at."""
    with ExitStack() as stack:

        def serve(storage: TimedStorage, pipeline: Pipeline, clock: Clock) -> int:
            fill(storage, list(pipeline.models.values()))
            app = create_app(
                QueryDeps(
                    storage,
                    lambda: pipeline.models,
                    UTC,
                    clock,
                    HealthBoard().health,
                    dict,
                    "0.0.0-0000000",
                    written=lambda: storage.written,
                )
            )
            return stack.enter_context(HttpServer(app, SETTINGS.host, 0, name="http")).port

        # The query side ends before the storage does.
        with full_server(serve) as running, stack.pop_all():
            yield running


@contextmanager
def dropping_server() -> Iterator[tuple[int, Counts]]:
    """The same grpcio server with a handler that reads every payload and keeps none."""
    seen: list[int] = []

    def collect(messages: Iterator[bytes], _: grpc.ServicerContext) -> bytes:
        count = 0
        for _message in messages:
            count += 1
        seen.append(count)
        return b""

    limits = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", SETTINGS.max_message_size)]
    server = grpc.server(ThreadPoolExecutor(SETTINGS.stream_threads), options=limits)
    handler = grpc.method_handlers_generic_handler(SERVICE, {METHOD: grpc.stream_unary_rpc_method_handler(collect)})
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port, lambda: {"messages": sum(seen), "folded": 0}
    server.stop(0).wait()


def main() -> None:
    """Serve until standard input ends."""
    servers = {FULL: full_server, DROPPING: dropping_server, VIEWED: viewed_server}
    with servers[sys.argv[1]]() as (port, counts):
        print(port, flush=True)
        for _ in sys.stdin:
            print(json.dumps(counts()), flush=True)


if __name__ == "__main__":
    main()
