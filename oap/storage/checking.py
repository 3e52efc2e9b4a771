"""What ``oap storage check`` finds, whatever the backend: one line for each thing that the server needs."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

SUBJECTS: Final = ("connection", "version", "privileges", "schema", "clock", "free space")
"""What is looked at, in this order."""

CLOCK_TOLERANCE_S: Final = 5.0
LEAST_FREE_BYTES: Final = 1 << 30

_GIB: Final = 1 << 30


class Verdict(StrEnum):
    """How it stands. UNKNOWN: could not be looked at, because of what stands before."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ``advice`` says what to do about a problem, "" otherwise."""

    subject: str
    verdict: Verdict
    text: str
    advice: str = ""


def ok(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(subject, Verdict.OK, text)


def problem(subject: str, text: str, advice: str) -> Finding:
    """Something is to be done."""
    return Finding(subject, Verdict.PROBLEM, text, advice)


def unknown(subject: str, text: str) -> Finding:
    """It cannot be told."""
    return Finding(subject, Verdict.UNKNOWN, text)


def not_reached(subjects: Sequence[str] = SUBJECTS[1:]) -> Iterator[Finding]:
    """What remains unknown without a connection."""
    return (unknown(subject, "not looked at, there is no connection") for subject in subjects)


def clock_finding(store_s: float, before_s: float, after_s: float) -> Finding:
    """The clock of a store that was read between two moments of ours, all in seconds since 1970."""
    ahead_s = max(store_s - after_s, 0.0) - max(before_s - store_s, 0.0)
    if abs(ahead_s) <= CLOCK_TOLERANCE_S:
        return ok("clock", "agrees with this machine's")
    way = "ahead of" if ahead_s > 0 else "behind"
    return problem(
        "clock",
        f"the store is {abs(ahead_s):.0f} s {way} this machine",
        "have both follow the same time service, as chrony or systemd-timesyncd",
    )


def disk_finding(folder: Path, what: str) -> Finding:
    """Free space of a folder on this machine."""
    usage = shutil.disk_usage(folder)
    text = f"{gib(usage.free)} of {gib(usage.total)} free {what}"
    if usage.free < LEAST_FREE_BYTES:
        return problem("free space", text, "make room, or lower core.default.metricsDataTTL (SW_CORE_METRICS_DATA_TTL)")
    return ok("free space", text)


def gib(size: float) -> str:
    """A size in bytes, for people."""
    return f"{size / _GIB:.1f} GiB"


def shortened(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
