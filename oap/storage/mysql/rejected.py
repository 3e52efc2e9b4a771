"""Rows that no table can take, because an id is longer than its column."""

import threading
from collections import Counter

import structlog

_log = structlog.get_logger(__name__)


class Rejections:
    """What one attempt at a transaction leaves out, by metric or model; an attempt that fails is forgotten with it."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()

    def add(self, name: str, rows: int) -> None:
        """Note rows of a metric or model that are left out."""
        if rows:
            self.rows[name] += rows


class Rejected:
    """Counts what was left out of transactions that were stored, and tells the log about the first of each name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Counter[str] = Counter()

    def take(self, rejections: Rejections) -> None:
        """Count what a stored transaction left out."""
        with self._lock:
            new = [name for name in rejections.rows if name not in self._rows]
            self._rows.update(rejections.rows)
        for name in new:
            rows = rejections.rows[name]
            _log.warning("rows are left out, because a name in them is too long for its column", model=name, rows=rows)

    def counts(self) -> dict[str, int]:
        """How many rows were left out so far, by reason."""
        with self._lock:
            return {"too_long": self._rows.total()} if self._rows else {}
