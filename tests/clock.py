"""A clock that tests move by hand."""

from datetime import UTC, datetime


class HandClock:
    """Stands still until told to move. ``set`` takes a UTC time of 2026-01-01 or a full ISO text."""

    def __init__(self, at: str = "00:00:00") -> None:
        self._now_s = 0.0
        self._monotonic_s = 0.0
        self.set(at)

    def now_s(self) -> float:
        return self._now_s

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def set(self, at: str) -> None:
        """Jump to a wall time, in either direction; the monotonic reading follows forward moves only."""
        text = at if "T" in at else f"2026-01-01T{at}"
        moment = datetime.fromisoformat(text)
        target_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        self._monotonic_s += max(0.0, target_s - self._now_s) if self._now_s else 0.0
        self._now_s = target_s

    def advance(self, seconds: float) -> None:
        """Let time pass on both readings."""
        self._now_s += seconds
        self._monotonic_s += seconds
