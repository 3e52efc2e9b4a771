from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.oap.query.client import ask, post

JSON = {"Content-Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize("variables", [',"variables":null', ',"variables":{}', ""])
def test_variables_may_be_absent_or_null(variables: str, cluster_url: str) -> None:
    body = f'{{"query":"{{ version }}"{variables}}}'
    answer = httpx.post(f"{cluster_url}/graphql", content=body, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"data": {"version": "0.1.0-1a2b3c4"}}


def test_raw_query_text_is_taken(cluster_url: str) -> None:
    headers = {"Content-Type": "application/graphql"}
    answer = httpx.post(f"{cluster_url}/graphql", content="{ version }", headers=headers)
    assert answer.json() == {"data": {"version": "0.1.0-1a2b3c4"}}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ("{ version }", {"Content-Type": "text/plain"}, 415),
        ("{ version }", {}, 415),
        ("", JSON, 400),
        ("no json", JSON, 400),
        ("[]", JSON, 400),
        ('{"variables": {}}', JSON, 400),
        ('{"query": "{ version }", "variables": 1}', JSON, 400),
    ],
)
def test_body_that_is_no_request_is_refused(
    content: str, headers: dict[str, str], status: int, cluster_url: str
) -> None:
    answer = httpx.post(f"{cluster_url}/graphql", content=content.encode(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_only_post_is_allowed(method: str, cluster_url: str) -> None:
    assert httpx.request(method, f"{cluster_url}/graphql").status_code == 405


@pytest.mark.parametrize(
    ("query", "status", "classification"),
    [
        ("{ nothing }", 400, "ValidationError"),
        ("{ version", 200, "InvalidSyntax"),
        ('{ getEndpointInfo(endpointId: "x") { id } }', 200, "DataFetchingException"),
    ],
)
def test_errors_have_status_and_class_of_their_kind(
    query: str, status: int, classification: str, cluster_url: str
) -> None:
    answer = post(cluster_url, query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert [one["extensions"]["classification"] for one in answer.json()["errors"]] == [classification]


def test_a_request_for_too_many_fields_is_refused(cluster_url: str) -> None:
    def asking(fields: int) -> httpx.Response:
        return post(cluster_url, "{ " + " ".join(f"a{number}: version" for number in range(fields)) + " }")

    assert "errors" not in asking(3000).json()
    assert asking(3001).json() == {
        "errors": [
            {
                "message": "the query asks for 3001 fields, query.maxQueryComplexity allows 3000",
                "extensions": {"classification": "ExecutionAborted"},
            }
        ]
    }


def test_variable_that_does_not_fit_is_an_error_with_status_200(cluster_url: str) -> None:
    answer = post(cluster_url, "query q($id: String!) { getService(serviceId: $id) { id } }", id=1)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"] == {"classification": "ExecutionAborted"}


def test_failed_field_is_reported_at_its_alias(cluster_url: str) -> None:
    answer = post(cluster_url, '{ version result: getEndpointInfo(endpointId: "x") { id } }').json()
    assert answer["data"] == {"version": "0.1.0-1a2b3c4", "result": None}
    assert answer["errors"][0]["path"] == ["result"]


def test_operation_is_chosen_by_name(cluster_url: str) -> None:
    body = {"query": "query a { version } query b { listLayers }", "operationName": "a"}
    answer = httpx.post(f"{cluster_url}/graphql", json=body)
    assert answer.json() == {"data": {"version": "0.1.0-1a2b3c4"}}


def test_parallel_requests_get_the_same_answers_as_one(cluster_url: str) -> None:
    query = "{ listServices { name layers } getMenuItems { title activate } }"
    alone = ask(cluster_url, query)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(cluster_url, query), range(8)))
    assert answers == [alone] * 8
