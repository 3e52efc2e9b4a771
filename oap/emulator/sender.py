"""Plays flushes to a gRPC address the way Rovers do (spec protocol 2.1 and 3.1).

One channel and one thread per node, one stream open per node at a time, 20 seconds per stream, no retry.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import grpc

from oap.clock import Clock
from oap.emulator.traffic import Flush
from oap.protocol import process_pb2

COLLECT = "/skywalking.v3.EBPFAccessLogService/collect"
REPORT_PROCESSES = "/skywalking.v3.EBPFProcessService/reportProcesses"
KEEP_ALIVE = "/skywalking.v3.EBPFProcessService/keepAlive"
STREAM_DEADLINE_S = 20.0
HEARTBEAT_S = 20.0
_UNARY_DEADLINE_S = 10.0
_WAITING_FLUSHES = 8
_POLL_S = 0.2
_REFUSALS = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNIMPLEMENTED)
_CHANNEL_OPTIONS = (
    # Every Rover has a TCP connection of its own; without this, grpcio shares one between equal channels.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.max_send_message_length", -1),
)


class TargetError(Exception):
    """The address, a certificate or a key cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: ``host:port``, the token, and TLS. A CA file or a client certificate switches TLS on as well."""

    address: str
    token: str = ""
    has_tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def channel(self) -> grpc.Channel:
        """Open a channel; connects in the background. Raises TargetError."""
        if not (self.has_tls or self.ca_file or self.certificate_file):
            return grpc.insecure_channel(self.address, options=_CHANNEL_OPTIONS)
        try:
            parts = [
                path.read_bytes() if path else None for path in (self.ca_file, self.key_file, self.certificate_file)
            ]
        except OSError as error:
            raise TargetError(f"{error.filename} cannot be read: {error.strerror}") from error
        return grpc.secure_channel(self.address, grpc.ssl_channel_credentials(*parts), options=_CHANNEL_OPTIONS)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Metadata of every call."""
        return (("authentication", self.token),) if self.token else ()


@dataclass(slots=True)
class Totals:
    """What was sent. ``failed`` streams got no OK; ``dropped`` flushes met a full queue while the server was away.

    ``errors`` counts failed streams by reason.
    """

    streams: int = 0
    messages: int = 0
    logs: int = 0
    sent_bytes: int = 0
    failed: int = 0
    dropped: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Totals") -> None:
        """Add another sender's totals."""
        for column in fields(self):
            if column.name != "errors":
                setattr(self, column.name, getattr(self, column.name) + getattr(other, column.name))
        for reason, count in other.errors.items():
            self.errors[reason] = self.errors.get(reason, 0) + count


class NodeSender:
    """One Rover: takes flushes in order and sends their streams one after the other on its own thread.

    ``keeps_going`` says what follows when the server is away: True waits, as Rover does, and drops what does not fit
    the queue; False stops at the first stream that fails for that reason, and ``is_lost`` is set.
    """

    def __init__(
        self,
        target: Target,
        processes: process_pb2.EBPFProcessReportList | None,
        clock: Clock,
        stop: threading.Event,
        *,
        keeps_going: bool,
    ) -> None:
        self.totals = Totals()
        self.is_lost = False
        self._target = target
        self._processes = processes
        self._clock = clock
        self._stop = stop
        self._keeps_going = keeps_going
        self._queue: queue.Queue[Flush | None] = queue.Queue(_WAITING_FLUSHES)
        self._channel = target.channel()
        self._is_up = not keeps_going
        self._channel.subscribe(self._changed, try_to_connect=True)
        self._collect = self._channel.stream_unary(COLLECT)
        self._next_heartbeat_s = clock.monotonic_s()
        self._is_accepted = False
        self._is_finishing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_connected(self) -> bool:
        """The server was there when last seen; a sender that keeps going waits for the first sight of it."""
        return self._is_up

    def offer(self, flush: Flush) -> None:
        """Hand over a flush; blocks while the queue is full, or drops it when the server is away and one goes on."""
        while not self._stop.is_set() and not self.is_lost:
            try:
                self._queue.put(flush, timeout=_POLL_S)
            except queue.Full:
                if self._keeps_going and not self.is_connected:
                    self.totals.dropped += 1
                    return
            else:
                return

    def finish(self) -> None:
        """Send what is queued, unless stopped, and close the channel; what waits for an absent server is dropped.

        May be called again.
        """
        self._is_finishing = True
        while self._thread.is_alive() and not self._stop.is_set():
            try:
                self._queue.put(None, timeout=_POLL_S)
                break
            except queue.Full:
                continue
        self._thread.join()
        self._channel.close()

    def _changed(self, state: grpc.ChannelConnectivity) -> None:
        if state is grpc.ChannelConnectivity.READY:
            self._is_up = True
        elif state in (grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
            self._is_up = False

    def _run(self) -> None:
        while not self._stop.is_set() and not self.is_lost:
            try:
                flush = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if flush is None:
                return
            if self._keeps_going and not self._is_there():
                self.totals.dropped += 1
                continue
            self._heartbeat()
            self._send(flush)

    def _is_there(self) -> bool:
        """Wait for the server; False when there is no time left to wait."""
        while not self.is_connected:
            if self._is_finishing or self._stop.wait(_POLL_S):
                return False
        return True

    def _send(self, flush: Flush) -> None:
        sent = 0
        for stream in flush.streams:
            if self._stop.is_set() or self.is_lost:
                return
            if self._send_stream(stream):
                sent += 1
                self.totals.streams += 1
                self.totals.messages += len(stream)
                self.totals.sent_bytes += sum(map(len, stream))
        # Logs are known per flush only, so those of a flush that lost a stream are not claimed as sent.
        self.totals.logs += flush.logs if sent == len(flush.streams) else 0

    def _send_stream(self, messages: tuple[bytes, ...]) -> bool:
        call = self._collect.future(iter(messages), timeout=STREAM_DEADLINE_S, metadata=self._target.metadata)
        code = self._status(call)
        if code is grpc.StatusCode.OK:
            return True
        if self._stop.is_set():
            return False
        self.totals.failed += 1
        reason = f"{code.name}: {call.details()}"
        self.totals.errors[reason] = self.totals.errors.get(reason, 0) + 1
        self.is_lost = not self._keeps_going and code in _REFUSALS
        return False

    def _status(self, call: Any) -> grpc.StatusCode:
        """Wait for the end of a call; cancels it when stopped."""
        while True:
            try:
                call.result(timeout=_POLL_S)
            except grpc.FutureTimeoutError:
                if self._stop.is_set():
                    call.cancel()
            except (grpc.FutureCancelledError, grpc.RpcError):
                return call.code()
            else:
                return grpc.StatusCode.OK

    def _heartbeat(self) -> None:
        """Report the processes of the node until they are accepted, then keep them alive, every 20 seconds."""
        if self._processes is None or self._clock.monotonic_s() < self._next_heartbeat_s:
            return
        self._next_heartbeat_s = self._clock.monotonic_s() + HEARTBEAT_S
        message = keep_alive_of(self._processes) if self._is_accepted else self._processes
        path = KEEP_ALIVE if self._is_accepted else REPORT_PROCESSES
        method = self._channel.unary_unary(path)
        call = method.future(message.SerializeToString(), timeout=_UNARY_DEADLINE_S, metadata=self._target.metadata)
        # As Rover: a side call that fails is tried again at the next round, access logs keep flowing.
        self._is_accepted = self._status(call) is grpc.StatusCode.OK


def keep_alive_of(processes: process_pb2.EBPFProcessReportList) -> process_pb2.EBPFProcessPingPkgList:
    """Return the keepAlive message for processes that were reported."""
    pings = process_pb2.EBPFProcessPingPkgList(ebpfAgentID=processes.ebpfAgentID)
    for process in processes.processes:
        pings.processes.add(entityMetadata=process.k8sProcess.entity)
    return pings


def play(
    flushes: Iterable[Flush],
    sender_of: Callable[[str], NodeSender],
    clock: Clock,
    stop: threading.Event,
    speed: float | None,
) -> Iterator[Flush]:
    """Hand every flush to its node's sender when it is due and yield it; ``speed`` None does not wait at all.

    Ends early when stopped or when a sender has lost the server.
    """
    started_s = clock.monotonic_s()
    for flush in flushes:
        if speed is not None:
            stop.wait(max(0.0, started_s + flush.due_ns / 1e9 / speed - clock.monotonic_s()))
        sender = sender_of(flush.node)
        if not stop.is_set():
            sender.offer(flush)
        if stop.is_set() or sender.is_lost:
            return
        yield flush
