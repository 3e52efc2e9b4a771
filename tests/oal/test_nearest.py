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
        ("ab", ["ba"], None),
        ("protokoll", ["protocol"], "protocol"),
        ("x", [], None),
    ],
)
def test_the_nearest_name_within_a_third_of_the_length(word: str, candidates: list[str], expected: str | None) -> None:
    assert nearest(word, candidates) == expected


def test_distance_counts_single_edits() -> None:
    assert [edit_distance("kitten", "sitting"), edit_distance("", "abc"), edit_distance("a", "a")] == [3, 3, 0]


def test_an_excerpt_names_the_shortest() -> None:
    assert (
        excerpt(["latency", "url", "method", "statusCode", "sizeOfRequestBody"])
        == "latency, method, statusCode, url, ..."
    )
    assert excerpt(["b", "a"]) == "a, b"
