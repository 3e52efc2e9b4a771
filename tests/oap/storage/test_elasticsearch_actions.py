import pytest

from oap.storage.elasticsearch.actions import Actions, index_action, joined, requests


def cut(*lengths: int, most_actions: int = 100, most_bytes: int = 100) -> list[list[int]]:
    """Lengths of the actions of each request."""
    several = [joined([b"x" * length]) for length in lengths]
    made = list(requests(several, most_actions, most_bytes))
    assert b"".join(each.content for each in made) == b"x" * sum(lengths)
    return [_lengths(each) for each in made]


def _lengths(actions: Actions) -> list[int]:
    return [len(actions.part(at, at + 1).content) for at in range(len(actions))]


@pytest.mark.parametrize(
    ("lengths", "most_actions", "most_bytes", "expected"),
    [
        ((), 9, 99, []),
        ((5, 6, 7), 9, 99, [[5, 6, 7]]),
        ((5, 6, 7), 2, 99, [[5, 6], [7]]),
        ((5, 6, 7), 9, 11, [[5, 6], [7]]),
        ((5, 6, 7), 9, 10, [[5], [6], [7]]),
        ((50, 1, 50), 9, 10, [[50], [1], [50]]),
    ],
)
def test_requests_are_cut_by_actions_and_bytes(
    lengths: tuple[int, ...], most_actions: int, most_bytes: int, expected: list[list[int]]
) -> None:
    assert cut(*lengths, most_actions=most_actions, most_bytes=most_bytes) == expected


def test_many_actions_at_once_are_cut_too() -> None:
    made = list(requests([joined([b"abc", b"de", b"f", b"ghi"])], 3, 5))
    assert [bytes(each.content) for each in made] == [b"abcde", b"fghi"]


def test_some_actions_can_be_taken_out() -> None:
    actions = joined([b"abc", b"de", b"f"]).part(1, 3)
    assert bytes(actions.only([1]).content) == b"f"
    assert bytes(joined([b"abc", b"de", b"f"]).only([0, 2]).content) == b"abcf"


def test_an_action_is_two_lines() -> None:
    assert index_action("sw_metrics-all-20250611", "a", {"value": 1}) == (
        b'{"index":{"_index":"sw_metrics-all-20250611","_id":"a"}}\n{"value":1}\n'
    )
