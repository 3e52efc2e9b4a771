"""What a request costs the store."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest

from oap.storage.contract import Storage
from tests.oap.query.client import RANGE, ask
from tests.oap.query.cluster import PAGE, REVIEWS, dependencies, fill, memory_store, serving

_FIELD = "{ type results { metric { labels { key value } } values { id value } } error }"
_SERVICE_METRICS = ("http_call_cpm", "http_call_time", "http_call_successful_rate", "write_time", "connect_cpm")
_POD = {"serviceName": PAGE, "normal": True, "serviceInstanceName": "productpage-v1-0"}


class CountingStorage:
    """A real store; counts how often each of its methods is called."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._storage, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return method(*arguments, **named)

        return counted


@pytest.fixture(scope="module")
def counting() -> Iterator[CountingStorage]:
    with memory_store() as storage:
        fill(storage)
        yield CountingStorage(storage)


@pytest.fixture
def url(counting: CountingStorage) -> Iterator[str]:
    with serving(dependencies(cast("Storage", counting))) as address:
        counting.calls.clear()
        yield address


def _fields(expressions: list[str], entity: str, at: int = 0) -> str:
    return " ".join(
        f'e{at + number}: execExpression(expression: "{expression}", entity: ${entity}, duration: $d) {_FIELD}'
        for number, expression in enumerate(expressions)
    )


def _services(count: int) -> list[str]:
    metrics = [f"kubernetes_service_{name}" for name in _SERVICE_METRICS]
    return [f"round({metrics[number % 5]} / {number + 1}, 1)" for number in range(count)]


def test_twenty_expressions_over_three_families_are_three_reads(counting: CountingStorage, url: str) -> None:
    plain = _services(12)
    labelled = [f"kubernetes_service_percentile{{p='{rank}'}}" for rank in (50, 75, 90, 99)]
    lists = [f"top_n(kubernetes_service_http_call_cpm,{count},des)" for count in (1, 2, 3, 4)]
    query = (
        "query ($e: Entity!, $all: Entity!, $d: Duration!) {"
        f"{_fields(plain, 'e')} {_fields(labelled, 'e', 12)} {_fields(lists, 'all', 16)} }}"
    )
    answer = ask(url, query, e={"serviceName": PAGE, "normal": True}, all={}, d=RANGE)
    assert counting.calls == {"series": 1, "labeled_series": 1, "top_n": 1}
    assert [answer[f"e{number}"]["type"] for number in (0, 12, 16)] == [
        "TIME_SERIES_VALUES",
        "TIME_SERIES_VALUES",
        "SORTED_LIST",
    ]
    assert [one["error"] for one in answer.values()] == [None] * 20


def test_sixty_expressions_of_two_entities_are_read_at_once(counting: CountingStorage, url: str) -> None:
    query = f"query ($e: Entity!, $f: Entity!, $d: Duration!) {{ {_fields(_services(30), 'e')} "
    query += f"{_fields(_services(30), 'f', 30)} }}"
    entities = [{"serviceName": name, "normal": True} for name in (PAGE, REVIEWS)]
    answer = ask(url, query, e=entities[0], f=entities[1], d=RANGE)
    assert counting.calls == {"series": 1}
    assert len([one for one in answer.values() if one["results"][0]["values"][5]["value"] is not None]) == 60


def test_global_lists_of_one_request_are_read_at_once(counting: CountingStorage, url: str) -> None:
    lists = [f"top_n(kubernetes_service_{name},3,des)" for name in _SERVICE_METRICS]
    answer = ask(url, f"query ($e: Entity!, $d: Duration!) {{ {_fields(lists, 'e')} }}", e={}, d=RANGE)
    assert counting.calls == {"top_n": 1}
    assert [len(one["results"][0]["values"]) for one in answer.values()] == [3] * 5


def test_reads_of_fragments_and_of_older_fields_are_joined(counting: CountingStorage, url: str) -> None:
    query = """query ($e: Entity!, $c: MetricsCondition!, $d: Duration!) {
        ...more
        ... on Query { b: readMetricsValue(condition: $c, duration: $d) }
        c: readMetricsValues(condition: $c, duration: $d) { values { values { value } } }
    }
    fragment more on Query { a: execExpression(expression: "latest(kubernetes_service_instance_http_call_cpm)",
        entity: $e, duration: $d) { results { values { value } } } }"""
    condition = {"name": "kubernetes_service_http_call_cpm", "entity": _POD}
    answer = ask(url, query, e=_POD, c=condition, d=RANGE)
    assert counting.calls == {"series": 1}
    assert answer["b"] == sum(one["value"] for one in answer["c"]["values"]["values"]) // 30


def test_a_bad_expression_leaves_the_others_alone(counting: CountingStorage, url: str) -> None:
    expressions = [*_services(19), "nothing_of_this_name"]
    query = f"query ($e: Entity!, $d: Duration!) {{ {_fields(expressions, 'e')} }}"
    answer = ask(url, query, e={"serviceName": PAGE, "normal": True}, d=RANGE)
    assert counting.calls == {"series": 1}
    assert [number for number in range(20) if answer[f"e{number}"]["error"]] == [19]
