"""What may be told to a running server, on a port of this machine alone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oap.reload.event import Outcome, ReloadEvent


def admin_application(force: Callable[[str], ReloadEvent], routes: Sequence[Route] = ()) -> Starlette:
    """``POST /reload`` takes the rule files into force as they are: 200, or 422 with the findings; and other routes."""

    def reload(request: Request) -> Response:
        caller = request.client.host if request.client else "this machine"
        event = force(f"call from {caller}")
        status = 422 if event.outcome is Outcome.REFUSED else 200
        body = orjson.dumps(asdict(event), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return Response(body, status, media_type="application/json")

    return Starlette(routes=[Route("/reload", reload, methods=["POST"]), *routes])
