"""A backend whose reads and writes are timed."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    RefusesRows,
    SeriesRead,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
    Template,
    TopEntity,
    TopRead,
)
from oap.telemetry import catalogue
from oap.telemetry.meters import Histogram, Meter, Reading


class TimedStorage:
    """Implements ``oap.storage.contract.Storage`` by asking another one; calls that fail are timed as well.

    ``written`` counts the calls so far that changed rows of time series or may have done so.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._reads = Histogram(catalogue.STORAGE_READ_SECONDS)
        self._writes = Histogram(catalogue.STORAGE_WRITE_SECONDS)
        self.written = 0

    def meters(self) -> Iterator[Reading]:
        """Readings for the exposition."""
        yield self._reads.meter()
        yield self._writes.meter()
        if isinstance(self._storage, RefusesRows):
            for reason, rows in self._storage.refused_rows.items():
                yield Meter(catalogue.STORAGE_REFUSED_ROWS, rows, (reason,))

    def prepare(self, models: Sequence[MetricModel]) -> None:
        self._storage.prepare(models)

    def write(self, rows: HandOver) -> None:
        with self._timed(self._writes), self._counted():
            self._storage.write(rows)

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        with self._timed(self._reads):
            return self._storage.load_metrics(models, bucket)

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        with self._timed(self._reads):
            return self._storage.series(reads, first, last)

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        with self._timed(self._reads):
            return self._storage.labeled_series(reads, first, last)

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        with self._timed(self._reads):
            return self._storage.top_n(reads, first, last)

    def services(self) -> Sequence[ServiceTraffic]:
        with self._timed(self._reads):
            return self._storage.services()

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        with self._timed(self._reads):
            return self._storage.instances(service_id, first_minute, last_minute)

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        with self._timed(self._reads):
            return self._storage.instance(instance_id)

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        with self._timed(self._reads):
            return self._storage.endpoints(service_id, keyword, limit, range_)

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        with self._timed(self._reads):
            return self._storage.service_relations(first, last, service_ids)

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        with self._timed(self._reads):
            return self._storage.instance_relations(first, last, client_service_id, server_service_id)

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        with self._timed(self._reads):
            return self._storage.templates(include_disabled=include_disabled)

    def save_template(self, template: Template) -> None:
        with self._timed(self._writes):
            self._storage.save_template(template)

    def menu(self) -> str | None:
        with self._timed(self._reads):
            return self._storage.menu()

    def save_menu(self, configuration: str, update_time: int) -> None:
        with self._timed(self._writes):
            self._storage.save_menu(configuration, update_time)

    def delete_before(self, day: int) -> int:
        with self._timed(self._writes), self._counted():
            return self._storage.delete_before(day)

    def close(self) -> None:
        self._storage.close()

    @contextmanager
    def _timed(self, seconds: Histogram) -> Iterator[None]:
        started_s = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                seconds.observe(time.monotonic() - started_s)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        finally:
            # Only now: who reads while this runs may not find all of it.
            with self._lock:
                self.written += 1
