"""The catalog of the conformance suite: the Kubernetes scopes and a plain ``Service`` (spec oal 9)."""

from oal.catalog import Attribute, Catalog, Kind, RowColumn, Scope, Table
from oap.entity.scopes import k8s_catalog

_ATTRIBUTES = (
    Attribute("name", Kind.STRING),
    Attribute("rpcStatusCode", Kind.STRING),
    Attribute("latency", Kind.INT),
    Attribute("httpResponseStatusCode", Kind.INT),
    Attribute("status", Kind.BOOL),
    Attribute("type", Kind.ENUM, enum="RequestType"),
    Attribute("tags", Kind.LIST),
    Attribute("tag", Kind.MAP),
    Attribute("sideCar.internalErrorCode", Kind.STRING),
    Attribute("layer", Kind.OBJECT),
)


def service_scope() -> Scope:
    """Scope ``Service``: grain "entity", one table "service", every attribute a row column."""
    table = Table("service", {attribute.path: RowColumn(attribute.path) for attribute in _ATTRIBUTES})
    attributes = {attribute.path: attribute for attribute in _ATTRIBUTES}
    return Scope("Service", 1, "SERVICE", "entity", attributes, (table,), ("ServiceDecorator",))


def conformance_catalog() -> Catalog:
    """The Kubernetes scopes and ``Service``."""
    k8s = k8s_catalog()
    return Catalog({**k8s.scopes, "Service": service_scope()}, k8s.enums)
