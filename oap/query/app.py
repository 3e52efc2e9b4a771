"""The ASGI application of port 12800."""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oap.query.deps import QueryDeps
from oap.query.graphql_http import GraphQLEndpoint
from oap.query.rules_routes import rules_routes
from oap.query.status import status_routes

_PAGE = Path(__file__).parent / "page"


def create_app(deps: QueryDeps, extra_routes: Sequence[BaseRoute] = (), context_path: str = "/") -> Starlette:
    """GraphQL, the routes about status and rules, and the page below a context path; ``extra_routes`` stand as they are."""
    prefix = context_path.strip("/")
    prefix = f"/{prefix}" if prefix else ""
    endpoint = GraphQLEndpoint(deps)
    routes: list[BaseRoute] = [
        *extra_routes,
        Route(f"{prefix}/graphql", endpoint.post, methods=["POST"]),
        *status_routes(deps, prefix),
        *rules_routes(deps, prefix),
        Route(f"{prefix}/", _page),
        Mount(f"{prefix}/page", StaticFiles(directory=_PAGE, check_dir=False)),
    ]
    if prefix:
        routes.append(Route(prefix, lambda _: RedirectResponse(f"{prefix}/")))
    return Starlette(routes=routes, exception_handlers={500: _fault})


def _page(_: Request) -> Response:
    index = _PAGE / "index.html"
    if not index.is_file():
        return PlainTextResponse("The console has not been built: run `make setup` in the checkout.\n", 503)
    # The files are small and change with the server, so browsers are told to ask again each time.
    return FileResponse(index, headers={"cache-control": "no-cache"})


def _fault(_: Request, __: Exception) -> Response:
    return JSONResponse({"errors": [{"message": "the server failed to answer; its log says why"}]}, 500)
