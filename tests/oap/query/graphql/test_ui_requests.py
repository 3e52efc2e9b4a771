"""Every request of every page of the Booster UI is answered (spec query 6.1)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.oap.query.graphql.recorded import JSON, Caller
from tests.oap.query.graphql.ui_pages import Asked, Request, pages

PAGES = pages()


@pytest.fixture(scope="module")
def browser(caller: Caller) -> Caller:
    """A client that sends as browsers do, and knows the names that pages need."""
    services = [caller.names[name] for name in ("details", "gateway", "productpage", "ratings", "redis", "reviews")]
    seconds = {"start": "2026-01-01 115500", "end": "2026-01-01 120459", "step": "SECOND", "coldStage": False}
    return Caller(caller.http, {**caller.names, "services": services, "seconds": seconds}, JSON)


@pytest.mark.parametrize("page", PAGES)
def test_every_request_of_a_page_is_answered(page: str, browser: Caller) -> None:
    for request in PAGES[page]:
        data = browser.send(request.document, request.variables)
        if request.asked is not None:
            assert data.keys() == request.asked.keys()
            for alias, result in data.items():
                check(request, request.asked[alias], result)
        elif request.answer is not None:
            assert data == request.answer
        else:
            assert all(data.values()), data


def check(request: Request, asked: Asked, result: Mapping[str, Any]) -> None:
    """A result has the shape that widgets draw."""
    expression = asked.expression
    if request.unknown:
        assert (result["type"], result["results"]) == ("UNKNOWN", []), expression
        assert expression.removeprefix("latest(").rstrip(")").split("/")[0] in result["error"]
    elif request.blank:
        assert (result["type"], result["results"]) == ("UNKNOWN", []), expression
    else:
        assert result["error"] is None, expression
        assert result["type"] == kind(expression)
        [series] = result["results"]
        assert series["metric"] == {"labels": []}
        assert len(series["values"]) == LENGTHS.get(result["type"], len(series["values"]))
        has_value = any(point["value"] is not None for point in series["values"])
        # redis serves no HTTP.
        assert has_value is not (asked.service == "redis.bookinfo" and "_http_" in expression), expression


LENGTHS = {"TIME_SERIES_VALUES": 10, "SINGLE_VALUE": 1}
WORDS = {"top_n(": "SORTED_LIST", "avg(": "SINGLE_VALUE", "latest(": "SINGLE_VALUE", "(avg(": "SINGLE_VALUE"}


def kind(expression: str) -> str:
    """Type of the result of an expression that a page asks for."""
    return next((type_ for word, type_ in WORDS.items() if expression.startswith(word)), "TIME_SERIES_VALUES")


def test_the_settings_page_reads_the_status_of_the_server(browser: Caller) -> None:
    def read(path: str) -> Any:
        answer = browser.http.get(path, headers={"Accept": JSON})
        assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
        return answer.json()

    warm = {"minute": 7, "hour": 7, "day": 7, "coldMinute": -1, "coldHour": -1, "coldDay": -1}
    assert read("/status/config/ttl")["metrics"] == warm
    [node] = read("/status/cluster/nodes")["nodes"]
    assert (node["host"], node["self"]) == ("127.0.0.1", True)
    settings = read("/debugging/config/dump")
    assert settings["core.default.restHost"] == "127.0.0.1"
    assert all(isinstance(value, str) for value in settings.values())
    assert browser.http.get("/healthcheck").status_code == 200


def test_the_instance_topology_is_the_same_with_the_sides_swapped(browser: Caller) -> None:
    request = PAGES["service relation, Topology"][0]
    assert request.variables["clientServiceId"] == "$details"
    sides = {"clientServiceId": "$productpage", "serverServiceId": "$details"}
    swapped = browser.send(request.document, request.variables)
    assert swapped == browser.send(request.document, {**request.variables, **sides})
    assert len(swapped["topology"]["calls"]) == 3 * 2


TOGETHER = [
    request
    for page in ("service, TCP", "pod, TCP", "service relation, TCP", "/Kubernetes/Service")
    for request in PAGES[page]
]


def test_requests_at_the_same_time_get_the_answers_of_requests_one_by_one(browser: Caller) -> None:
    alone = [browser.send(request.document, request.variables) for request in TOGETHER]
    with ThreadPoolExecutor(8) as pool:
        together = pool.map(lambda request: browser.send(request.document, request.variables), TOGETHER)
        assert list(together) == alone


def test_a_wrong_expression_spoils_no_other_of_its_request(browser: Caller) -> None:
    whole = PAGES["service, TCP"][1]
    assert whole.asked is not None
    wrong = {"expression10": "latest(", "expression55": "no_such_metric"}
    data = browser.send(whole.document, {**whole.variables, **wrong})
    expected = dict(browser.send(whole.document, whole.variables))
    for alias in wrong:
        assert (data[alias]["type"], data[alias]["results"]) == ("UNKNOWN", [])
        assert data[alias]["error"]
        expected[alias] = data[alias]
    assert data == expected
    assert len(data) == 18
