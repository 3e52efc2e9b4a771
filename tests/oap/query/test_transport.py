"""The HTTP behaviour of GraphQL, row by row."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from oap.query.deps import QueryDeps
from oap.storage.contract import MetricModel
from tests.oap.query.client import RANGE
from tests.oap.query.cluster import PAGE, dependencies, memory_store, serving

JSON = {"Content-Type": "application/json"}
VERSION = '{"query": "{ version }"}'
GOOD = {"data": {"version": "0.1.0-1a2b3c4"}}
TWO = "query a { version } query b { listLayerLevels { level } }"
BACKWARDS = {**RANGE, "start": RANGE["end"], "end": RANGE["start"]}


def _send(url: str, content: str | bytes, headers: Mapping[str, str]) -> httpx.Response:
    """A POST with these headers only; httpx would add an Accept header of its own."""
    request = httpx.Request("POST", f"{url}/graphql", content=content, headers=headers)
    request.headers.pop("accept", None)
    request.headers.update(headers)
    with httpx.Client(timeout=30) as client:
        return client.send(request)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (VERSION, JSON),
        (VERSION, {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json; charset=utf-8"}),
        (VERSION, {"Content-Type": "APPLICATION/JSON", "Accept": "text/html, application/*;q=0.1"}),
        (VERSION, {**JSON, "Accept": "*/*", "Authorization": "Basic c3djdGw6c2VjcmV0", "Origin": "http://127.0.0.1:9"}),
        ('{"query": "{ version }", "variables": null}', JSON),
        ('{"query": "{ version }", "variables": {}}', JSON),
        ('{"query": "{ version }", "variables": {"unused": 1}, "extensions": {"x": 1}, "operationName": null}', JSON),
        ('{"query": "{ version }", "operationName": ""}', JSON),
        (f'{{"query": "{TWO}", "operationName": "a"}}', JSON),
        ("{ version }", {"Content-Type": "application/graphql"}),
        ("query onlyOne { version }", {"Content-Type": "application/graphql; charset=utf-8"}),
    ],
)
def test_requests_that_are_answered(content: str, headers: Mapping[str, str], cluster_url: str) -> None:
    answer = _send(cluster_url, content, headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == GOOD
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_client_that_takes_only_the_media_type_of_graphql_gets_it(cluster_url: str) -> None:
    kind = "application/graphql-response+json"
    answer = _send(cluster_url, VERSION, {**JSON, "Accept": kind})
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, kind, GOOD)


def test_a_client_may_tell_what_it_takes_in_several_lines(cluster_url: str) -> None:
    accept = [("Content-Type", "application/json"), ("Accept", "text/html"), ("Accept", "application/json")]
    answer = httpx.post(f"{cluster_url}/graphql", content=VERSION, headers=accept)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", GOOD)


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0", "*/*; q=0.0"])
def test_a_client_that_takes_no_json_is_told(accept: str, cluster_url: str) -> None:
    answer = _send(cluster_url, VERSION, {**JSON, "Accept": accept})
    assert (answer.status_code, answer.text) == (406, "answers are application/json\n")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (VERSION, {}, 415),
        (VERSION, {"Content-Type": "text/plain"}, 415),
        (VERSION, {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("", JSON, 400),
        ("  \n", JSON, 400),
        ("", {"Content-Type": "application/graphql"}, 400),
        ("{ version }", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        ("[" + VERSION + "]", JSON, 400),
        ("{}", JSON, 400),
        ('{"variables": {}}', JSON, 400),
        ('{"query": null}', JSON, 400),
        ('{"query": 1}', JSON, 400),
        ('{"query": "{ version }", "variables": []}', JSON, 400),
        ('{"query": "{ version }", "operationName": 1}', JSON, 400),
    ],
)
def test_requests_that_are_none(
    content: str | bytes, headers: Mapping[str, str], status: int, cluster_url: str
) -> None:
    answer = _send(cluster_url, content, headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert answer.text.strip()


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
def test_a_request_of_more_than_ten_megabytes_is_refused(declared: bool, cluster_url: str) -> None:
    body = VERSION.encode().ljust(10 * 1024 * 1024 + 1)

    def post(content: bytes) -> httpx.Response:
        return httpx.post(
            f"{cluster_url}/graphql", content=content if declared else iter([content]), headers=JSON, timeout=30
        )

    assert post(body[:-1]).json() == GOOD
    answer = post(body)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    assert answer.text == "a request may have 10485760 bytes\n"


def test_a_client_that_leaves_before_its_request_is_complete_is_no_fault(
    cluster_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(cluster_url)
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        head = f"POST /graphql HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    # By the time of the last of these answers, the server has noticed.
    for _ in range(20):
        assert _send(cluster_url, VERSION, JSON).json() == GOOD
    assert caplog.messages == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_not_allowed(method: str, cluster_url: str) -> None:
    origin = {"Origin": "http://127.0.0.1:9", "Access-Control-Request-Method": "POST"}
    answer = httpx.request(method, f"{cluster_url}/graphql?query={{version}}", headers=origin)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("sent", "status", "data", "error"),
    [
        ({"query": "{ version"}, 200, "absent", {"locations": [{"line": 1, "column": 10}], "of": "InvalidSyntax"}),
        ({"query": "{ }"}, 200, "absent", {"locations": [{"line": 1, "column": 3}], "of": "InvalidSyntax"}),
        (
            {"query": "{ checkHealth {} }"},
            200,
            "absent",
            {"locations": [{"line": 1, "column": 16}], "of": "InvalidSyntax"},
        ),
        ({"query": "{ nothing }"}, 400, "absent", {"locations": [{"line": 1, "column": 3}], "of": "ValidationError"}),
        (
            {"query": "{ getService(serviceId: 1, no: 2) { nothing } }"},
            400,
            "absent",
            {"locations": [{"line": 1, "column": 25}], "of": "ValidationError"},
        ),
        (
            {"query": "query ($s: Nothing!) { version }"},
            400,
            "absent",
            {"locations": [{"line": 1, "column": 8}], "of": "ValidationError"},
        ),
        ({"query": TWO}, 200, None, {"of": "ExecutionAborted"}),
        ({"query": TWO, "operationName": "c"}, 200, None, {"of": "ExecutionAborted"}),
        (
            {"query": "query ($id: ID!) { getService(serviceId: $id) { id } }"},
            400,
            "absent",
            {"of": "ValidationError", "locations": [{"line": 1, "column": 8}, {"line": 1, "column": 42}]},
        ),
        (
            {"query": "query ($id: String!) { getService(serviceId: $id) { id } }", "variables": None},
            200,
            None,
            {"of": "ExecutionAborted", "locations": [{"line": 1, "column": 8}]},
        ),
        (
            {"query": '{ version a: getEndpointInfo(endpointId: "x") { id } }'},
            200,
            {"version": "0.1.0-1a2b3c4", "a": None},
            {"of": "DataFetchingException", "path": ["a"], "locations": [{"line": 1, "column": 11}]},
        ),
    ],
)
def test_errors_tell_what_where_and_of_which_kind(
    sent: Mapping[str, Any], status: int, data: object, error: Mapping[str, Any], cluster_url: str
) -> None:
    answer = httpx.post(f"{cluster_url}/graphql", json=sent)
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert body.get("data", "absent") == data
    first = body["errors"][0]
    assert first.pop("message")
    assert first.pop("extensions") == {"classification": error["of"]}
    assert first == {name: value for name, value in error.items() if name != "of"}


def test_one_failed_expression_takes_the_whole_answer_with_it(cluster_url: str) -> None:
    query = """query ($e: Entity!, $good: Duration!, $bad: Duration!) {
        a: execExpression(expression: "1", entity: $e, duration: $good) { type }
        b: execExpression(expression: "1", entity: $e, duration: $bad) { type }
    }"""
    variables = {"e": {"serviceName": PAGE, "normal": True}, "good": RANGE, "bad": BACKWARDS}
    answer = httpx.post(f"{cluster_url}/graphql", json={"query": query, "variables": variables})
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert [error["path"] for error in answer.json()["errors"]] == [["b"]]


def test_wrong_expressions_are_told_in_their_own_fields(cluster_url: str) -> None:
    texts = ["nosuch", "avg(", "1 @ 2", "top_n(kubernetes_service_percentile,3,des)", "1 +"]
    fields = " ".join(
        f'e{number}: execExpression(expression: "{text}", entity: {{}}, duration: $d)'
        " { type results { values { id } } error }"
        for number, text in enumerate([*texts, "2"])
    )
    query = f"query ($d: Duration!) {{ {fields} }}"
    answer = httpx.post(f"{cluster_url}/graphql", json={"query": query, "variables": {"d": RANGE}}).json()
    assert "errors" not in answer
    wrong = [answer["data"][f"e{number}"] for number in range(5)]
    assert [(one["type"], one["results"], bool(one["error"])) for one in wrong] == [("UNKNOWN", [], True)] * 5
    assert answer["data"]["e5"] == {"type": "SINGLE_VALUE", "results": [{"values": [{"id": None}]}], "error": None}


def _broken() -> Mapping[str, MetricModel]:
    raise ValueError("planted")


@pytest.fixture
def broken_url() -> Iterator[str]:
    """Address of a server with a fault outside of all resolvers."""
    with memory_store() as storage:
        deps: QueryDeps = replace(dependencies(storage), models=_broken)
        with serving(deps) as url:
            yield url


def test_a_fault_of_the_server_has_status_500_and_json(broken_url: str) -> None:
    answer = _send(broken_url, VERSION, JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/json")
    assert answer.json() == {"errors": [{"message": "the server failed to answer; its log says why"}]}
