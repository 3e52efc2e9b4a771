"""One GraphQL request while it is being answered."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from oap.query.deps import QueryDeps
from oap.query.mqe.parser import MqeParser
from oap.query.reads import Reads
from oap.query.services import Service, merge_services


@dataclass(frozen=True, slots=True)
class Request:
    """What resolvers find as their context. One thread executes a request."""

    deps: QueryDeps
    reads: Reads
    parser: MqeParser

    def services(self) -> tuple[Service, ...]:
        """All services, layers merged."""
        return merge_services(self.reads.services())


def request_of(info: GraphQLResolveInfo) -> Request:
    """The request that a resolver works for."""
    context: Any = info.context
    assert isinstance(context, Request)  # noqa: S101  (set by the only caller of execute)
    return context
