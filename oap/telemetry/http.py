"""Routes for scrapers and probes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from oap.telemetry.exposition import CONTENT_TYPE, Exposition
from oap.telemetry.health import HealthBoard


def metrics_endpoint(exposition: Exposition) -> Route:
    """``GET /metrics`` in the Prometheus text format."""

    def scrape(_: Request) -> Response:
        return PlainTextResponse(exposition.render(), headers={"Content-Type": CONTENT_TYPE})

    return Route("/metrics", scrape, methods=["GET"])


def health_endpoint(board: HealthBoard) -> Route:
    """``GET`` and ``HEAD /healthcheck``: 200 without a body when all is well, else 503 (spec query 1.2)."""

    def check(_: Request) -> Response:
        return Response(status_code=200 if board.health().is_healthy else 503)

    return Route("/healthcheck", check, methods=["GET", "HEAD"])


def telemetry_application(exposition: Exposition) -> Starlette:
    """What the telemetry port serves: ``/metrics``, also under ``/`` as upstream's exporter answers on any path."""
    metrics = metrics_endpoint(exposition)
    return Starlette(routes=[metrics, Route("/", metrics.endpoint, methods=["GET"])])
