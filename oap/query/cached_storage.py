"""A store whose lists are remembered for a moment, since every page of every viewer asks for them again."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Condition, Lock
from typing import Final

from cachetools import TTLCache, cached
from cachetools.keys import hashkey

from oap.clock import Clock
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    SeriesRead,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
    Template,
    TopEntity,
    TopRead,
)

VALID_S: Final = 10.0
_MOST_LISTS: Final = 512


class CachedStorage:
    """Implements ``oap.storage.contract.Storage`` by asking another one. One object serves all threads.

    Lists of instances and endpoints are up to ten seconds old, each under its own arguments; what this server stored, as
    ``written`` counts it, is in them at once. So are templates that are saved here; what another server saves is seen
    within the ten seconds. Everything else is asked anew. Of several threads that want one list at once, one asks and the
    others wait for it. What fails is not remembered.
    """

    def __init__(self, storage: Storage, clock: Clock, written: Callable[[], int] | None = None) -> None:
        self._storage = storage

        def key(*arguments: object) -> Hashable:
            return hashkey(written() if written else 0, *arguments)

        def cache(most: int) -> TTLCache[object, object]:
            return TTLCache(most, VALID_S, timer=clock.monotonic_s)

        self._instances = cached(cache(_MOST_LISTS), key=key, condition=Condition())(storage.instances)
        self._endpoints = cached(cache(_MOST_LISTS), key=key, condition=Condition())(storage.endpoints)
        self._saved = 0
        self._saving = Lock()
        # A list whose reading began before something was saved is kept under the number it began with.
        self._templates = cached(
            cache(2),
            key=lambda *, include_disabled: hashkey(include_disabled, self._saved),
            condition=Condition(),
        )(storage.templates)

    def prepare(self, models: Sequence[MetricModel]) -> None:
        self._storage.prepare(models)

    def write(self, rows: HandOver) -> None:
        self._storage.write(rows)

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        return self._storage.load_metrics(models, bucket)

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        return self._storage.series(reads, first, last)

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        return self._storage.labeled_series(reads, first, last)

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        return self._storage.top_n(reads, first, last)

    def services(self) -> Sequence[ServiceTraffic]:
        return self._storage.services()

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        return self._instances(service_id, first_minute, last_minute)

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        return self._storage.instance(instance_id)

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        return self._endpoints(service_id, keyword, limit, range_)

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        return self._storage.service_relations(first, last, service_ids)

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        return self._storage.instance_relations(first, last, client_service_id, server_service_id)

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        return self._templates(include_disabled=include_disabled)

    def save_template(self, template: Template) -> None:
        try:
            self._storage.save_template(template)
        finally:
            # Nobody knows whether one that failed has arrived.
            with self._saving:
                self._saved += 1

    def menu(self) -> str | None:
        return self._storage.menu()

    def save_menu(self, configuration: str, update_time: int) -> None:
        self._storage.save_menu(configuration, update_time)

    def delete_before(self, day: int) -> int:
        return self._storage.delete_before(day)

    def close(self) -> None:
        self._storage.close()
