import socket
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from oap.http_server import HttpServer


def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def test_a_stopped_server_frees_its_port() -> None:
    server = HttpServer(Starlette(routes=[Route("/", hello)]), "127.0.0.1", 0, name="test")
    server.start()
    answer = httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False)
    server.stop()
    assert answer.text == "hello"
    socket.create_server(("127.0.0.1", server.port)).close()


def test_a_request_in_progress_is_answered_before_the_server_stops() -> None:
    entered, released = threading.Event(), threading.Event()

    def slow(_: Request) -> PlainTextResponse:
        entered.set()
        released.wait(10)
        return PlainTextResponse("done")

    server = HttpServer(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0, name="test")
    server.start()
    answers: list[str] = []

    def ask() -> None:
        answers.append(httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False, timeout=10).text)

    client, stopper = threading.Thread(target=ask), threading.Thread(target=server.stop)
    client.start()
    assert entered.wait(10)
    stopper.start()
    released.set()
    stopper.join(10)
    client.join(10)
    assert answers == ["done"]


def test_a_taken_port_is_refused_at_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = HttpServer(Starlette(), "127.0.0.1", taken.getsockname()[1], name="test")
        with pytest.raises(OSError, match="in use"):
            server.start()
        server.stop()
