"""Near matches."""

import pytest

from oal.nearest import edit_distance, excerpt, nearest


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("latncy", ["latency", "status"], "latency"),
        ("LONGAVG", ["longAvg", "doubleAvg"], "longAvg"),
        ("service", ["Service", "Endpoint"], "Service"),
        ("abc", ["abd", "abe"], "abd"),
        ("ab", ["ba"], "ba"),
        ("ab", ["bc"], None),
        ("form", ["from", "filter"], "from"),
        ("status_code", ["statusCode", "status"], "statusCode"),
        ("K8S_SERVICE", ["K8SService", "K8SEndpoint"], "K8SService"),
        ("aB", ["ab", "AB", "a_b"], "AB"),
        ("protokoll", ["protocol"], "protocol"),
        ("x", [], None),
    ],
)
def test_the_nearest_name_within_a_third_of_the_length(word: str, candidates: list[str], expected: str | None) -> None:
    assert nearest(word, candidates) == expected


def test_distance_counts_single_edits() -> None:
    words = [("kitten", "sitting"), ("", "abc"), ("a", "a"), ("abcd", "acbd"), ("abc", "cab"), ("ab", "ba")]
    assert [edit_distance(left, right) for left, right in words] == [3, 3, 0, 1, 2, 1]


def test_an_excerpt_names_the_shortest() -> None:
    assert (
        excerpt(["latency", "url", "method", "statusCode", "sizeOfRequestBody"])
        == "latency, method, statusCode, url, ..."
    )
    assert excerpt(["b", "a"]) == "a, b"
