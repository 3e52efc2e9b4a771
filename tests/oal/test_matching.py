"""The meaning of every operator on single values."""

import pytest

from oal.matching import MatchLiteral, Value, like, matches, parsed_integer


@pytest.mark.parametrize(
    ("value", "operator", "literal", "expected"),
    [
        (None, "==", None, True),
        (None, "!=", None, False),
        ("", "==", None, False),
        ("", "!=", None, True),
        (None, "==", "x", False),
        (None, "!=", "x", True),
        (None, "like", "%%", False),
        (None, "in", ("x",), False),
        (None, "contain", "x", False),
        (None, "not contain", "x", False),
        (5, "==", 5, True),
        (5, ">", 5, False),
        (5, ">=", 5, True),
        (2.5, "<", 3, True),
        (4, "<=", 3, False),
        (404, "in", (404, 500), True),
        ("a.b", "in", ("a.b",), True),
        (("k:v", "x"), "contain", "k:v", True),
        (("k:vv",), "contain", "k:v", False),
        (("k:vv",), "not contain", "k:v", True),
        ((), "not contain", "k:v", True),
        (True, "!=", False, True),
        ('"x"', "==", "x", False),
    ],
)
def test_operator(value: Value, operator: str, literal: MatchLiteral, expected: bool) -> None:
    assert matches(value, operator, literal) is expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("pay-v1", "pay%", True),
        ("prepay", "%pay", True),
        ("repay-x", "%pay%", True),
        ("PAY", "pay%", False),
        ("", "%%", True),
        ("x", "%", True),
        ("abc", "abc", False),
        ("abc", "a%c", False),
        ("", "", False),
        ("a_c", "a_c", False),
        ("a%cd", "a%c%", True),
        ("abcd", "a%c%", False),
    ],
)
def test_like(text: str, pattern: str, expected: bool) -> None:
    assert like(text, pattern) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", None),
        ("0" * 5000 + "1", 1),
        ("9" * 5000, None),
        ("", None),
        ("-", None),
        ("1.5", None),
        (" 1", None),
        ("1_0", None),
        ("٣", None),
    ],
)
def test_a_cast_takes_plain_64_bit_integers(text: str, expected: int | None) -> None:
    assert parsed_integer(text) == expected
