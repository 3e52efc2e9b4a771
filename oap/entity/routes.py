"""Routes: what a connection's logs fold into, and the entities that routes add up to (spec entities 3-6, design 4)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from oap.entity import ids
from oap.entity.names import NameLimits, truncate
from oap.growing import GrowingArray
from oap.renumbering import Kept, kept_entries, kept_keys, renumbered

CLIENT, SERVER, PROXY = 0, 1, 2  # role numbers of the wire
DETECT_POINTS = {CLIENT: "CLIENT", SERVER: "SERVER", PROXY: "PROXY"}
TLS_MODES = ("Plain", "TLS")

SERVICE = "K8SService"
INSTANCE = "K8SServiceInstance"
SERVICE_RELATION = "K8SServiceRelation"
INSTANCE_RELATION = "K8SServiceInstanceRelation"
ENDPOINT = "K8SEndpoint"

ABSENT = -1


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a connection by name. Where nothing is known both names are ``Unknown``; ``pod`` may be empty."""

    service: str
    pod: str
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Identity that all logs of like connections share; names are cut to their limits."""

    local: Side
    source: Side
    dest: Side
    role: int
    components: tuple[int, ...]
    tls_mode: int


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of one scope: its id, the id of the service it belongs to ("" for relations) and its names."""

    entity_id: str
    service_id: str
    names: tuple[str, ...]


class EntityTable:
    """Dense numbers for the entities of one scope."""

    def __init__(self) -> None:
        self.entities: list[Entity] = []
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self.entities)

    def find(self, key: Hashable) -> int | None:
        """Number of an entity, None if it is new."""
        return self._numbers.get(key)

    def add(self, key: Hashable, entity: Entity) -> int:
        """Number a new entity."""
        number = self._numbers[key] = len(self.entities)
        self.entities.append(entity)
        return number

    def keep(self, numbers: Kept) -> None:
        """Keep only these entities, under new numbers."""
        self.entities = kept_entries(self.entities, numbers)
        self._numbers = kept_keys(self._numbers, numbers)


class RouteTable:
    """Dense numbers for routes, and for each route the entity it adds up to in every scope.

    ``entity_of[scope]`` int32[routes] entity number or -1; ``local_service`` int32[routes] numbers ``local_services``,
    which unlike the entities also holds ``Unknown``; ``is_client`` bool[routes]. ``self_related`` lists the routes that
    have no service relation because both names are equal once they are cut (spec entities 6.1).
    """

    def __init__(self, limits: NameLimits) -> None:
        self._limits = limits
        self._numbers: dict[Route, int] = {}
        self.routes: list[Route] = []
        self.entities = {scope: EntityTable() for scope in (SERVICE, INSTANCE, SERVICE_RELATION, INSTANCE_RELATION)}
        self.entity_of = {scope: GrowingArray(np.int32) for scope in self.entities}
        self.local_services: list[str] = []
        self._local_numbers: dict[str, int] = {}
        self.local_service = GrowingArray(np.int32)
        self.is_client = GrowingArray(np.bool_)
        self.self_related: list[int] = []

    def __len__(self) -> int:
        return len(self.routes)

    def intern(self, local: Side, remote: Side, role: int, components: tuple[int, ...], tls_mode: int) -> int:
        """Number of the route of a valid connection; role server turns it round, every other one does not."""
        local, remote = self._cut(local), self._cut(remote)
        source, dest = (remote, local) if role == SERVER else (local, remote)
        route = Route(local, source, dest, role, components, tls_mode)
        number = self._numbers.get(route)
        if number is None:
            number = self._numbers[route] = len(self.routes)
            self.routes.append(route)
            self._add_entities(route)
            if source.service == dest.service:
                self.self_related.append(number)
        return number

    def describe(self, route: int) -> list[object]:
        """Texts and numbers that ``intern_described`` of any other table makes an equal route of."""
        found = self.routes[route]
        remote = found.source if found.role == SERVER else found.dest
        return [*astuple(found.local), *astuple(remote), found.role, list(found.components), found.tls_mode]

    def intern_described(self, description: Sequence[Any]) -> int:
        """Number of a route that was described."""
        *sides, role, components, tls_mode = description
        return self.intern(Side(*sides[:3]), Side(*sides[3:]), role, tuple(components), tls_mode)

    def keep(self, routes: Kept) -> Mapping[str, Kept]:
        """Keep only these routes under new numbers; return by scope which entities stay, being those of the routes."""
        self.routes = kept_entries(self.routes, routes)
        self._numbers = {route: number for number, route in enumerate(self.routes)}
        self.self_related = [n for n, route in enumerate(self.routes) if route.source.service == route.dest.service]
        self.is_client.keep(routes)
        self.local_service.keep(routes)
        services = np.unique(self.local_service.view).astype(np.int64)
        self.local_service.view[:] = renumbered(self.local_service.view, services)
        self.local_services = kept_entries(self.local_services, services)
        self._local_numbers = {name: number for number, name in enumerate(self.local_services)}
        return {scope: self._keep_entities(scope, routes) for scope in self.entities}

    def _keep_entities(self, scope: str, routes: Kept) -> Kept:
        numbers = self.entity_of[scope]
        numbers.keep(routes)
        entities = np.unique(numbers.view[numbers.view >= 0]).astype(np.int64)
        numbers.view[:] = renumbered(numbers.view, entities)
        self.entities[scope].keep(entities)
        return entities

    def value(self, column: str, route: int) -> object:
        """Value of an OAL cell column for a route; None where the entity does not exist."""
        return _VALUES[column](self.routes[route])

    def _cut(self, side: Side) -> Side:
        service, pod = truncate(side.service, self._limits.service), truncate(side.pod, self._limits.instance)
        return Side(service, pod, side.is_unknown)

    def _add_entities(self, route: Route) -> None:
        found = {
            SERVICE: self._service(route),
            INSTANCE: self._instance(route),
            SERVICE_RELATION: self._service_relation(route),
            INSTANCE_RELATION: self._instance_relation(route),
        }
        for scope, number in found.items():
            self.entity_of[scope].append(number)
        name = route.local.service
        self.local_service.append(self._local_numbers.setdefault(name, len(self.local_services)))
        if len(self._local_numbers) > len(self.local_services):
            self.local_services.append(name)
        self.is_client.append(route.role == CLIENT)

    def _service(self, route: Route) -> int:
        if route.local.is_unknown:
            return ABSENT
        name = route.local.service
        service_id = ids.service_id(name)
        return self._number(SERVICE, name, Entity(service_id, service_id, (name,)))

    def _instance(self, route: Route) -> int:
        if route.local.is_unknown or not route.local.pod:
            return ABSENT
        service_id = ids.service_id(route.local.service)
        entity = Entity(
            ids.instance_id(service_id, route.local.pod), service_id, (route.local.service, route.local.pod)
        )
        return self._number(INSTANCE, route.local, entity)

    def _service_relation(self, route: Route) -> int:
        source, dest = route.source.service, route.dest.service
        if source == dest:  # equal only after cutting: the connection is valid, the relation is not
            return ABSENT
        relation_id = ids.service_relation_id(ids.service_id(source), ids.service_id(dest))
        return self._number(SERVICE_RELATION, (source, dest), Entity(relation_id, "", (source, dest)))

    def _instance_relation(self, route: Route) -> int:
        source, dest = route.source, route.dest
        if not source.pod or not dest.pod:
            return ABSENT
        relation_id = ids.instance_relation_id(
            ids.instance_id(ids.service_id(source.service), source.pod),
            ids.instance_id(ids.service_id(dest.service), dest.pod),
        )
        names = (source.service, source.pod, dest.service, dest.pod)
        return self._number(INSTANCE_RELATION, names, Entity(relation_id, "", names))

    def _number(self, scope: str, key: Hashable, entity: Entity) -> int:
        table = self.entities[scope]
        number = table.find(key)
        return table.add(key, entity) if number is None else number


def _instance_id(side: Side) -> str | None:
    return ids.instance_id(ids.service_id(side.service), side.pod) if side.pod else None


_VALUES: Mapping[str, Callable[[Route], object]] = {
    "detect_point": lambda r: DETECT_POINTS[r.role],
    "local_service": lambda r: r.local.service,
    "local_instance": lambda r: r.local.pod,
    "source_service": lambda r: r.source.service,
    "dest_service": lambda r: r.dest.service,
    "source_instance": lambda r: r.source.pod,
    "dest_instance": lambda r: r.dest.pod,
    "local_service_id": lambda r: ids.service_id(r.local.service),
    "local_instance_id": lambda r: _instance_id(r.local),
    "source_service_id": lambda r: ids.service_id(r.source.service),
    "dest_service_id": lambda r: ids.service_id(r.dest.service),
    "source_instance_id": lambda r: _instance_id(r.source),
    "dest_instance_id": lambda r: _instance_id(r.dest),
    "service_relation_id": lambda r: ids.service_relation_id(
        ids.service_id(r.source.service), ids.service_id(r.dest.service)
    ),
    "instance_relation_id": lambda r: f"{_instance_id(r.source)}-{_instance_id(r.dest)}",
    "component_ids": lambda r: tuple(str(number) for number in r.components),
    "tls_mode": lambda r: TLS_MODES[r.tls_mode],
}
