"""Rows that the store will never take, or not as they are."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import structlog

_log = structlog.get_logger(__name__)
_LONGEST_REASON = 500


class Refusals:
    """What one hand-over has of them, by the store's own word for the reason. One object serves all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.rows: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self.latest = 0

    def add(self, kind: str, reason: object) -> None:
        """Note a row."""
        with self._lock:
            self.rows[kind] += 1
            self.first.setdefault(kind, str(reason)[:_LONGEST_REASON])

    def overtaken(self, version: int) -> None:
        """Note a row of which this later version is stored."""
        with self._lock:
            self.latest = max(self.latest, version)


class Refused:
    """Counts them over all hand-overs that were stored, and tells the log about the first of each kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Counter[str] = Counter()

    def take(self, refusals: Refusals) -> None:
        """Count what a hand-over left out; one that failed is forgotten, as its rows come again."""
        with self._lock:
            new = [kind for kind in refusals.rows if kind not in self._rows]
            self._rows.update(refusals.rows)
        for kind in new:
            _log.warning(
                "the store refuses rows; they are counted by reason",
                kind=kind,
                rows=refusals.rows[kind],
                reason=refusals.first[kind],
            )

    def counts(self) -> Mapping[str, int]:
        """How many so far, by reason."""
        with self._lock:
            return dict(self._rows)


def kind_of(error: Mapping[str, Any]) -> str:
    """The store's word for a reason."""
    return str(error.get("type", "unknown"))
