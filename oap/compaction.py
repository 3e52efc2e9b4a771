"""Gives up routes, endpoints and entities that no open window has rows for (design 4, 5).

Pods come and go, and each brings routes. What a closed day last saw is not needed any more: rows that come later find a
new number, and what the store holds of their entity is merged as for any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from oap.entity.connections import ConnectionCache
from oap.entity.endpoints import EndpointCache
from oap.entity.relations import RelationTracker
from oap.entity.routes import ENDPOINT, INSTANCE, SERVICE, RouteTable
from oap.renumbering import Kept
from oap.timebucket import Precision, bucket_of, precision_of
from oap.window.generations import Generations
from oap.window.placement import Placer

ROUTE_GRAIN, ENDPOINT_GRAIN = "route", "endpoint"
FEW_CELLS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Numbered:
    """Everything that holds numbers of routes, endpoints or entities."""

    routes: RouteTable
    endpoints: EndpointCache
    connections: ConnectionCache
    placer: Placer
    relations: RelationTracker
    windows: Generations

    def __len__(self) -> int:
        return len(self.routes) + len(self.endpoints)


class Compactor:
    """Decides when to give numbers up, and does it, in all places at once.

    It pays when a day is over, or when there are twice as many numbers as the last time, and more than ``few``.
    """

    def __init__(self, numbered: Numbered, few: int = FEW_CELLS) -> None:
        self._numbered = numbered
        self._few = few
        self._limit = few

    def is_due(self, closed: Iterable[int], settled_minute: int) -> bool:
        """Whether it may pay, ``closed`` being the buckets that a hand-over has closed.

        A day that closed because rules changed goes on, and so do its routes.
        """
        today = bucket_of(settled_minute, Precision.DAY)
        is_over = any(precision_of(bucket) is Precision.DAY and bucket < today for bucket in closed)
        return is_over or len(self._numbered) > self._limit

    def compact(self) -> None:
        """Keep what open windows, open streams and traffic that was not handed over yet need. Rows do not change.

        Connections are resolved again when they are built the next time.
        """
        numbered = self._numbered
        routes, endpoints = self._routes_in_use(), self._endpoints_in_use()
        entities = dict(numbered.routes.keep(routes))
        entities[ENDPOINT] = endpoints
        numbered.endpoints.keep(endpoints)
        numbered.connections.keep_routes(routes)
        numbered.placer.keep(entities[SERVICE], entities[INSTANCE])
        numbered.relations.keep(routes)
        numbered.windows.keep({ROUTE_GRAIN: routes, ENDPOINT_GRAIN: endpoints}, entities)
        self._limit = max(self._few, 2 * len(numbered))

    def _routes_in_use(self) -> Kept:
        numbered = self._numbered
        used = numbered.windows.seen(ROUTE_GRAIN, len(numbered.routes))
        used[numbered.connections.routes_in_use()] = True
        placer = numbered.placer
        for scope, dirty in ((SERVICE, placer.service_dirty.view), (INSTANCE, placer.instance_dirty.view)):
            used |= _marked(dirty, numbered.routes.entity_of[scope].view)
        return np.flatnonzero(used)

    def _endpoints_in_use(self) -> Kept:
        endpoints = self._numbered.endpoints
        return np.flatnonzero(self._numbered.windows.seen(ENDPOINT_GRAIN, len(endpoints)) | endpoints.is_dirty.view)


def _marked(marks: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether the entity of each number (-1: none) is marked; entities past the end are not."""
    known = (numbers >= 0) & (numbers < len(marks))
    result = np.zeros(len(numbers), dtype=np.bool_)
    result[known] = marks[numbers[known]]
    return result
