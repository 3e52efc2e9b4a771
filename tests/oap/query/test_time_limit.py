"""A request that takes too long is answered with an error, and the read behind it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from oap.storage.contract import ServiceTraffic
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.query.client import ask, post
from tests.oap.query.cluster import dependencies, serving
from tests.oap.storage.test_read_limit import DUCKDB_HOURS


class _Slow(DuckdbStorage):
    """A real store in which listing the services takes hours."""

    def services(self) -> Sequence[ServiceTraffic]:
        self._database.rows(DUCKDB_HOURS)
        return super().services()


@pytest.fixture
def slow_url() -> Iterator[str]:
    """Address of a server that answers one request after the other, each within half a second or not at all."""
    storage = _Slow(StorageSettings(":memory:", threads=1))
    with serving(replace(dependencies(storage), time_limit_s=0.5, threads=1)) as url:
        yield url
    storage.close()


def test_a_slow_request_is_refused_and_its_thread_is_free_again(slow_url: str) -> None:
    answer = post(slow_url, "{ listServices { id } }")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {
        "errors": [
            {
                "message": "the answer took longer than 0.5 s, query.requestTimeLimit allows no more; ask for less",
                "extensions": {"classification": "ExecutionAborted"},
            }
        ]
    }
    # There is one thread: were the read still running, nobody would answer this within the limit, nor ever.
    answers = (post(slow_url, "{ version }").json() for _ in range(60))
    assert {"data": {"version": "0.1.0-1a2b3c4"}} in answers


def test_requests_in_time_are_not_touched(cluster_url: str) -> None:
    assert ask(cluster_url, "{ version }") == {"version": "0.1.0-1a2b3c4"}
