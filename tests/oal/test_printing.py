"""Canonical text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oal.parser import parse
from oal.printing import quoted, script_text
from oal.syntax import (
    Condition,
    Disable,
    EnumConstant,
    FunctionCall,
    LiteralList,
    Name,
    Null,
    Number,
    Rule,
    Script,
    Source,
    Step,
    Text,
    Truth,
)
from oal.syntax import Path as AttributePath

_SHIPPED = Path(__file__).parent.parent.parent / "config" / "oal" / "ebpf.oal"

_words = st.from_regex(r"[a-zé$_][A-Za-z0-9é$_]{0,5}", fullmatch=True).filter(
    lambda word: word not in {"from", "filter", "like", "in", "null", "true", "false", "not"}
)
_names = st.builds(Name, _words)
_numbers = st.builds(Number, st.integers(0, 2**80).map(str))
_texts = st.builds(Text, st.text())
_enums = st.builds(EnumConstant, _names, _names)
_steps = st.builds(Step, _words, st.none() | st.text())
_paths = st.builds(
    AttributePath,
    st.lists(_steps, min_size=1, max_size=3).map(tuple),
    st.sampled_from(["", "long", "int", "str->long", "str->int"]),
)
_lists = st.one_of(*(st.lists(items, min_size=1, max_size=3).map(tuple) for items in (_numbers, _texts, _enums)))
_equalities = st.builds(
    Condition,
    _paths,
    st.sampled_from(["==", "!="]),
    st.one_of(_numbers, _texts, _enums, st.builds(Truth, st.booleans()), st.builds(Null)),
)
_conditions = st.one_of(
    _equalities,
    st.builds(Condition, _paths, st.sampled_from([">", "<", ">=", "<="]), _numbers),
    st.builds(Condition, _paths, st.sampled_from(["like", "contain", "not contain"]), _texts),
    st.builds(Condition, _paths, st.just("in"), st.builds(LiteralList, _lists)),
)
_arguments = st.one_of(_conditions, _paths, _numbers, _texts, st.builds(Truth, st.booleans()))
_rules = st.builds(
    Rule,
    _names,
    st.builds(Source, _names, st.none() | _paths),
    st.lists(_conditions, max_size=2).map(tuple),
    st.builds(FunctionCall, _names, st.lists(_arguments, max_size=3).map(tuple)),
    st.none() | _texts,
)


@given(st.lists(_rules | st.builds(Disable, _names), max_size=3).map(tuple).map(Script))
def test_reading_printed_text_gives_an_equal_tree(script: Script) -> None:
    again = parse("a.oal", script_text(script))
    assert again.findings == ()
    assert again.script == script


def test_the_shipped_rules_print_to_text_that_reads_the_same() -> None:
    script = parse("ebpf.oal", _SHIPPED.read_text(encoding="utf-8")).script
    assert parse("ebpf.oal", script_text(script)).script == script


def test_one_statement_per_line_in_plain_form() -> None:
    text = 'm=from ( (long) Service.tag["k"] ).filter(a in[ 1_0,002L ]) . rate(b==true,c not contain"x");disable( y )'
    assert script_text(parse("a.oal", text).script) == (
        'm = from((long)Service.tag["k"]).filter(a in [10, 2]).rate(b == true, c not contain "x");\ndisable(y);\n'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a"b\\c', r'"a\"b\\c"'),
        ("\t\n\b", r'"\t\n\b"'),
        ("é商", '"é商"'),
        ("\u00a0", r'"\u00a0"'),
        ("\ud83d", r'"\ud83d"'),
        ("\U000e0001", r'"\udb40\udc01"'),
    ],
)
def test_unseen_characters_are_escaped(text: str, expected: str) -> None:
    assert quoted(text) == expected
