"""Labels of what a metric is about: a service, one of its parts, or calls from a client to a server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from oap.entity import ids
from oap.entity.errors import EntityError

SCOPE: Final = "scope"
LAYER: Final = "layer"
SERVICE: Final = "service"

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A metric category: its ``scope``, the labels that name an entity, and both ways between names and id."""

    scope: str
    labels: tuple[str, ...]
    id_of: Callable[[Names], str]
    names_of: Callable[[str], Names]


def _service_name(service_id: str) -> str:
    return ids.decode_service_id(service_id)[0]


def _names_of_service(entity_id: str) -> Names:
    return {SERVICE: _service_name(entity_id)}


def _names_of_instance(entity_id: str) -> Names:
    service, name = ids.decode_instance_id(entity_id)
    return {SERVICE: _service_name(service), "service_instance": name}


def _names_of_endpoint(entity_id: str) -> Names:
    service, name = ids.decode_endpoint_id(entity_id)
    return {SERVICE: _service_name(service), "endpoint": name}


def _names_of_service_relation(entity_id: str) -> Names:
    client, server = ids.decode_service_relation_id(entity_id)
    return {"client_service": _service_name(client), "server_service": _service_name(server)}


def _names_of_instance_relation(entity_id: str) -> Names:
    found: dict[str, str] = {}
    for side, entity in zip(("client", "server"), ids.decode_instance_relation_id(entity_id), strict=True):
        found |= {f"{side}_{label}": name for label, name in _names_of_instance(entity).items()}
    return found


def _instance_id(names: Names, prefix: str = "") -> ids.InstanceId:
    return ids.instance_id(ids.service_id(names[f"{prefix}service"]), names[f"{prefix}service_instance"])


_SIDES: Final = ("client_service", "server_service")
_POD_SIDES: Final = ("client_service", "client_service_instance", "server_service", "server_service_instance")

KINDS: Final[Mapping[str, Kind]] = {
    "SERVICE": Kind("Service", (SERVICE,), lambda names: ids.service_id(names[SERVICE]), _names_of_service),
    "SERVICE_INSTANCE": Kind("ServiceInstance", (SERVICE, "service_instance"), _instance_id, _names_of_instance),
    "ENDPOINT": Kind(
        "Endpoint",
        (SERVICE, "endpoint"),
        lambda names: ids.endpoint_id(ids.service_id(names[SERVICE]), names["endpoint"]),
        _names_of_endpoint,
    ),
    "SERVICE_RELATION": Kind(
        "ServiceRelation",
        _SIDES,
        lambda names: ids.service_relation_id(*(ids.service_id(names[side]) for side in _SIDES)),
        _names_of_service_relation,
    ),
    "SERVICE_INSTANCE_RELATION": Kind(
        "ServiceInstanceRelation",
        _POD_SIDES,
        lambda names: ids.instance_relation_id(_instance_id(names, "client_"), _instance_id(names, "server_")),
        _names_of_instance_relation,
    ),
}
ENTITY_LABELS: Final = frozenset({SCOPE, LAYER}).union(*(kind.labels for kind in KINDS.values()))


def entity_labels(kind: Kind, entity_id: str) -> Names | None:
    """Scope and names of an entity; None for a stored id that cannot be read."""
    try:
        return {SCOPE: kind.scope, **kind.names_of(entity_id)}
    except EntityError:
        return None


def service_of(kind: Kind, entity_id: str) -> str | None:
    """Id of the one service that an entity is or belongs to; calls between two have none."""
    return entity_id.partition("_")[0] if SERVICE in kind.labels else None
