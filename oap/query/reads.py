"""What one request reads from storage: each thing once, and all that is known beforehand together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from oap.query.duration import Duration
from oap.storage.contract import MetricModel, SeriesRead, Storage, StorageError, TopEntity, TopRead


class _Kind(Enum):
    SERIES = auto()
    LABELED = auto()
    TOP = auto()


@dataclass(frozen=True, slots=True)
class _Failed:
    error: StorageError


_Call = tuple[_Kind, int, int]


class Reads:
    """Storage as seen by one request, which one thread executes.

    A read blocks until the store has answered it, unless the request knows the answer already. Inside ``together`` reads
    are only noted, and find nothing; when that block ends they are made, with one call of the store for each kind of read
    and each range. What the store raised then is raised by each of these reads later, when its answer is asked for.
    """

    def __init__(self, storage: Storage, models: Mapping[str, MetricModel]) -> None:
        self.storage = storage
        self.models = models
        self._ask: Mapping[_Kind, Callable[[Sequence[Any], int, int], Sequence[Any]]] = {
            _Kind.SERIES: storage.series,
            _Kind.LABELED: storage.labeled_series,
            _Kind.TOP: storage.top_n,
        }
        self._known: dict[_Call, dict[SeriesRead | TopRead, Any]] = {}
        self._noted: dict[_Call, dict[SeriesRead | TopRead, None]] | None = None
        self._has_failed = False

    @property
    def are_whole(self) -> bool:
        """Whether the store has answered everything so far."""
        return not self._has_failed

    def series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, int | float]:
        """Values of a regular metric by bucket; none at a precision without rows."""
        found: Mapping[int, int | float] = self._answer(_Kind.SERIES, SeriesRead(model, entity_id), duration) or {}
        return found

    def labeled_series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, Mapping[str, int]]:
        """Values of a labelled metric by bucket, then by stored key text; none at a precision without rows."""
        found: Mapping[int, Mapping[str, int]] = (
            self._answer(_Kind.LABELED, SeriesRead(model, entity_id), duration) or {}
        )
        return found

    def top_n(
        self,
        model: MetricModel,
        duration: Duration,
        count: int,
        *,
        descending: bool,
        service_id: str | None,
        attr0_equal: tuple[str, ...] = (),
        attr0_not_equal: tuple[str, ...] = (),
    ) -> Sequence[TopEntity]:
        """First entities by mean value; none at a precision without rows."""
        read = TopRead(model, count, descending, service_id, attr0_equal, attr0_not_equal)
        found: Sequence[TopEntity] = self._answer(_Kind.TOP, read, duration) or ()
        return found

    @contextmanager
    def together(self) -> Iterator[None]:
        """Note the reads of the block and make them all when it ends well. Never raises what the store raises."""
        self._noted = {}
        try:
            yield
        finally:
            noted, self._noted = self._noted, None
        for call, reads in noted.items():
            self._make(call, list(reads))

    def _answer(self, kind: _Kind, read: SeriesRead | TopRead, duration: Duration) -> Any:
        if not duration.has_rows:
            return None
        buckets = duration.buckets()
        call = kind, buckets[0], buckets[-1]
        known = self._known.setdefault(call, {})
        if read not in known:
            if self._noted is not None:
                self._noted.setdefault(call, {})[read] = None
                return None
            self._make(call, [read])
        found = known[read]
        if isinstance(found, _Failed):
            raise found.error
        return found

    def _make(self, call: _Call, reads: Sequence[SeriesRead | TopRead]) -> None:
        kind, first, last = call
        try:
            answers = self._ask[kind](reads, first, last)
        except StorageError as error:
            self._has_failed = True
            answers = [_Failed(error)] * len(reads)
        self._known[call].update(zip(reads, answers, strict=True))
