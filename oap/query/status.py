"""Plain HTTP routes that the stock user interface asks besides GraphQL (spec query 1.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from oap.query.deps import QueryDeps

_NO_COLD_STAGE = -1


def status_routes(deps: QueryDeps, prefix: str = "") -> Sequence[Route]:
    """Routes below a context path."""

    def ttl(request: Request) -> Response:
        settings = {"metrics": _metrics(deps.metrics_ttl_days), "records": _records(deps.records_ttl_days)}
        lines = {f"{group}.{name}": str(days) for group, table in settings.items() for name, days in table.items()}
        return _answer(request, settings, lines)

    def nodes(request: Request) -> Response:
        node = {"host": deps.host, "port": deps.port, "self": True}
        return _answer(request, {"nodes": [node]}, {"nodes": f"{deps.host}:{deps.port}"}, always_json=True)

    def config(request: Request) -> Response:
        settings = dict(deps.config_dump())
        return _answer(request, settings, settings)

    return (
        Route(f"{prefix}/status/config/ttl", ttl),
        Route(f"{prefix}/status/cluster/nodes", nodes),
        Route(f"{prefix}/debugging/config/dump", config),
    )


def _metrics(days: int) -> Mapping[str, int]:
    warm = dict.fromkeys(("minute", "hour", "day"), days)
    return warm | dict.fromkeys(("coldMinute", "coldHour", "coldDay"), _NO_COLD_STAGE)


def _records(days: int) -> Mapping[str, int]:
    kinds = ("normal", "trace", "zipkinTrace", "log", "browserErrorLog")
    cold = {f"cold{kind[0].upper()}{kind[1:]}": _NO_COLD_STAGE for kind in kinds}
    return dict.fromkeys(kinds, days) | cold


def _answer(
    request: Request, tree: Mapping[str, Any], lines: Mapping[str, str], *, always_json: bool = False
) -> Response:
    if always_json or "application/json" in request.headers.get("accept", ""):
        return Response(orjson.dumps(tree), media_type="application/json")
    return PlainTextResponse("".join(f"{key}={value}\n" for key, value in lines.items()))
