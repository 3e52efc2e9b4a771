"""What nobody waits for any more is not read to its end."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from threading import Event
from urllib.parse import urlsplit

import orjson
import pytest

from oap.query.deps import QueryDeps
from oap.query.meters import QueryMeters
from oap.storage.contract import ServiceTraffic, Template
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.telemetry import catalogue
from oap.telemetry.meters import Meter
from tests.oap.query.client import ask
from tests.oap.query.cluster import dependencies, serving
from tests.oap.storage.test_read_limit import DUCKDB_HOURS
from tests.waiting import until


class _Slow(DuckdbStorage):
    """A real store in which listing the services takes hours, and listing templates until a test lets it end."""

    def __init__(self) -> None:
        super().__init__(StorageSettings(":memory:", threads=1))
        self.is_reading, self.may_read = Event(), Event()

    def services(self) -> Sequence[ServiceTraffic]:
        self.is_reading.set()
        self._database.rows(DUCKDB_HOURS)
        return super().services()

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        self.is_reading.set()
        assert self.may_read.wait(30)
        return super().templates(include_disabled=include_disabled)


@pytest.fixture
def store() -> Iterator[_Slow]:
    with closing(_Slow()) as storage:
        storage.save_template(Template("kept", '{"name":"kept"}', 1))
        yield storage


def _deps(store: _Slow, threads: int) -> QueryDeps:
    # Longer than the client of these tests waits for an answer.
    return replace(dependencies(store, can_change_templates=True), time_limit_s=60, threads=threads)


def _leave(url: str, query: str, is_reading: Event) -> None:
    """Send a request, and close the connection as soon as its reading has begun."""
    address, body = urlsplit(url), orjson.dumps({"query": query})
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        head = f"POST /graphql HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert is_reading.wait(30)


def test_reads_of_a_client_that_left_are_stopped_and_its_thread_is_free_again(store: _Slow) -> None:
    with serving(_deps(store, threads=1)) as url:
        _leave(url, "{ listServices { id } }", store.is_reading)
        assert ask(url, "{ version }") == {"version": "0.1.0-1a2b3c4"}


def test_requests_of_clients_that_left_are_neither_answered_nor_errors(store: _Slow) -> None:
    meters = QueryMeters()
    with serving(replace(_deps(store, threads=1), meters=meters)) as url:
        _leave(url, "{ listServices { id } }", store.is_reading)
        ask(url, "{ version }")
    requests, by_client, by_server, _ = meters.meters()
    assert requests == Meter(catalogue.QUERY_REQUESTS, 1)
    assert by_client == Meter(catalogue.QUERY_ERRORS, 0, ("request",))
    assert by_server == Meter(catalogue.QUERY_ERRORS, 0, ("server",))


def test_what_a_client_that_left_wanted_to_change_is_changed(store: _Slow) -> None:
    with serving(_deps(store, threads=2)) as url:
        _leave(url, 'mutation { disableTemplate(id: "kept") { status } }', store.is_reading)
        # By the time of the last of these answers, the server has noticed that nobody waits.
        for _ in range(20):
            ask(url, "{ version }")
        store.may_read.set()
        until(lambda: not store.templates(), "the template is still in use")
