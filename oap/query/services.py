"""Services as clients see them: rows of one service in several layers become one (spec query 1.3, 1.5)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Condition
from typing import Final

from cachetools import TTLCache, cached
from cachetools.keys import hashkey

from oal.nearest import suggestion
from oap.clock import Clock
from oap.entity import ids
from oap.entity.errors import EntityError
from oap.entity.layers import Layer, layer_name
from oap.query.errors import QueryError
from oap.storage.contract import ServiceTraffic, Storage

VALID_S: Final = 10.0

_GROUP_MARK = "::"


@dataclass(frozen=True, slots=True)
class Service:
    """A service with every layer it was seen in, by layer number."""

    id: str
    name: str
    group: str
    short_name: str
    layers: tuple[str, ...]
    normal: bool


class KnownServices:
    """All services of a store as they were at most ten seconds ago. One object serves all threads.

    ``written`` counts what this server stored; what it counts is seen at once. When the list is too old, the first thread
    that wants it reads it anew and the others wait for that.
    """

    def __init__(self, storage: Storage, clock: Clock, written: Callable[[], int] | None = None) -> None:
        cache: TTLCache[object, tuple[Service, ...]] = TTLCache(1, VALID_S, timer=clock.monotonic_s)
        self._all = cached(cache, key=written or hashkey, condition=Condition())(
            lambda: merge_services(storage.services())
        )

    def all(self) -> tuple[Service, ...]:
        """Services by name, layers merged. May block; raises what the store raises."""
        return self._all()


def merge_services(rows: Iterable[ServiceTraffic]) -> tuple[Service, ...]:
    """Services of traffic rows in order of first appearance."""
    layers: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        layers.setdefault((row.service_id, row.name), set()).add(row.layer)
    return tuple(_service(service_id, name, found) for (service_id, name), found in layers.items())


def in_layer(services: Iterable[Service], layer: str | None) -> tuple[Service, ...]:
    """Services of a layer; None or "" is every layer."""
    return tuple(service for service in services if not layer or layer in service.layers)


def is_normal_layer(layer: str | None) -> bool:
    """Whether services of a layer are normal; they are when nothing is said about it. Raises QueryError for no layer."""
    if not layer:
        return True
    known = Layer.__members__.get(layer)
    if known is None:
        hint = suggestion(layer, Layer.__members__) or "see listLayers"
        raise QueryError(f"there is no layer '{layer}', {hint}")
    return known.is_normal


def _service(service_id: str, name: str, layers: set[int]) -> Service:
    at = name.find(_GROUP_MARK)
    group, short = (name[:at], name[at + len(_GROUP_MARK) :]) if at > 0 else ("", name)
    return Service(service_id, name, group, short, tuple(layer_name(n) for n in sorted(layers)), _is_normal(service_id))


def _is_normal(service_id: str) -> bool:
    try:
        return ids.decode_service_id(service_id)[1]
    except EntityError:
        return False
