import pytest

from oal.span import Span
from oap.dashboards.json_text import JsonTextError, parse_json


def test_values_come_with_comments_left_out() -> None:
    text = '\ufeff// a\n[{"a": -1.5e3, /* "b": 1, * / **/ "c": [true, false, null, "//\\u00e9\\n"]}, {}, []] // end'
    assert parse_json(text).plain() == [{"a": -1500.0, "c": [True, False, None, "//é\n"]}, {}, []]


def test_values_know_where_they_and_their_keys_stand() -> None:
    node = parse_json('{\n  "a": {"b": [1,\n 2]}}')
    inner = node.at("a", "b")
    assert (inner.span, inner.key) == (Span(2, 14, 3, 4), Span(2, 9, 2, 12))
    assert [item.span for item in inner.items] == [Span(2, 15, 2, 16), Span(3, 2, 3, 3)]


def test_a_missing_value_is_null_where_it_was_looked_for() -> None:
    node = parse_json('[{"a": 1}]').items[0]
    assert (node.at("b", "c").value, node.at("b", "c").span) == (None, Span(1, 2, 1, 10))


def test_characters_of_a_text_are_found_behind_escapes() -> None:
    node = parse_json(r'{"q": "é\u00e9\"\ud83d\ude80cd"}').at("q")
    assert node.text == 'éé"🚀cd'
    assert node.inside(4, 2) == Span(1, 29, 1, 31)
    assert node.inside(3) == Span(1, 17, 1, 29)


def test_the_first_of_two_entries_counts_and_the_other_is_remembered() -> None:
    node = parse_json('{"a": 1, "a": 2}')
    assert (node.plain(), [one.span for one in node.repeated]) == ({"a": 1}, [Span(1, 15, 1, 16)])


@pytest.mark.parametrize(
    ("text", "said", "place", "hint"),
    [
        ("", "the file is empty", (1, 1), ""),
        ("[1,\n", "the text ends too early", (2, 1), ""),
        ('[{"a": 1,}]', "unexpected }", (1, 10), "no comma stands in front of it, nor a value that is missing"),
        ("[1\n 2]", "unexpected 2", (2, 2), "is a comma missing in front of it?"),
        ('{"a" 1}', "unexpected 1", (1, 6), "is a colon missing in front of it?"),
        ("['a']", "unexpected character '''", (1, 2), 'texts stand between double quotes: "'),
        ('["a\nb"]', "unexpected character '\"'", (1, 2), 'a text ends on its line with "'),
        ("[\x00]", "unexpected character U+0000", (1, 2), ""),
        ("[1] [2]", "unexpected [", (1, 5), ""),
        ('["\\ud800"]', "half of a character: \\uD800 to \\uDFFF only stand in pairs", (1, 2), ""),
        ("[" * 65 + "]" * 65, "values are nested more than 64 levels deep", (1, 1), ""),
        ("[" * 100_000, "the text ends too early", (1, 100_001), ""),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, said: str, place: tuple[int, int], hint: str) -> None:
    with pytest.raises(JsonTextError) as raised:
        parse_json(text)
    assert (str(raised.value), raised.value.span[:2]) == (said, place)
    assert raised.value.hint.startswith(hint)
