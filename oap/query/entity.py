"""The entity of a request, and its id under the scope of a metric (spec query 3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from oap.entity import ids


@dataclass(frozen=True, slots=True)
class EntityInput:
    """Members as sent: None is missing, "" is given and means ``_blank`` inside ids.

    Source is the caller, dest the callee.
    """

    service_name: str | None = None
    normal: bool | None = None
    service_instance_name: str | None = None
    endpoint_name: str | None = None
    dest_service_name: str | None = None
    dest_normal: bool | None = None
    dest_service_instance_name: str | None = None
    dest_endpoint_name: str | None = None

    @classmethod
    def of(cls, entity: Mapping[str, Any]) -> "EntityInput":
        """Read an ``Entity`` input; members that no metric needs are dropped."""
        return cls(**{field.name: entity.get(field.name) for field in fields(cls)})

    def id_for(self, category: str) -> str | None:
        """Id under a metric category (SERVICE, ENDPOINT ...); None if a needed member is missing."""
        build = _IDS.get(category)
        return None if build is None else build(self)

    def service_id(self) -> ids.ServiceId | None:
        """Id of the (source) service."""
        return _service(self.service_name, self.normal)

    def dest_service_id(self) -> ids.ServiceId | None:
        """Id of the destination service."""
        return _service(self.dest_service_name, self.dest_normal)


def _service(name: str | None, normal: bool | None) -> ids.ServiceId | None:
    return None if name is None or normal is None else ids.service_id(name, normal)


def _instance(entity: EntityInput) -> ids.InstanceId | None:
    service, name = entity.service_id(), entity.service_instance_name
    return None if service is None or name is None else ids.instance_id(service, name)


def _endpoint(entity: EntityInput) -> ids.EndpointId | None:
    service, name = entity.service_id(), entity.endpoint_name
    return None if service is None or name is None else ids.endpoint_id(service, name)


def _service_relation(entity: EntityInput) -> ids.ServiceRelationId | None:
    source, dest = entity.service_id(), entity.dest_service_id()
    return None if source is None or dest is None else ids.service_relation_id(source, dest)


def _instance_relation(entity: EntityInput) -> ids.InstanceRelationId | None:
    source, service, name = _instance(entity), entity.dest_service_id(), entity.dest_service_instance_name
    if source is None or service is None or name is None:
        return None
    return ids.instance_relation_id(source, ids.instance_id(service, name))


def _endpoint_relation(entity: EntityInput) -> ids.EndpointRelationId | None:
    source, dest = entity.service_id(), entity.dest_service_id()
    names = entity.endpoint_name, entity.dest_endpoint_name
    if source is None or dest is None or names[0] is None or names[1] is None:
        return None
    return ids.endpoint_relation_id(source, names[0], dest, names[1])


_IDS: Mapping[str, Callable[[EntityInput], str | None]] = {
    "ALL": lambda _: "",
    "SERVICE": EntityInput.service_id,
    "SERVICE_INSTANCE": _instance,
    "ENDPOINT": _endpoint,
    "SERVICE_RELATION": _service_relation,
    "SERVICE_INSTANCE_RELATION": _instance_relation,
    "ENDPOINT_RELATION": _endpoint_relation,
}
