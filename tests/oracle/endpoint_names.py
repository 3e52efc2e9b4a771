"""Endpoint formatting without grouping rules: only the limit on unformatted names (spec entities 3)."""

from dataclasses import dataclass, field

from tests.oracle.names import ENDPOINT_LIMIT, truncated

NAMES_PER_SERVICE = 3000
LIFETIME_S = 600
ABANDONED = "_abandoned"


@dataclass(slots=True)
class SeenNames:
    """The unformatted names of one service since a second of event time."""

    created: int
    names: set[str] = field(default_factory=set)


class EndpointNames:
    """Formats endpoint names; keeps one set of unformatted names per service."""

    def __init__(self) -> None:
        self._seen: dict[str, SeenNames] = {}

    def formatted(self, service: str, name: str, second: int) -> str:
        """``fmt`` of spec entities 3 at a second of event time: every call may take up a slot of the service's set."""
        if not service or not name:
            return name
        name = truncated(name, ENDPOINT_LIMIT)
        seen = self._seen.get(service)
        if seen is None or second >= seen.created + LIFETIME_S:
            seen = self._seen[service] = SeenNames(created=second)
        if len(seen.names) >= NAMES_PER_SERVICE:
            return ABANDONED
        seen.names.add(name)
        return name
