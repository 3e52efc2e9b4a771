"""A small Kubernetes API server: lists and watches Services and Pods over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KINDS = {"/api/v1/services": "services", "/api/v1/pods": "pods"}


def service(name: str, ips: list[str], selector: dict[str, str] | None = None, ingress: str = "") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "bookinfo"},
        "spec": {"clusterIPs": ips, "selector": selector},
        "status": {"loadBalancer": {"ingress": [{"ip": ingress}, {"hostname": "x.example"}]} if ingress else {}},
    }


def pod(name: str, ip: str | None, labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "bookinfo", "labels": labels}, "status": {"podIP": ip}}


class KubernetesServer:
    """Objects by kind, and all changes since the start; ``watching`` counts the open watches of a kind."""

    def __init__(self) -> None:
        self.change = threading.Condition()
        self.objects: dict[str, dict[str, Any]] = {"services": {}, "pods": {}}
        self.events: dict[str, list[tuple[int, str, Any]]] = {"services": [], "pods": []}
        self.watched_from: dict[str, list[int]] = {"services": [], "pods": []}
        self.page_tokens: list[str] = []
        self.watching = {"services": 0, "pods": 0}
        self.version = 1
        self.oldest = 0
        self.failing = False
        self.garbage = False
        self.broken = 0
        self.closing = False
        self.url = ""

    def apply(self, kind: str, event: str, manifest: dict[str, Any]) -> None:
        """Add, modify or delete an object."""
        with self.change:
            self.version += 1
            manifest["metadata"]["resourceVersion"] = str(self.version)
            if event == "DELETED":
                del self.objects[kind][manifest["metadata"]["name"]]
            elif event != "BOOKMARK":
                self.objects[kind][manifest["metadata"]["name"]] = manifest
            self.events[kind].append((self.version, event, manifest))
            self.change.notify_all()

    def forget_history(self) -> None:
        """Make every watch expire, open ones and those that will begin before now."""
        with self.change:
            self.version += 1
            self.oldest = self.version
            self.change.notify_all()

    def break_watches(self) -> None:
        """Cut all open watches in the middle of a chunk."""
        with self.change:
            self.broken += 1
            self.change.notify_all()

    def has_news(self, kind: str, version: int, broken: int) -> bool:
        """Whether a watch that has told everything up to a version has something to do."""
        untold = any(at > version for at, _, _ in self.events[kind])
        return untold or self.closing or self.broken > broken or version < self.oldest

    def close(self) -> None:
        with self.change:
            self.closing = True
            self.change.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: KubernetesServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.cluster.failing:
            self._answer(500, {"kind": "Status", "code": 500})
        elif query.get("watch", "").lower() == "true":
            self._watch(KINDS[parts.path], int(query["resourceVersion"]))
        else:
            self._list(KINDS[parts.path], int(query["limit"]), query.get("continue"))

    def _list(self, kind: str, limit: int, token: str | None) -> None:
        cluster = self.cluster
        with cluster.change:
            names = sorted(cluster.objects[kind])
            start = int(token or 0)
            metadata = {"resourceVersion": str(cluster.version)}
            if start + limit < len(names):
                metadata["continue"] = str(start + limit)
            if token:
                cluster.page_tokens.append(token)
            items = [cluster.objects[kind][name] for name in names[start : start + limit]]
        self._answer(200, {"metadata": metadata, "items": items})

    def _answer(self, status: int, body: Any) -> None:
        text = b"<html>" if self.cluster.garbage else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _watch(self, kind: str, version: int) -> None:
        cluster = self.cluster
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with cluster.change:
            cluster.watched_from[kind].append(version)
            cluster.watching[kind] += 1
            broken = cluster.broken
            cluster.change.notify_all()
        try:
            self._send_events(kind, version, broken)
        except OSError:
            self.close_connection = True
        finally:
            with cluster.change:
                cluster.watching[kind] -= 1
                cluster.change.notify_all()

    def _send_events(self, kind: str, version: int, broken: int) -> None:
        cluster = self.cluster
        while True:
            with cluster.change:
                while not cluster.has_news(kind, version, broken):
                    cluster.change.wait()
                if cluster.broken > broken:
                    self.wfile.write(b"ff\r\n{")
                    self.close_connection = True
                    return
                expired = version < cluster.oldest
                news = [event for event in cluster.events[kind] if event[0] > version]
            if expired:
                self._send("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})
            for at, event, manifest in [] if expired else news:
                self._send(event, manifest)
                version = at
            if expired or cluster.closing:
                self.wfile.write(b"0\r\n\r\n")
                return

    def _send(self, event: str, manifest: Any) -> None:
        line = json.dumps({"type": event, "object": manifest}).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving() -> Iterator[KubernetesServer]:
    """Run the server on a free port."""
    cluster = KubernetesServer()
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        cluster.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield cluster
        finally:
            cluster.close()
            server.shutdown()
            thread.join()
