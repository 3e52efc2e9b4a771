"""Calls to a running server: JSON over HTTP, never through a proxy."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

_TIMEOUT_S: Final = 15


class CallError(Exception):
    """The server cannot be reached or answers something else than JSON; the text says where and what."""


class CallRefused(CallError):  # noqa: N818  (says what happened)
    """The server says why it does not do it; ``is_unknown``: what was named does not exist."""

    def __init__(self, message: str, *, is_unknown: bool) -> None:
        super().__init__(message)
        self.is_unknown = is_unknown


def call(url: str, method: str = "GET", body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The answer of a server; ``body`` is sent as JSON. Raises CallError."""
    # Checking rules in an editor shall not wait for a client.
    from urllib.error import HTTPError, URLError  # noqa: PLC0415
    from urllib.request import ProxyHandler, Request, build_opener  # noqa: PLC0415

    if urlsplit(url).scheme not in {"http", "https"}:
        raise CallError(f"'{url}' is no address of a server, write http://HOST:PORT")
    opener = build_opener(ProxyHandler({}))
    try:
        content = None if body is None else json.dumps(body).encode()
        request = Request(url, content, {"content-type": "application/json"}, method=method)  # noqa: S310  (checked above)
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return _tree(url, answer.read())
    except HTTPError as error:
        with error:
            message = _tree(url, error.read()).get("error", str(error))
        raise CallRefused(str(message), is_unknown=error.code == HTTPStatus.NOT_FOUND) from error
    except (URLError, OSError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise CallError(f"no server answers at {url}: {reason}") from error


def _tree(url: str, content: bytes) -> Mapping[str, Any]:
    try:
        tree = json.loads(content)
    except ValueError:
        tree = None
    if not isinstance(tree, Mapping):
        raise CallError(f"what answers at {url} is not this server, or an older one")
    return tree
