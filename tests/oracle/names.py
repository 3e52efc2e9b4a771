"""Names and ids of entities (spec entities 3 and 4)."""

import base64

SERVICE_LIMIT = 70
INSTANCE_LIMIT = 70
ENDPOINT_LIMIT = 150


def truncated(name: str, limit: int) -> str:
    """The first ``limit`` UTF-16 code units (spec entities 3). Half a pair at the end is left out."""
    units = name.encode("utf-16-le")[: 2 * limit]
    return units.decode("utf-16-le", "ignore")


def encoded(name: str) -> str:
    """Standard base64 of a name; a blank one is ``_blank`` (spec entities 4)."""
    return base64.b64encode((name if name.strip() else "_blank").encode()).decode()


def service_id(service: str) -> str:
    """Id of a service of layer K8S_SERVICE, which is a normal one (spec entities 4)."""
    return f"{encoded(service)}.1"


def child_id(parent_service_id: str, name: str) -> str:
    """Id of an instance or endpoint of a service (spec entities 4)."""
    return f"{parent_service_id}_{encoded(name)}"


def relation_id(source_id: str, dest_id: str) -> str:
    """Id of a relation of two services or of two instances (spec entities 4)."""
    return f"{source_id}-{dest_id}"
