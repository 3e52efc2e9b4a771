"""Reading files: trees, places, recovery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oal.parser import Parsed, parse
from oal.span import Span
from oal.syntax import Condition, Number, Rule, Source, Step, Text
from oal.syntax import Path as AttributePath


def _codes(parsed: Parsed) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.span.line, finding.span.column) for finding in parsed.findings]


def _rule(text: str) -> Rule:
    parsed = parse("a.oal", text)
    assert parsed.findings == ()
    (statement,) = parsed.script.statements
    assert isinstance(statement, Rule)
    return statement


def test_every_node_knows_its_place() -> None:
    rule = _rule("\n  m = from(Service.side.code)\n    .filter(a.b >= 5).percent(c == true);")
    assert rule.name.span == Span(2, 3, 2, 4)
    assert rule.source.scope.span == Span(2, 12, 2, 19)
    assert rule.source.path is not None
    assert rule.source.path.span == Span(2, 20, 2, 29)
    assert rule.filters[0].span == Span(3, 13, 3, 21)
    assert rule.call.span == Span(3, 23, 3, 41)


def test_a_keyed_and_cast_source_is_one_path() -> None:
    rule = _rule('m = from((str->long) Service.tag["a.b"]).sum()')
    assert rule.source == Source(rule.source.scope, AttributePath((Step("tag", "a.b"),), "str->long"))


def test_one_mistake_costs_one_statement() -> None:
    parsed = parse(
        "a.oal", "a = from(S.x).sum();\nb = frm(S.x).sum();\nc = from(S.x).sum();\nd = 5;\ne = from(S.*).count()"
    )
    assert _codes(parsed) == [("E102", 2, 5), ("E102", 4, 5)]
    names = [statement.name.text for statement in parsed.script.statements]
    assert names == ["a", "c", "e"]


def test_an_unfinished_statement_does_not_swallow_the_next() -> None:
    parsed = parse("a.oal", "a = from(S.x\nb = from(S.x).sum();")
    assert _codes(parsed) == [("E102", 2, 1)]
    assert [statement.name.text for statement in parsed.script.statements] == ["b"]


def test_all_kinds_of_findings_of_a_file_come_in_order() -> None:
    parsed = parse("a.oal", "a = from(S.x)#.sum();\nlike = from(S.x).sum();\n;\nb = (S.x).sum();")
    assert _codes(parsed) == [("E101", 1, 14), ("E103", 2, 1), ("E104", 3, 1), ("E102", 4, 5)]


def test_a_byte_order_mark_may_start_the_file_only() -> None:
    assert _codes(parse("a.oal", "\ufeffm = from(S.x).sum();")) == []
    assert _codes(parse("a.oal", "m = from(S.x).sum();\ufeff")) == [("E101", 1, 21)]


def test_a_no_break_space_is_refused_by_name() -> None:
    (finding,) = parse("a.oal", "m =\u00a0from(S.x).sum();").findings
    assert (finding.code, finding.message) == ("E101", "illegal character U+00A0")
    assert finding.hint == "this is a no-break space: use a plain blank"


@pytest.mark.parametrize(
    ("comment", "rest"),
    [
        ("/* a /* b */ c */", ""),
        ("/* a /* b */", ""),
        ("/* /* /* x */", ""),
        ("// a /* b\n", ""),
        ("/**/", ""),
        ("/* // */", ""),
    ],
)
def test_comments_end_where_they_should(comment: str, rest: str) -> None:
    assert _rule(f"m = {comment}from(S.x).sum();{rest}").name.text == "m"


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (r'"\b\t\n\f\r\"\'\\"', "\b\t\n\f\r\"'\\"),
        (r'"\0\7\18\101\377\400"', "\0\7\x018A\xff 0"),
        (r'"\u0041\u00e9"', "Aé"),
        (r'"\ud83d\ude00"', "😀"),
        ('"// no /* comment"', "// no /* comment"),
        ('""', ""),
    ],
)
def test_string_escapes_are_decoded(literal: str, expected: str) -> None:
    rule = _rule(f"m = from(S.*).filter(a == {literal}).count();")
    assert rule.filters[0].literal == Text(expected)


@pytest.mark.parametrize(
    ("literal", "digits"),
    [
        ("1_000", "1000"),
        ("10l", "10"),
        ("10L", "10"),
        ("010", "10"),
        ("0", "0"),
        ("000", "0"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_numbers_are_read_as_decimal_digits(literal: str, digits: str) -> None:
    rule = _rule(f"m = from(S.*).filter(a == {literal}).count();")
    assert rule.filters[0].literal == Number(digits)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('m = from(S.*).filter(a == "x).count();', [("E101", 1, 27)]),
        (r'm = from(S.*).filter(a == "\x").count();', [("E101", 1, 28)]),
        (r'm = from(S.*).filter(a == "\u00g0").count();', [("E101", 1, 28)]),
        ("m = from(S.*).filter(a == 1_).count();", [("E102", 1, 28)]),
        ("m = from(S.*).filter(a != -).count(); n = from(S.*).count();", [("E101", 1, 27)]),
        ("m = from(S.in).sum();", [("E103", 1, 12)]),
        ("m = from(S.x).like();", [("E103", 1, 15)]),
        ("m = from(S.*).filter(a == Service.X).count();", [("E103", 1, 27)]),
        ("from(S.x).sum();", [("E104", 1, 1)]),
        ("m", [("E102", 1, 2)]),
        ("disable(a) disable(b);", [("E104", 1, 11)]),
    ],
)
def test_mistakes_are_found_at_their_place(text: str, codes: list[tuple[str, int, int]]) -> None:
    assert _codes(parse("a.oal", text)) == codes


def test_names_may_hold_any_character_outside_ascii() -> None:
    assert _rule("größe_$1 = from(S.*).filter(商品 == 1).count();").filters[0] == Condition(
        AttributePath((Step("商品"),)), "==", Number("1")
    )


@given(st.text(alphabet="m=from(S.*).c\"';/*\\ \n\u00a0u0[],<>!1l-é"))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert parse("a.oal", text).file == "a.oal"
