"""Entities as people write them: ``service``, ``service/pod``, ``a -> b``, ``service GET:/path``."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from oap.entity.routes import ENDPOINT, INSTANCE, INSTANCE_RELATION, SERVICE, SERVICE_RELATION

FORMS: Mapping[str, str] = MappingProxyType(
    {
        SERVICE: "service",
        INSTANCE: "service/pod",
        SERVICE_RELATION: "calling service -> called service",
        INSTANCE_RELATION: "calling service/pod -> called service/pod",
        ENDPOINT: "service METHOD:path",
    }
)
"""How an entity of each scope is written."""

_ARROW = "->"


def entity_text(scope: str, names: Sequence[str]) -> str:
    """The text of an entity, given by its scope and its names as ``Entity.names`` has them."""
    if scope == ENDPOINT:
        return " ".join(names)
    if scope == INSTANCE_RELATION:
        return f"{names[0]}/{names[1]} {_ARROW} {names[2]}/{names[3]}"
    return (f" {_ARROW} " if scope == SERVICE_RELATION else "/").join(names)


def entity_names(scope: str, text: str) -> tuple[str, ...] | None:
    """The names that a text gives for an entity of a scope, None when it is not written as ``FORMS`` says."""
    if scope == ENDPOINT:
        names: tuple[str, ...] = tuple(text.split(maxsplit=1))
    elif scope in {SERVICE_RELATION, INSTANCE_RELATION}:
        sides = text.split(f" {_ARROW} ")
        names = tuple(name for side in sides for name in _side(side, has_pod=scope == INSTANCE_RELATION))
    else:
        names = _side(text, has_pod=scope == INSTANCE)
    count = {SERVICE: 1, INSTANCE_RELATION: 4}.get(scope, 2)
    return names if len(names) == count and all(names) else None


def _side(text: str, *, has_pod: bool) -> tuple[str, ...]:
    """Service and pod; pods have no slash in their names, so it is the last one that parts the two."""
    service, slash, pod = text.strip().rpartition("/")
    if not has_pod:
        return () if _ARROW in text.split() else (text.strip(),)
    return (service, pod) if slash else ()
