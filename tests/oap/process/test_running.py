"""A running server, seen from outside."""

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from oap.telemetry.catalogue import CATALOGUE
from tests.oap.process.agents import COLLECT, recent_traffic, send
from tests.oap.process.server_process import ServerProcess, environment, running, samples
from tests.waiting import PATIENCE_S, until

# What a server of these tests has no readings of, and why.
UNREPORTED = {
    "oap_kubernetes_registry_staleness_seconds",  # the Kubernetes API is not followed
    "oap_kubernetes_registry_errors_total",  # the same
    "oap_storage_refused_rows_total",  # the embedded store refuses none
}


def test_the_health_check_answers(server: ServerProcess) -> None:
    assert server.health() == 200
    assert server.ask("{ checkHealth { score details } }")["checkHealth"] == {"score": 0, "details": ""}


def test_the_version_is_one_that_clients_can_read(server: ServerProcess) -> None:
    assert re.fullmatch(r"10\.4\.0-[0-9a-f]{7}", server.ask("{ version }")["version"])


def test_the_page_is_served_where_the_log_says(server: ServerProcess) -> None:
    answer = httpx.get(f"{server.url}/", timeout=PATIENCE_S)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")


def test_services_can_be_listed(server: ServerProcess) -> None:
    def names() -> set[str]:
        return {
            found["name"] for found in server.ask('{ listServices(layer: "K8S_SERVICE") { name } }')["listServices"]
        }

    # Two hand-overs may have taken them.
    until(lambda: len(names()) >= 3, "all services are listed")
    assert names() == {"prod::api.shop", "prod::cache.shop", "prod::web.shop"}


def test_every_name_of_the_catalogue_is_exposed(server: ServerProcess) -> None:
    found = {re.sub("_(bucket|sum|count)$", "", name) for name, _ in server.metrics()}
    found |= {name for name, _ in server.metrics()}
    assert {definition.name for definition in CATALOGUE} - found == UNREPORTED


def test_both_ports_expose_the_same_names(server: ServerProcess) -> None:
    beside_queries = samples(httpx.get(f"{server.url}/metrics", timeout=PATIENCE_S).text)
    assert set(beside_queries) == set(server.metrics())


def test_received_is_folded_and_dropped_and_late_and_refused(server: ServerProcess) -> None:
    parts = [server.total(f"oap_logs_{fate}_total") for fate in ("folded", "dropped", "late", "refused")]
    assert parts[0] > 0
    assert server.total("oap_logs_received_total") == sum(parts)


def test_garbage_on_the_ports_breaks_nothing(server: ServerProcess) -> None:
    host, _, port = server.agents.rpartition(":")
    for at in (int(port), urlsplit(server.url).port, urlsplit(server.metrics_url).port):
        for garbage in (b"\x00" * 5000, b"GET /\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 999, b""):
            with socket.create_connection((host, at or 0), timeout=PATIENCE_S) as connection:
                connection.sendall(garbage)
    with server.channel() as channel:
        send(channel, recent_traffic().streams[0])
    assert server.health() == 200


def test_garbage_in_a_stream_is_counted_and_skipped(server: ServerProcess) -> None:
    sound = recent_traffic().streams[0]
    before = server.metrics()
    with server.channel() as channel:
        send(channel, (sound[0], b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x0f", *sound[1:]))
        send(channel, sound)
    after = server.metrics()

    def growth(name: str, *labels: tuple[str, str]) -> float:
        return after[name, labels] - before[name, labels]

    assert growth("oap_messages_malformed_total", ("reason", "undecodable")) == 2
    assert growth("oap_messages_received_total") == 2 * len(sound) + 2
    assert growth("oap_streams_finished_total") == 2
    assert server.health() == 200


def held_open(message: bytes, ended: threading.Event) -> Iterator[bytes]:
    """A stream that goes on after its one message."""
    yield message
    ended.wait(PATIENCE_S)


def test_a_stream_that_breaks_off_is_counted(server: ServerProcess) -> None:
    opened, before = server.total("oap_streams_opened_total"), server.total("oap_streams_failed_total")
    with server.channel() as channel:
        ended = threading.Event()
        call = channel.stream_unary(COLLECT).future(held_open(recent_traffic().streams[0][0], ended))
        until(lambda: server.total("oap_streams_opened_total") > opened, "it is open")
        call.cancel()
        ended.set()
        until(lambda: server.total("oap_streams_failed_total") == before + 1, "it is counted")
        send(channel, recent_traffic().streams[0])


def test_a_simulated_cluster_shows_its_services(tmp_path: Path) -> None:
    with running(environment(tmp_path / "oap.duckdb"), "--simulate", "bookinfo") as server:
        query = '{ listServices(layer: "K8S_SERVICE") { name } }'

        def names() -> set[str]:
            return {found["name"] for found in server.ask(query)["listServices"]}

        until(lambda: len(names()) == 6, "all services show up")
        assert names() == {
            f"{name}.bookinfo" for name in ("gateway", "productpage", "details", "reviews", "ratings", "redis")
        }
        assert server.stop() == 0
