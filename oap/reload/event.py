"""What is known of the rules that run: every reload is an event, and the last refusal stands until the files are good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from oal.plan import Plan


class Outcome(StrEnum):
    """What became of a reload; one that waits for the change before it to be stored gets another outcome later."""

    WAITING = "waiting"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of metrics, in file order, and what else changed in words (``apdex thresholds``, ``endpoint grouping``)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.removed, self.changed, self.rewritten, self.others))


@dataclass(frozen=True, slots=True)
class ReloadEvent:
    """One reload: when (epoch seconds), who asked for it, what came of it and how long it took.

    ``starts`` is the minute bucket with which the new rules begin, None when none do. ``report`` is the text of all
    findings as ``oap oal check`` would print them, ``findings`` the same for programs (``oal.diagnostic.records``).
    """

    at_s: float
    cause: str
    outcome: Outcome
    seconds: float
    changes: Changes = field(default_factory=Changes)
    starts: int | None = None
    report: str = ""
    findings: Sequence[dict[str, str | int]] = ()


class RulesView(Protocol):
    """The rules that run, for whoever shows them. Any thread may ask; nothing blocks."""

    @property
    def plan(self) -> Plan:
        """The rules that run, or begin with the next minute."""

    @property
    def started(self) -> dict[str, int]:
        """Minute bucket with which a metric began, of those that a reload added or changed."""

    @property
    def events(self) -> Sequence[ReloadEvent]:
        """The latest reloads, newest first, bounded."""

    @property
    def refusal(self) -> ReloadEvent | None:
        """The refused reload that stands, None when the files are as the rules that run."""
