"""Ends of block comments."""

import pytest

from oal.comments import CommentEnds


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("/* a */ b", 7),
        ("/**/ */", 4),
        ("/* a /* b */ c */ d", 17),
        ("/* a /* b */ c", 12),
        ("/* /* */ */ */", 11),
        ("/* /* /* */ */", 11),
        ("/*/ */", 6),
        ("/*/", None),
        ("/* a", None),
    ],
)
def test_a_comment_ends_when_balanced_or_at_the_first_closing(text: str, end: int | None) -> None:
    assert CommentEnds(text).of(0) == end


def test_later_comments_of_a_text_are_paired_by_themselves() -> None:
    text = "/* /* */ x /* /* y */ */ /*"
    ends = CommentEnds(text)
    assert [ends.of(0), ends.of(11), ends.of(25)] == [8, 24, None]


def test_a_start_inside_other_edges_is_paired_anew() -> None:
    ends = CommentEnds("/*/* */")
    assert [ends.of(0), ends.of(2)] == [7, 7]
    off_by_one = CommentEnds("*/*/ */")
    assert [off_by_one.of(1), off_by_one.of(1)] == [7, 7]
