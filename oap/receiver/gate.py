"""Who may call at all: the token, and the overload switch (spec receiver-protocol 4.6, 4.7)."""

import hmac
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import grpc

AUTHENTICATION_KEY = "authentication"
OVERLOADED = "Watermark exceeded"


def never_exceeded() -> bool:
    """Answer of a watermark that is switched off."""
    return False


class Gate(grpc.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls of every method, side services included, before any of their messages is read.

    ``token`` empty means that nobody needs one; else the metadata value must equal it. ``exceeded`` is asked for each
    new call and for each message of the streams in ``watched``; it must be quick and must not raise.
    """

    def __init__(self, token: str, exceeded: Callable[[], bool]) -> None:
        self._token = token.encode()
        self._exceeded = exceeded
        self._lock = threading.Lock()
        self.unauthenticated = 0
        self.overload_refused = 0
        self.overload_cut = 0

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Let the call pass to its handler, or answer it with the status of the refusal."""
        if self._token and not self._is_authentic(handler_call_details.invocation_metadata):
            with self._lock:
                self.unauthenticated += 1
            return _refusal(grpc.StatusCode.PERMISSION_DENIED, "")
        if self._exceeded():
            with self._lock:
                self.overload_refused += 1
            return _refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, OVERLOADED)
        return continuation(handler_call_details)

    def watched(self, messages: Iterable[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Yield the messages of an open stream; under overload the one just read is discarded and the stream is cut."""
        exceeded = self._exceeded
        for message in messages:
            if exceeded():
                with self._lock:
                    self.overload_cut += 1
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, OVERLOADED)
            yield message

    def _is_authentic(self, metadata: Iterable[tuple[str, str | bytes]]) -> bool:
        offered = dict(metadata).get(AUTHENTICATION_KEY, "")
        return hmac.compare_digest(offered.encode() if isinstance(offered, str) else offered, self._token)


def _refusal(code: grpc.StatusCode, details: str) -> grpc.RpcMethodHandler:
    def refuse(_messages: Iterator[bytes], context: grpc.ServicerContext) -> NoReturn:
        context.abort(code, details)
        raise AssertionError

    # A handler for a client stream fits unary calls as well, and it alone does not wait for the first message.
    return grpc.stream_unary_rpc_method_handler(refuse)
