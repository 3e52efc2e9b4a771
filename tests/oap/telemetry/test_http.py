from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette

from oap.http_server import HttpServer
from oap.telemetry.exposition import Exposition
from oap.telemetry.health import HealthBoard
from oap.telemetry.http import health_endpoint, telemetry_application
from oap.telemetry.process import ProcessMeters


@pytest.mark.parametrize("path", ["/metrics", "/"])
def test_metrics_are_scraped(path: str) -> None:
    exposition = Exposition("host_11800")
    exposition.register(ProcessMeters("1.2.3"))
    with HttpServer(telemetry_application(exposition), "127.0.0.1", 0, name="telemetry") as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}{path}", trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert 'oap_build_info{version="1.2.3"' in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_follows_the_board(method: str) -> None:
    board = HealthBoard()
    storage = board.component("storage")
    changes: list[Callable[[], None]] = [lambda: None, storage.ok, lambda: storage.failing("disk full")]
    answers: list[tuple[int, bytes]] = []
    with HttpServer(Starlette(routes=[health_endpoint(board)]), "127.0.0.1", 0, name="health") as server:
        for change in changes:
            change()
            answer = httpx.request(method, f"http://127.0.0.1:{server.port}/healthcheck", trust_env=False)
            answers.append((answer.status_code, answer.content))
    assert answers == [(503, b""), (200, b""), (503, b"")]
