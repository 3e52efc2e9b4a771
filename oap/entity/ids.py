"""Entity ids: text built from names, and names read back from ids (spec entities 4).

A part that holds a name is standard Base64 of its UTF-8 bytes. The separators ``.``, ``_`` and ``-`` are outside that
alphabet, so an id splits without ambiguity whatever the names contain.
"""

import binascii
from base64 import b64decode
from typing import NewType

from oap.entity.errors import EntityError

ServiceId = NewType("ServiceId", str)
InstanceId = NewType("InstanceId", str)
EndpointId = NewType("EndpointId", str)
ServiceRelationId = NewType("ServiceRelationId", str)
InstanceRelationId = NewType("InstanceRelationId", str)
EndpointRelationId = NewType("EndpointRelationId", str)

BLANK = "_blank"


def service_id(name: str | None, is_normal: bool = True) -> ServiceId:
    """Return the id of a service; ``is_normal`` is a property of its layer."""
    return ServiceId(f"{_encode(name)}.{int(is_normal)}")


def service_traffic_id(name: str | None, layer: int) -> str:
    """Return the row id of a service in one layer: the layer's number takes the place of the normal flag."""
    return f"{_encode(name)}.{layer}"


def instance_id(service: ServiceId, name: str | None) -> InstanceId:
    """Return the id of an instance of a service."""
    return InstanceId(f"{service}_{_encode(name)}")


def endpoint_id(service: ServiceId, name: str | None) -> EndpointId:
    """Return the id of an endpoint of a service."""
    return EndpointId(f"{service}_{_encode(name)}")


def service_relation_id(source: ServiceId, dest: ServiceId) -> ServiceRelationId:
    """Return the id of the calls from one service to another."""
    return ServiceRelationId(f"{source}-{dest}")


def instance_relation_id(source: InstanceId, dest: InstanceId) -> InstanceRelationId:
    """Return the id of the calls from one instance to another."""
    return InstanceRelationId(f"{source}-{dest}")


def endpoint_relation_id(
    source: ServiceId, source_endpoint: str | None, dest: ServiceId, dest_endpoint: str | None
) -> EndpointRelationId:
    """Return the id of the calls from one endpoint to another, each given by its service and name."""
    return EndpointRelationId(f"{source}-{_encode(source_endpoint)}-{dest}-{_encode(dest_endpoint)}")


def decode_service_id(text: str) -> tuple[str, bool]:
    """Return name and normal flag of a service id; EntityError when it is none."""
    name, flag = _split(text, ".", 2, "service")
    if flag not in {"0", "1"}:
        raise EntityError(f"no service id, it must end in .0 or .1: {text!r}")
    return _decode(name, "service", text), flag == "1"


def decode_instance_id(text: str) -> tuple[ServiceId, str]:
    """Return service id and instance name of an instance id; EntityError when it is none."""
    return _decode_member(text, "instance")


def decode_endpoint_id(text: str) -> tuple[ServiceId, str]:
    """Return service id and endpoint name of an endpoint id; EntityError when it is none."""
    return _decode_member(text, "endpoint")


def decode_service_relation_id(text: str) -> tuple[ServiceId, ServiceId]:
    """Return source and destination service id; EntityError when the text is no service relation id."""
    source, dest = _split(text, "-", 2, "service relation")
    return _checked_service(source), _checked_service(dest)


def decode_instance_relation_id(text: str) -> tuple[InstanceId, InstanceId]:
    """Return source and destination instance id; EntityError when the text is no instance relation id."""
    source, dest = _split(text, "-", 2, "instance relation")
    decode_instance_id(source)
    decode_instance_id(dest)
    return InstanceId(source), InstanceId(dest)


def decode_endpoint_relation_id(text: str) -> tuple[ServiceId, str, ServiceId, str]:
    """Return source service id and endpoint name, then those of the destination; EntityError when it is no such id."""
    source, source_endpoint, dest, dest_endpoint = _split(text, "-", 4, "endpoint relation")
    return (
        _checked_service(source),
        _decode(source_endpoint, "endpoint relation", text),
        _checked_service(dest),
        _decode(dest_endpoint, "endpoint relation", text),
    )


def _encode(name: str | None) -> str:
    visible = name if name and not name.isspace() else BLANK
    # Without the checks of base64.b64encode, at half the time: ids are made in masses where every request has a new path.
    return binascii.b2a_base64(visible.encode(), newline=False).decode("ascii")


def _decode(part: str, kind: str, whole: str) -> str:
    try:
        name = b64decode(part.encode("ascii"), validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise EntityError(f"no {kind} id, a name in it is not Base64 of UTF-8: {whole!r}") from error
    if not name:
        raise EntityError(f"no {kind} id, a name in it is empty: {whole!r}")
    return name


def _split(text: str, separator: str, parts: int, kind: str) -> list[str]:
    pieces = text.split(separator)
    if len(pieces) != parts:
        raise EntityError(f"no {kind} id, it must have {parts} parts joined by '{separator}': {text!r}")
    return pieces


def _decode_member(text: str, kind: str) -> tuple[ServiceId, str]:
    service, name = _split(text, "_", 2, kind)
    return _checked_service(service), _decode(name, kind, text)


def _checked_service(text: str) -> ServiceId:
    decode_service_id(text)
    return ServiceId(text)
