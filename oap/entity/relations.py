"""Relation rows of the routes that a bucket has seen (spec entities 9)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from oap.entity import ids
from oap.entity.routes import CLIENT, INSTANCE_RELATION, SERVER, SERVICE_RELATION, Route, RouteTable
from oap.growing import GrowingArray
from oap.renumbering import Kept
from oap.storage.contract import InstanceRelationRow, ServiceRelationRow


class RelationTracker:
    """Says which relation rows of a bucket are new. Rows of routes that were named before are not repeated."""

    def __init__(self, routes: RouteTable) -> None:
        self._routes = routes
        self._named: dict[int, GrowingArray] = {}

    def new_rows(
        self, bucket: int, seen: npt.NDArray[np.bool_]
    ) -> tuple[Sequence[ServiceRelationRow], Sequence[InstanceRelationRow]]:
        """Rows for the routes seen in a bucket (bool[routes]) that this tracker has not named for it yet."""
        named = self._named.setdefault(bucket, GrowingArray(np.bool_))
        named.resize(len(seen))
        fresh = np.flatnonzero(seen & ~named.view[: len(seen)]).tolist()
        named.view[fresh] = True
        components: dict[tuple[int, bool], set[int]] = defaultdict(set)
        instances: dict[tuple[int, bool], Route] = {}
        for number in fresh:
            route = self._routes.routes[number]
            if route.role not in {CLIENT, SERVER}:
                continue
            is_server = route.role == SERVER
            service_relation = int(self._routes.entity_of[SERVICE_RELATION].view[number])
            if service_relation >= 0:
                components[service_relation, is_server].update(route.components)
            instance_relation = int(self._routes.entity_of[INSTANCE_RELATION].view[number])
            if instance_relation >= 0:
                instances[instance_relation, is_server] = route
        service_rows = [self._service_row(bucket, *key, used) for key, used in components.items()]
        instance_rows = [self._instance_row(bucket, *key, route) for key, route in instances.items()]
        return service_rows, instance_rows

    def forget(self, buckets: Iterable[int]) -> None:
        """Drop what was remembered of buckets whose windows closed; naming a row again is harmless."""
        for bucket in buckets:
            self._named.pop(bucket, None)

    def keep(self, routes: Kept) -> None:
        """Follow a renumbering of the routes; all that an open bucket has seen stay."""
        for named in self._named.values():
            named.keep(routes)

    def _service_row(self, bucket: int, relation: int, is_server: bool, used: set[int]) -> ServiceRelationRow:
        entity = self._routes.entities[SERVICE_RELATION].entities[relation]
        source, dest = entity.names
        return ServiceRelationRow(
            bucket, is_server, entity.entity_id, ids.service_id(source), ids.service_id(dest), tuple(sorted(used))
        )

    def _instance_row(self, bucket: int, relation: int, is_server: bool, route: Route) -> InstanceRelationRow:
        entity = self._routes.entities[INSTANCE_RELATION].entities[relation]
        source, dest = ids.service_id(route.source.service), ids.service_id(route.dest.service)
        return InstanceRelationRow(
            bucket,
            is_server,
            entity.entity_id,
            source,
            ids.instance_id(source, route.source.pod),
            dest,
            ids.instance_id(dest, route.dest.pod),
        )
