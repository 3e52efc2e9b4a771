"""One GraphQL request while it is being answered."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from oap.query.deps import QueryDeps
from oap.query.mqe.parser import MqeParser
from oap.query.reads import Reads
from oap.query.services import KnownServices, Service


@dataclass(frozen=True, slots=True)
class Request:
    """What resolvers find as their context. One thread executes a request."""

    deps: QueryDeps
    reads: Reads
    parser: MqeParser
    known_services: KnownServices

    def services(self) -> tuple[Service, ...]:
        """All services, layers merged, as they were a moment ago."""
        return self.known_services.all()


def request_of(info: GraphQLResolveInfo) -> Request:
    """The request that a resolver works for."""
    context: Any = info.context
    assert isinstance(context, Request)  # noqa: S101  (set by the only caller of execute)
    return context
