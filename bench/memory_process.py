"""A process of the memory benchmark, which holds nothing else: ``routes N``, ``endpoints N`` or ``hour FILE MINUTES``.

Prints what it found as one line of JSON.
"""

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from bench.handing_over import finish
from bench.inputs import joined, read_corpus
from bench.many_entities import endpoint_messages, route_messages
from bench.port_churn_hour import PortChurnHour
from bench.rig import fold, new_pipeline
from oap.pipeline import Pipeline

Messages = Callable[[int, int], Iterator[bytes]]
_LATER_S = 600

CONNECTION_LIMIT = 50_000
"""How many connections the hour's pipeline remembers: so few that it has to forget them every ten minutes."""


def entity_memory(messages: Messages, count: int) -> dict[str, int]:
    """Bytes that so many routes or endpoints take while a minute, its hour and its day are open.

    ``state``: the windows' arrays, together; ``allocated``: everything that Python and numpy allocated and keep;
    ``resident``: growth of the process.
    """
    _held(messages, 1)  # modules and compiled code are loaded by now
    before = _resident()
    pipeline = _held(messages, count)
    resident = _resident() - before
    found = {"windows": len(pipeline.book), "state": pipeline.book.nbytes, "resident": resident}
    found |= {"routes": len(pipeline.routes), "endpoints": len(pipeline.endpoints)}
    del pipeline
    tracemalloc.start()
    pipeline = _held(messages, count)
    gc.collect()
    found["allocated"], _ = tracemalloc.get_traced_memory()
    del pipeline
    tracemalloc.stop()
    return found


def _held(messages: Messages, count: int) -> Pipeline:
    """A pipeline in which an earlier minute is closed into its hour and day, and the same rows are in an open one."""
    pipeline = new_pipeline()
    for later_s in (0, _LATER_S):
        fold(pipeline, joined("", list(messages(count, later_s))))
        finish(pipeline.collect())
    return pipeline


def hour_memory(churn: PortChurnHour, minutes: int) -> dict[str, object]:
    """Resident bytes at the end of each minute of port churn, hand-overs included; nothing keeps what is handed over."""
    pipeline = new_pipeline(CONNECTION_LIMIT)
    resident = []
    for minute in range(minutes):
        now_s = churn.now_s(minute)
        for block in churn.minute(minute):
            pipeline.accept(block, now_s)
        finish(pipeline.collect())
        resident.append(_resident())
    accounts = pipeline.accounts
    return {
        "resident": resident,
        "messages": accounts.messages,
        "folded": int(accounts.outcomes[0]),
        "received": accounts.received,
        "connections_made": accounts.messages,
        "routes": len(pipeline.routes),
        "endpoints": len(pipeline.endpoints),
    }


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def main() -> None:
    """Measure what the arguments ask for."""
    kind, *arguments = sys.argv[1:]
    found: object
    if kind == "hour":
        found = hour_memory(PortChurnHour(read_corpus(Path(arguments[0]))), int(arguments[1]))
    else:
        messages = {"routes": route_messages, "endpoints": endpoint_messages}[kind]
        found = entity_memory(messages, int(arguments[0]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
