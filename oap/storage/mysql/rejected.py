"""Rows that no table can take, because an id is longer than its column."""

import threading
from collections import Counter

import structlog

_log = structlog.get_logger(__name__)


class Rejected:
    """Counts such rows and tells the log about the first of each metric or model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Counter[str] = Counter()

    def add(self, name: str, rows: int) -> None:
        """Note rows of a metric or model that are left out."""
        if not rows:
            return
        with self._lock:
            is_first = name not in self._rows
            self._rows[name] += rows
        if is_first:
            _log.warning("rows are left out, because a name in them is too long for its column", model=name, rows=rows)

    def counts(self) -> dict[str, int]:
        """How many rows were left out so far, by reason."""
        with self._lock:
            return {"too_long": self._rows.total()} if self._rows else {}
