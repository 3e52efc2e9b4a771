"""Answers about metrics that can be given again: a page asks the same every few seconds, new rows come every 25."""

from dataclasses import dataclass
from threading import Lock
from typing import Final

from cachetools import TTLCache

from oap.query.deps import QueryDeps

VALID_S: Final = 30.0
_MOST_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class State:
    """What the answers of a moment rest on: how much had been stored, and the rules that ran."""

    written: int
    rules: object

    def is_that_of(self, other: "State") -> bool:
        """Whether nothing has changed since."""
        return self.written == other.written and self.rules is other.rules


@dataclass(frozen=True, slots=True)
class _Kept:
    state: State
    answer: bytes
    size: int


class KnownAnswers:
    """Whole answers by the bytes of their requests, for as long as nothing was stored and no rule changed.

    They are at most ``VALID_S`` old all the same, since another server may write to the same store. One object serves all
    threads; without ``deps.written`` nobody knows what was stored, and nothing is kept.
    """

    def __init__(self, deps: QueryDeps) -> None:
        self._deps = deps
        self._lock = Lock()
        self._kept: TTLCache[bytes, _Kept] = TTLCache(
            _MOST_BYTES, VALID_S, timer=deps.clock.monotonic_s, getsizeof=lambda kept: kept.size
        )

    def state(self) -> State | None:
        """The present state, to be taken before an answer is read; None where it is not known."""
        written = self._deps.written
        return None if written is None else State(written(), self._deps.rules.plan)

    def find(self, request: bytes) -> bytes | None:
        """The answer to a request, if it is known and still holds."""
        now = self.state()
        with self._lock:
            kept: _Kept | None = self._kept.get(request)
        return kept.answer if kept is not None and now is not None and kept.state.is_that_of(now) else None

    def keep(self, request: bytes, state: State | None, answer: bytes) -> None:
        """Remember an answer that was read when or after the state was as given."""
        size = len(request) + len(answer)
        if state is not None and size <= _MOST_BYTES:
            with self._lock:
                self._kept[request] = _Kept(state, answer, size)
