"""Which cells belong to a service."""

from collections.abc import Mapping

import numpy as np

from oap.entity.routes import INSTANCE_RELATION, SERVICE, SERVICE_RELATION
from oap.why.counting import Mask
from oap.why.error import unknown_service
from oap.why.traced_row import Numbering

_OF_TWO_SERVICES = frozenset({SERVICE_RELATION, INSTANCE_RELATION})


def cells_of_service(numbering: Numbering, scope: str, service: str) -> Mapping[str, Mask]:
    """bool[cells] by grain: those of a service, for relations on either end. Raises UnknownService."""
    routes, endpoints = numbering.routes.routes, numbering.endpoints.table.entities
    if scope in _OF_TWO_SERVICES:
        known = {side.service for route in routes for side in (route.source, route.dest)}
        own = [service in (route.source.service, route.dest.service) for route in routes]
    else:
        known = {entity.names[0] for entity in numbering.routes.entities[SERVICE].entities}
        own = [route.local.service == service for route in routes]
    if service not in known:
        raise unknown_service(service, known)
    called = [entity.names[0] == service for entity in endpoints]
    return {"route": np.array(own, dtype=np.bool_), "endpoint": np.array(called, dtype=np.bool_)}
