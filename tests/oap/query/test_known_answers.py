"""Answers about metrics are told again until something is stored."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import numpy as np
import pytest

from oal.functions.contract import Column
from oap.query.known_answers import VALID_S
from oap.storage.contract import HandOver, MetricRows, SeriesRead, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from tests.clock import HandClock
from tests.oap.query.cluster import FIRST, LAST, NOW, PAGE, dependencies, fill, hand_over, serving

CALLS = "kubernetes_service_http_call_cpm"
QUERY = """query data($entity: Entity!, $duration: Duration!) {
  calls: execExpression(expression: "%s", entity: $entity, duration: $duration) { error results { values { value } } } %s
}"""


class CountedStore(DuckdbStorage):
    """Counts how often series are read; ``is_away`` makes it refuse."""

    def __init__(self) -> None:
        super().__init__(StorageSettings(":memory:", threads=1))
        self.reads = 0
        self.is_away = False

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> "Sequence[dict[int, int | float]]":
        self.reads += 1
        if self.is_away:
            raise StorageUnavailable("it is away")
        return [dict(points) for points in super().series(reads, first, last)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A server and what is behind it."""

    url: str
    store: CountedStore
    timed: TimedStorage
    clock: HandClock

    def calls(self, more: str = "", expression: str = CALLS) -> httpx.Response:
        """The answer to one request about a metric."""
        duration = {"start": _text(FIRST), "end": _text(LAST), "step": "MINUTE"}
        variables = {"entity": {"serviceName": PAGE, "normal": True}, "duration": duration}
        return httpx.post(f"{self.url}/graphql", json={"query": QUERY % (expression, more), "variables": variables})


def _text(bucket: int) -> str:
    text = str(bucket)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:]}"


@contextmanager
def asked_of(*, counts: bool) -> Iterator[Asked]:
    store = CountedStore()
    timed, clock = TimedStorage(store), HandClock(NOW)
    fill(timed)
    deps = replace(dependencies(timed), clock=clock, written=(lambda: timed.written) if counts else None)
    with serving(deps) as url:
        yield Asked(url, store, timed, clock)
    store.close()


@pytest.fixture
def asked() -> Iterator[Asked]:
    with asked_of(counts=True) as asked:
        yield asked


def test_the_same_request_is_read_once(asked: Asked) -> None:
    first, second = asked.calls(), asked.calls()
    assert first.json()["data"]["calls"]["error"] is None
    assert (second.status_code, second.content, second.headers["content-type"]) == (
        200,
        first.content,
        "application/json",
    )
    assert asked.store.reads == 1


def test_what_is_stored_is_seen_at_once(asked: Asked) -> None:
    before = asked.calls().content
    asked.timed.write(HandOver(metrics=[_doubled(rows) for rows in hand_over().metrics]))
    assert asked.calls().content != before
    assert asked.store.reads == 2


def _doubled(rows: MetricRows) -> MetricRows:
    """Rows of the metrics whose columns are all numbers, with other numbers."""
    numbers = [one for one in rows.metrics if all(isinstance(values, np.ndarray) for values in one.columns.values())]
    return replace(rows, metrics=[replace(one, columns=_twice(one.columns)) for one in numbers])


def _twice(columns: Mapping[str, Column]) -> Mapping[str, Any]:
    return {name: values * 2 for name, values in columns.items() if isinstance(values, np.ndarray)}


def test_an_answer_is_not_older_than_half_a_minute(asked: Asked) -> None:
    asked.calls()
    asked.clock.advance(VALID_S + 1)
    asked.calls()
    assert asked.store.reads == 2


def test_another_request_is_read_for_itself(asked: Asked) -> None:
    asked.calls()
    asked.calls(expression=f"{CALLS} * 2")
    assert asked.store.reads == 2


def test_what_else_is_in_a_request_is_asked_anew(asked: Asked) -> None:
    asked.calls("health: checkHealth { score }")
    asked.calls("health: checkHealth { score }")
    assert asked.store.reads == 2


def test_a_store_that_refuses_is_asked_again(asked: Asked) -> None:
    asked.store.is_away = True
    assert "it is away" in asked.calls().json()["data"]["calls"]["error"]
    asked.store.is_away = False
    assert asked.calls().json()["data"]["calls"]["error"] is None


def test_nothing_is_kept_where_nobody_counts_what_is_stored() -> None:
    with asked_of(counts=False) as asked:
        asked.calls()
        asked.calls()
        assert asked.store.reads == 2
