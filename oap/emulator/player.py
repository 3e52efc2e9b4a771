"""Plays flushes with a progress display, to a server, a file or both, and sums up what happened."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from oap.clock import Clock
from oap.emulator.recording import Recorder
from oap.emulator.sender import NodeSender, Target, Totals, play
from oap.emulator.traffic import Flush
from oap.protocol import process_pb2

_MOST_REASONS: Final = 5

Processes = Callable[[str], process_pb2.EBPFProcessReportList | None]


@dataclass(frozen=True, slots=True)
class Sending:
    """How to send: ``speed`` None does not wait between flushes; ``keeps_going`` waits for a server that is away.

    ``one_connection`` sends the streams of all nodes one after the other through one channel.
    """

    target: Target
    speed: float | None
    keeps_going: bool
    one_connection: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent, and whether it ended because the server was lost."""

    totals: Totals
    is_lost: bool

    @property
    def is_complete(self) -> bool:
        """Every stream was answered with OK."""
        return not (self.is_lost or self.totals.failed or self.totals.dropped)


class Progression:
    """One line that shows how far it is; ``expected`` is the number of flushes, None when there is no end."""

    def __init__(self, console: Console, title: str, expected: int | None) -> None:
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID = self.progress.add_task(title, total=expected, counts="")
        self._messages = self._logs = 0

    def advance(self, flush: Flush, note: str) -> None:
        """Count a flush and show a note behind the counts."""
        self._messages += sum(map(len, flush.streams))
        self._logs += flush.logs
        logs = f", {self._logs:,} logs" if self._logs else ""
        self.progress.update(self._task, advance=1, counts=f"{self._messages:,} messages{logs}{note}")


def send(
    flushes: Iterable[Flush], sending: Sending, processes: Processes, clock: Clock, progression: Progression
) -> Outcome:
    """Send flushes until they end, the server is lost, or Ctrl-C or SIGTERM; always closes its connections.

    Raises TargetError before anything is sent.
    """
    stop = threading.Event()
    senders: dict[str, NodeSender] = {}

    def sender_of(node: str) -> NodeSender:
        key = "" if sending.one_connection else node
        if key not in senders:
            report = processes(node)
            senders[key] = NodeSender(sending.target, report, clock, stop, keeps_going=sending.keeps_going)
        return senders[key]

    with stopping(stop), progression.progress:
        for flush in play(flushes, sender_of, clock, stop, sending.speed):
            progression.advance(flush, _note(senders[""] if sending.one_connection else senders[flush.node]))
        for sender in senders.values():
            sender.finish()
    # Once more for those that Ctrl-C interrupted.
    for sender in senders.values():
        sender.finish()
    totals = Totals()
    for sender in senders.values():
        totals.add(sender.totals)
    return Outcome(totals, any(sender.is_lost for sender in senders.values()))


def recorded(flushes: Iterable[Flush], recorder: Recorder) -> Iterator[Flush]:
    """Write every flush to a recording at its due time while passing it on."""
    for flush in flushes:
        for messages in flush.streams:
            stream = recorder.begin(flush.due_ns, flush.node)
            for message in messages:
                recorder.message(flush.due_ns, stream, message)
            recorder.end(flush.due_ns, stream)
        yield flush


def write(flushes: Iterable[Flush], progression: Progression) -> Totals:
    """Run through flushes that are only recorded, until they end or Ctrl-C."""
    totals = Totals()
    with stopping(threading.Event()), progression.progress:
        for flush in flushes:
            totals.add(Totals(len(flush.streams), sum(map(len, flush.streams)), flush.logs, _size(flush)))
            progression.advance(flush, "")
    return totals


def summary(totals: Totals) -> str:
    """Return what was sent in one line, and below it why streams failed."""
    logs = f", {totals.logs:,} logs" if totals.logs else ""
    size = f"{totals.sent_bytes / 1e6:,.1f} MB"
    lines = [f"{totals.streams:,} streams, {totals.messages:,} messages{logs}, {size}"]
    if totals.failed or totals.dropped:
        lines[0] += f"; {totals.failed:,} streams failed, {totals.dropped:,} flushes dropped"
    reasons = sorted(totals.errors.items(), key=lambda item: -item[1])[:_MOST_REASONS]
    return "\n".join([*lines, *(f"  {count:,} x {reason}" for reason, count in reasons)])


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """End the block quietly at Ctrl-C or SIGTERM and set ``stop``.

    Both arrive as KeyboardInterrupt: setting an event inside a signal handler could meet its own lock.
    """
    in_main = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler) if in_main else None
    try:
        with suppress(KeyboardInterrupt):
            yield
            return
        stop.set()
    finally:
        if in_main:
            signal.signal(signal.SIGTERM, previous)


def _size(flush: Flush) -> int:
    return sum(len(message) for messages in flush.streams for message in messages)


def _note(sender: NodeSender) -> str:
    if not sender.is_connected:
        return ", waiting for the server"
    failed = sender.totals.failed
    return f", {failed:,} streams failed" if failed else ""
