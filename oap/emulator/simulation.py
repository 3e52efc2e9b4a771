"""The simulated cluster: what every Rover sees of the calls, as logs that become ready for a flush."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from oap.emulator.calls import Drawn, Lane
from oap.emulator.cluster import Cluster
from oap.emulator.connection import Connection, Side
from oap.emulator.logs import LogWriter, host_field, http_log, http_request, trace_field
from oap.emulator.paths import Paths
from oap.emulator.scenario import Protocol

_CHUNK_BYTES = 16 << 10
"""What one read or write moves at most; larger bodies take several, up to _MOST_OPERATIONS."""

_MOST_OPERATIONS = 4
_OLD_CONNECTION_GAP_NS = 700_000
_CONNECT_NS = 300_000
_RETRY_NS = 1_500_000


class Entry(NamedTuple):
    """One or more logs as Rover queues them: ready at ``ready_ns``, sent ``late`` flush periods after the due one.

    ``has_data`` is false for connect, accept and close. ``is_exchange`` marks a protocol log together with its kernel
    logs, which makes a message of its own. ``logs`` counts the logs in ``body``.
    """

    ready_ns: int
    late: int
    side: Side
    has_data: bool
    is_exchange: bool
    logs: int
    body: bytes


Emit = Callable[[Entry], None]


class Exchanges:
    """All connections of one call of the scenario, from period to period."""

    def __init__(self, lane: Lane, logs: LogWriter, uptimes_ns: list[int], nodes: Collection[int]) -> None:
        self._lane = lane
        self._logs = logs
        self._uptimes_ns = uptimes_ns
        self._nodes = frozenset(nodes)
        self._paths = Paths(lane.call.requests)
        self._host = host_field(lane.server.host)
        self._open: dict[tuple[int, int, int], Connection] = {}

    def run(self, seed: int, period: int, period_ns: int, emit: Emit) -> None:
        """Emit what the nodes see of the calls of one period; periods must come in order."""
        for drawn in self._lane.draw(seed, period, period_ns):
            connection = self._connection(drawn, emit)
            for side, is_server in ((connection.client, False), (connection.server, True)):
                if side is not None and side.node in self._nodes:
                    emit(self._exchange(side, is_server, drawn))

    def _connection(self, drawn: Drawn, emit: Emit) -> Connection:
        key = drawn.client, drawn.server, drawn.slot
        current = self._open.get(key)
        if current is not None and not drawn.opens:
            return current
        connection = self._open[key] = self._new(drawn, drawn.client_port)
        if drawn.opens:
            self._hand_over(current, connection, drawn, emit)
        # Otherwise the connection is older than the monitoring: Rover saw no connect.
        return connection

    def _new(self, drawn: Drawn, client_port: int) -> Connection:
        lane = self._lane
        client, server = lane.client.endpoints[drawn.client], lane.server.endpoints[drawn.server]
        return Connection(
            client,
            server,
            lane.server,
            client_port=client_port,
            ztunnel=lane.call.ztunnel,
            is_by_cluster_ip=drawn.by_cluster_ip,
        )

    def _hand_over(self, old: Connection | None, new: Connection, drawn: Drawn, emit: Emit) -> None:
        """Log the close of the old connection, an attempt that fails, and the start of the new one."""
        start_ns, logs = drawn.start_ns - _CONNECT_NS, self._logs
        took = 2_000 + 100 * drawn.picks[0]
        if old is not None:
            for side in (old.client, old.server):
                self._emit_plain(side, start_ns - _OLD_CONNECTION_GAP_NS, took, logs.close, emit)
        if drawn.fails:
            refused = self._new(drawn, drawn.client_port ^ 1).client
            self._emit_plain(refused, start_ns - _RETRY_NS, 20 * took, lambda a, b: logs.connect(a, b, False), emit)
            self._emit_plain(refused, start_ns - _RETRY_NS + 40 * took, took, logs.close, emit)
        self._emit_plain(new.client, start_ns, 10 * took, lambda a, b: logs.connect(a, b, True), emit)
        self._emit_plain(new.server, start_ns + drawn.delay_ns, took, logs.accept, emit)

    def _emit_plain(
        self, side: Side | None, start_ns: int, took_ns: int, encode: Callable[[int, int], bytes], emit: Emit
    ) -> None:
        if side is None or side.node not in self._nodes:
            return
        boot = self._uptimes_ns[side.node]
        body = encode(boot + start_ns, boot + start_ns + took_ns)
        emit(Entry(start_ns + took_ns, 0, side, False, False, 1, body))

    def _exchange(self, side: Side, is_server: bool, drawn: Drawn) -> Entry:
        """One request and its answer as one side sees it; both clocks run from the node's own boot."""
        boot = self._uptimes_ns[side.node]
        delay_ns = drawn.delay_ns if is_server else 0
        start_ns, end_ns = boot + drawn.start_ns + delay_ns, boot + drawn.start_ns + drawn.latency_ns - delay_ns
        moved_ns = (end_ns - start_ns) // 4
        picks = drawn.picks[6:] if is_server else drawn.picks
        first, second = (self._logs.read, self._logs.write) if is_server else (self._logs.write, self._logs.read)
        request = _operations(first, start_ns, start_ns + min(moved_ns, 80_000), drawn.request_bytes, picks)
        # A client waits inside its read for the answer; a server's write is short.
        answer_ns = end_ns - min(moved_ns, 90_000) if is_server else start_ns + min(moved_ns, 80_000)
        answer = _operations(second, answer_ns, end_ns, drawn.response_bytes, picks[3:])
        kernel = request + answer
        late = drawn.late_server if is_server else drawn.late_client
        ready_ns = end_ns - boot
        if self._lane.server.protocol is Protocol.TCP:
            return Entry(ready_ns, late, side, True, False, len(kernel), b"".join(kernel))
        kernel.append(self._http(drawn, start_ns, end_ns))
        return Entry(ready_ns, late, side, True, True, len(kernel), b"".join(kernel))

    def _http(self, drawn: Drawn, start_ns: int, end_ns: int) -> bytes:
        call, picks = self._lane.call, drawn.picks
        trace = b""
        if drawn.trace_kind < call.trace_share + call.zipkin_share:
            trace = trace_field(drawn.trace, drawn.trace_kind >= call.trace_share, picks[1] % 8)
        method, path = self._paths.pick(drawn.path)
        request = http_request(method, path, 200 + 8 * picks[2], drawn.request_bytes, trace + self._host)
        return http_log(
            start_ns,
            end_ns,
            self._lane.server.protocol,
            request,
            status=drawn.status,
            header_bytes=100 + 4 * picks[3],
            body_bytes=drawn.response_bytes,
        )


def _operations(
    encode: Callable[[int, int, int, int], bytes], start_ns: int, end_ns: int, size: int, picks: tuple[int, ...]
) -> list[bytes]:
    """One to four reads or writes that share the bytes and the time."""
    count = min(1 + size // _CHUNK_BYTES, _MOST_OPERATIONS)
    if count == 1:
        return [encode(start_ns, end_ns, size, picks[0])]
    step_ns, share = (end_ns - start_ns) // count, size // count
    return [
        encode(start_ns + part * step_ns, start_ns + (part + 1) * step_ns, share, picks[part % len(picks)])
        for part in range(count)
    ]


def lanes_of(cluster: Cluster) -> list[Lane]:
    """Return the calls of a scenario with their peers."""
    calls = enumerate(cluster.scenario.calls)
    return [Lane(number, call, cluster.peers[call.client], cluster.peers[call.server]) for number, call in calls]
