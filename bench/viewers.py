"""Viewers beside receiving: how many messages the server handles with fifty dashboards open, and with none.

The server, the sender and the viewers are processes of their own on the same cores.
"""

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.inputs import CACHE, Kind, corpus_file, load_corpus
from bench.interleaved import interleaved
from bench.receiving_server import VIEWED
from bench.results import Finding, Measure, Target, pairwise
from bench.rig import input_facts
from bench.viewing_client import REFRESH_S, VIEWERS
from bench.watched_services import MINUTES, SERVICES
from bench.workers import Server, Worker, WorkerError, worker

STREAMS = 8
RUN_S = 5 * REFRESH_S
TARGET = Target(0.9)
_WITHOUT, _WITH = "no viewers", f"{VIEWERS} dashboards open"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One run: messages a second, the server's processor time a message, and what the viewers got."""

    rate: float
    cpu_us: float
    seen: dict[str, Any]


def viewers(messages: int, repetitions: int, cache: Path = CACHE, run_s: float = RUN_S) -> Finding:
    """Measure with so many messages at once, again and again for ``run_s`` seconds, after a run to warm up.

    Runs with and without viewers take turns, so that whatever else the machine does meets both; each is longer than the
    25 seconds between two hand-overs.
    """
    corpus = load_corpus(messages, churn_ports=False, cache=cache)
    file = corpus_file(messages, churn_ports=False, cache=cache)
    with ExitStack() as stack:
        sender = stack.enter_context(worker("bench.load_client", str(file), str(STREAMS), Kind.PLAIN))
        server = Server(stack.enter_context(worker("bench.receiving_server", VIEWED)))
        viewing = stack.enter_context(worker("bench.viewing_client"))
        server.run(sender, messages)
        _watched(server, sender, viewing, messages, run_s)
        runs = {
            _WITHOUT: partial(_received, server, sender, messages, run_s),
            _WITH: partial(_watched, server, sender, viewing, messages, run_s),
        }
        taken = interleaved(runs, repetitions)
    facts: dict[str, float | str] = {
        **input_facts(corpus),
        "services": SERVICES,
        "minutes of rows": MINUTES,
        "refresh": f"{REFRESH_S:g} s",
        "streams at once": STREAMS,
    }
    without, watched = list(taken[_WITHOUT]), list(taken[_WITH])
    return Finding(
        "viewers",
        f"Receiving with {VIEWERS} dashboards open",
        facts,
        [*_measures(_WITHOUT, without), *_measures(_WITH, watched), *_answers(watched, run_s)],
        [pairwise("share of messages/s that is left", [r.rate for r in watched], [r.rate for r in without], TARGET)],
        ["the sender sends as fast as it is answered; server, sender and viewers share the cores"],
    )


def _received(server: Server, sender: Worker, messages: int, run_s: float) -> _Reading:
    started, count, wall_s, cpu_s = time.monotonic(), 0, 0.0, 0.0
    while time.monotonic() - started < run_s:
        wall, cpu = server.run(sender, messages)
        count, wall_s, cpu_s = count + messages, wall_s + wall, cpu_s + cpu
    return _Reading(count / wall_s, cpu_s / count * 1e6, {})


def _watched(server: Server, sender: Worker, viewing: Worker, messages: int, run_s: float) -> _Reading:
    viewing.answer(str(server.counts()["query_port"]))
    reading = _received(server, sender, messages, run_s)
    seen = viewing.answer()
    if not isinstance(seen, dict) or seen["failed"] or not seen["seconds"]:
        raise WorkerError(f"viewers were not answered: {seen}")
    return _Reading(reading.rate, reading.cpu_us, seen)


def _measures(name: str, readings: list[_Reading]) -> list[Measure]:
    return [
        Measure(f"{name}: received", "messages/s", tuple(one.rate for one in readings)),
        Measure(f"{name}: the server's processor time", "us/message", tuple(one.cpu_us for one in readings)),
    ]


def _answers(readings: list[_Reading], run_s: float) -> list[Measure]:
    return [
        Measure("answers", "requests/s", tuple(len(one.seen["seconds"]) / run_s for one in readings)),
        Measure("median answer", "ms", tuple(statistics.median(one.seen["seconds"]) * 1000 for one in readings)),
        Measure("slowest answer", "ms", tuple(max(one.seen["seconds"]) * 1000 for one in readings)),
        Measure("answered", "KiB/s", tuple(one.seen["bytes"] / 1024 / run_s for one in readings)),
    ]
