"""What a client asks: the HTTP request around a GraphQL document (spec query 1.1)."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request as HttpRequest

from oap.query.errors import QueryError

JSON: Final = "application/json"
TEXT: Final = "application/graphql"
# A dashboard of the longest kind, with every character escaped, is shorter.
MOST_BYTES: Final = 10 * 1024 * 1024

_GRAPHQL_JSON = "application/graphql-response+json"
_REFUSED = re.compile(r"q=0(\.0*)?")


class TooLongError(QueryError):
    """The request has more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has the form of one. ``body`` is what it was read from."""

    body: bytes
    query: str
    variables: Mapping[str, Any] | None = None
    operation: str | None = None


async def whole_body(http: HttpRequest) -> bytes:
    """The body. Raises TooLongError, and ClientDisconnect when the client leaves before it is complete."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLongError(f"a request may have {MOST_BYTES} bytes")
    return bytes(body)


async def has_left(http: HttpRequest, asked: Asked) -> None:
    """Return when the client of a request, whose body was read, has closed its connection."""
    while (await http.receive())["type"] != "http.disconnect":
        pass
    if "mutation" in asked.query:
        # What somebody wanted to change is changed all the same. No document without the word changes anything.
        await asyncio.Future()


def acceptable(http: HttpRequest) -> str | None:
    """The media type to answer with: JSON wherever a client takes it, that of GraphQL where it insists on it, else None."""
    accept = ",".join(http.headers.getlist("accept")) or "*/*"
    ranges = [part.replace(" ", "").lower().split(";") for part in accept.split(",")]
    wanted = {name for name, *parameters in ranges if not any(_REFUSED.fullmatch(one) for one in parameters)}
    if wanted & {"*/*", "application/*", JSON, ""}:
        return JSON
    return _GRAPHQL_JSON if _GRAPHQL_JSON in wanted else None


def read(kind: str, body: bytes) -> Asked:
    """Read a body of a content type that is one of ours. Raises QueryError."""
    if not body.strip():
        raise QueryError("the body is empty")
    if kind == TEXT:
        return Asked(body, body.decode(errors="replace"))
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise QueryError(f"the body is no JSON: {error}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("query"), str):
        raise QueryError("the body must be a JSON object with a text 'query'")
    variables, operation = fields.get("variables"), fields.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        raise QueryError("'variables' must be an object and 'operationName' a text")
    return Asked(body, fields["query"], variables, operation or None)
