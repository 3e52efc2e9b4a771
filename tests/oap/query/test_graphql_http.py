"""How much one request may ask for, and many at once."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.oap.query.client import ask, post


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


def test_a_request_of_too_many_words_is_refused_before_they_are_all_read(cluster_url: str) -> None:
    [error] = post(cluster_url, "{" + " version" * 30_000 + " }").json()["errors"]
    assert error["extensions"] == {"classification": "InvalidSyntax"}
    assert error["message"] == "Syntax Error: Document contains more than 30000 tokens. Parsing aborted."


def test_parallel_requests_get_the_same_answers_as_one(cluster_url: str) -> None:
    query = "{ listServices { name layers } getMenuItems { title activate } }"
    alone = ask(cluster_url, query)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(cluster_url, query), range(8)))
    assert answers == [alone] * 8
