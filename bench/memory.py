"""Memory: what routes and endpoints take, and whether an hour of port churn leaves anything behind."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.inputs import CACHE, corpus_file, load_corpus
from bench.memory_process import CONNECTION_LIMIT
from bench.results import Finding, Measure, Ratio, Target

ENTITIES = 10_000
MINUTES = 60
MESSAGES_PER_MINUTE = 13_000
SPAN = 10
FLAT = Target(1.1, at_most=True)
_ROOT = Path(__file__).parents[1]
_MB = 1_000_000


def entity_memory(kind: str, count: int = ENTITIES) -> Finding:
    """Bytes of so many ``routes`` or ``endpoints``, for 1,000 of them."""
    found = _run(kind, str(count))
    thousands = count / 1_000

    def per_thousand(name: str, size: float) -> Measure:
        return Measure(name, "kB/1,000", (size / thousands / 1_000,))

    return Finding(
        f"memory of {kind}",
        f"Memory of {count:,} {kind}",
        {"routes": found["routes"], "endpoints": found["endpoints"], "open windows": found["windows"]},
        measures=[
            per_thousand("state in one window", found["state"] / found["windows"]),
            per_thousand("state in all open windows", found["state"]),
            per_thousand("everything: state, names, ids, what was handed over", found["allocated"]),
            per_thousand("growth of the process", found["resident"]),
        ],
        notes=["open are a minute, its hour and its day; every row has been handed over once"],
    )


def hour_memory(minutes: int = MINUTES, messages_per_minute: int = MESSAGES_PER_MINUTE, cache: Path = CACHE) -> Finding:
    """Resident memory over an hour of port churn, as the highest reading of every ten minutes."""
    messages = 2 * messages_per_minute
    load_corpus(messages, churn_ports=True, cache=cache)
    found = _run("hour", str(corpus_file(messages, churn_ports=True, cache=cache)), str(minutes))
    if found["folded"] != found["received"]:
        raise AssertionError("not every log was folded")
    peaks = [max(found["resident"][first : first + SPAN]) for first in range(0, minutes, SPAN)]
    warm = min(1, len(peaks) - 1)
    return Finding(
        "memory of an hour",
        f"Memory over {minutes} minutes of port churn",
        {
            "messages": found["messages"],
            "logs": found["received"],
            "connections": found["connections_made"],
            "connections remembered at most": CONNECTION_LIMIT,
            "routes": found["routes"],
            "endpoints": found["endpoints"],
            "hand-overs": minutes,
        },
        [
            Measure(f"highest in minutes {SPAN * at + 1} to {SPAN * at + SPAN}", "MB", (peak / _MB,))
            for at, peak in enumerate(peaks)
        ],
        [Ratio(f"last {SPAN} minutes, of the {SPAN} minutes after warm-up", (peaks[-1] / peaks[warm],), FLAT)],
        [
            f"warm-up: the first {SPAN} minutes, in which caches fill for the first time",
            "what is handed over is finished and then thrown away, so that no store is measured",
        ],
    )


def _run(*arguments: str) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "bench.memory_process", *arguments]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True, encoding="utf-8")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
