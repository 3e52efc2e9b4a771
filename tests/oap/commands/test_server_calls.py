"""Calls to a server."""

import socket

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from oap.commands.server_calls import CallError, CallRefused, call
from oap.http_server import HttpServer

ROUTES = [
    Route("/fine", lambda _: JSONResponse({"a": 1}), methods=["GET", "POST"]),
    Route("/text", lambda _: PlainTextResponse("hello")),
    Route("/list", lambda _: JSONResponse([1])),
    Route("/gone", lambda _: JSONResponse({"error": "there is none"}, 404)),
    Route("/busy", lambda _: JSONResponse({"error": "not now"}, 503)),
]


def _call(path: str, method: str = "GET") -> object:
    with HttpServer(Starlette(routes=ROUTES), "127.0.0.1", 0, name="test") as server:
        return call(f"http://127.0.0.1:{server.port}{path}", method)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_is_a_tree(method: str) -> None:
    assert _call("/fine", method) == {"a": 1}


def test_no_proxy_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert _call("/fine") == {"a": 1}


@pytest.mark.parametrize(
    ("path", "said", "is_unknown"), [("/gone", "there is none", True), ("/busy", "not now", False)]
)
def test_a_refusal_says_why(path: str, said: str, is_unknown: bool) -> None:
    with pytest.raises(CallRefused) as raised:
        _call(path)
    assert (str(raised.value), raised.value.is_unknown) == (said, is_unknown)


@pytest.mark.parametrize("path", ["/text", "/list", "/nothing"])
def test_what_is_no_answer_of_this_server_is_told(path: str) -> None:
    with pytest.raises(CallError, match="is not this server, or an older one"):
        _call(path)


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CallError, match=f"no server answers at http://127.0.0.1:{port}/: "):
        call(f"http://127.0.0.1:{port}/")


def test_only_http_is_spoken() -> None:
    with pytest.raises(CallError, match="'file:///etc/passwd' is no address of a server"):
        call("file:///etc/passwd")
