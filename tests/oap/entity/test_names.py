"""Names are cut, grouped and put together as upstream does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oap.entity.names import NameLimits, endpoint_name, group_and_short_name, http_method, truncate


def test_default_limits() -> None:
    assert NameLimits() == NameLimits(service=70, instance=70, endpoint=150)


@pytest.mark.parametrize(
    ("name", "limit", "cut"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("", 3, ""),
        ("a", 0, ""),
        ("商品商品", 3, "商品商"),
        ("商品商", 3, "商品商"),
        ("😀😀", 4, "😀😀"),
        ("😀😀", 2, "😀"),
        ("a😀😀", 3, "a😀"),
    ],
)
def test_names_are_cut_by_utf16_code_units(name: str, limit: int, cut: str) -> None:
    assert truncate(name, limit) == cut


@pytest.mark.parametrize(("name", "limit", "cut"), [("😀😀", 3, "😀"), ("a😀", 2, "a"), ("😀", 1, "")])
def test_a_character_that_would_be_halved_goes_whole(name: str, limit: int, cut: str) -> None:
    assert truncate(name, limit) == cut


@given(name=st.text(alphabet=st.characters(exclude_categories=["Cs"])), limit=st.integers(0, 40))
def test_a_cut_name_is_a_prefix_that_fits_and_can_be_encoded(name: str, limit: int) -> None:
    cut = truncate(name, limit)
    assert name.startswith(cut)
    assert len(cut.encode("utf-16-le")) <= 2 * limit
    cut.encode()


@pytest.mark.parametrize(
    ("name", "group", "short_name"),
    [
        ("prod::reviews.bookinfo", "prod", "reviews.bookinfo"),
        ("reviews.bookinfo", None, "reviews.bookinfo"),
        ("::reviews", None, "::reviews"),
        ("a::b::c", "a", "b::c"),
        ("a::", "a", ""),
        ("a:b", None, "a:b"),
        ("", None, ""),
    ],
)
def test_group_and_short_name(name: str, group: str | None, short_name: str) -> None:
    assert group_and_short_name(name) == (group, short_name)


def test_http_methods_have_the_names_of_the_wire_enum() -> None:
    assert [http_method(number) for number in range(-1, 10)] == [
        "UNRECOGNIZED",
        "Get",
        "Post",
        "Put",
        "Delete",
        "Head",
        "Patch",
        "Options",
        "Trace",
        "Connect",
        "UNRECOGNIZED",
    ]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        (0, "/reviews/0", "GET:/reviews/0"),
        (1, "/x?a=1", "POST:/x?a=1"),
        (6, "", "OPTIONS:"),
        (99, "/x", "UNRECOGNIZED:/x"),
    ],
)
def test_endpoint_name(method: int, path: str, name: str) -> None:
    assert endpoint_name(method, path) == name
