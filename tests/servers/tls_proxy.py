"""A terminating proxy before a server: TLS with client certificates, basic authentication, and everything it passed on."""

import base64
import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class TlsProxy:
    """Passes requests of ``user`` with ``password`` on, of at most ``most_bytes``; all may change while it runs."""

    def __init__(self, upstream_port: int, user: str, password: str, tls: ssl.SSLContext | None = None) -> None:
        self.user = user
        self.password = password
        self.most_bytes = 1 << 30
        self.refused = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("authorization") != proxy.expected():
                    proxy.refused += 1
                    self.answer(HTTPStatus.UNAUTHORIZED, b"", "application/json")
                    return
                if len(body) > proxy.most_bytes:
                    self.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"<html>Too large</html>", "text/html")
                    return
                connection = http.client.HTTPConnection("127.0.0.1", upstream_port)
                headers = {"content-type": self.headers.get("content-type", "application/json")}
                connection.request(self.command, self.path, body or None, headers if body else {})
                response = connection.getresponse()
                kind = response.getheader("content-type", "application/json")
                self.answer(response.status, response.read(), kind)
                connection.close()

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815  (names of the base class)

            def answer(self, status: int, content: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (a name of the base class)
                del format, args

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that break off are what some tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def node(self) -> str:
        """Where it is, as ``host:port``."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def expected(self) -> str:
        """Header that is let through."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def start(self) -> None:
        """Begin to pass requests on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop taking requests."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def running_proxy(
    upstream_port: int, user: str = "", password: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[TlsProxy]:
    """A proxy on a free port."""
    proxy = TlsProxy(upstream_port, user, password, tls)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


def requiring_certificates(certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    """Context of a server that shows a certificate and asks for one of the same authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
