"""What one request reads from storage, each thing once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from oap.query.duration import Duration
from oap.storage.contract import MetricModel, SeriesRead, ServiceTraffic, Storage, TopEntity, TopRead

T = TypeVar("T")


class Reads:
    """Storage as seen by one request, which one thread executes: a page asks for one series in many expressions."""

    def __init__(self, storage: Storage, models: Mapping[str, MetricModel]) -> None:
        self.storage = storage
        self.models = models
        self._seen: dict[Hashable, Any] = {}

    def series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, int | float]:
        """Values of a regular metric by bucket; none at a precision without rows."""
        if not duration.has_rows:
            return {}
        first, last = _bounds(duration)
        key = ("series", model.name, entity_id, first, last)
        return self._once(key, lambda: self.storage.series([SeriesRead(model, entity_id)], first, last)[0])

    def labeled_series(self, model: MetricModel, entity_id: str, duration: Duration) -> Mapping[int, Mapping[str, int]]:
        """Values of a labelled metric by bucket, then by stored key text."""
        if not duration.has_rows:
            return {}
        first, last = _bounds(duration)
        key = ("labeled", model.name, entity_id, first, last)
        return self._once(key, lambda: self.storage.labeled_series([SeriesRead(model, entity_id)], first, last)[0])

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
        if not duration.has_rows:
            return ()
        first, last = _bounds(duration)
        read = TopRead(model, count, descending, service_id, attr0_equal, attr0_not_equal)
        return self._once(("top", read, first, last), lambda: self.storage.top_n([read], first, last)[0])

    def services(self) -> Sequence[ServiceTraffic]:
        """All services, one row per layer."""
        return self._once("services", self.storage.services)

    def _once(self, key: Hashable, read: Callable[[], T]) -> T:
        if key not in self._seen:
            self._seen[key] = read()
        seen: T = self._seen[key]
        return seen


def _bounds(duration: Duration) -> tuple[int, int]:
    buckets = duration.buckets()
    return buckets[0], buckets[-1]
