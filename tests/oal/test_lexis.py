"""Tokens, comments, and characters that only look right."""

import pytest

from oal.lexis import tokenize
from oal.token import Comment


def test_tokens_know_their_place_in_the_text() -> None:
    text = 'm = /* a\n b */ "x\\u0041" // c\n12l'
    lexed = tokenize("a.oal", text)
    assert [(token.type, token.value, text[token.start_pos : token.end_pos]) for token in lexed.tokens] == [
        ("NAME", "m", "m"),
        ("EQUAL", "=", "="),
        ("STRING", "xA", '"x\\u0041"'),
        ("NUMBER", "12l", "12l"),
        ("$END", "", ""),
    ]
    assert [(token.line, token.column, token.end_column) for token in lexed.tokens][2:4] == [(2, 7, 16), (3, 1, 4)]


def test_comments_are_kept() -> None:
    text = "// a\n/* b\n */ x /* c */ // d"
    lexed = tokenize("a.oal", text)
    assert lexed.comments == (
        Comment("// a", 0, 4, 1, 1),
        Comment("/* b\n */", 5, 13, 2, 3),
        Comment("/* c */", 16, 23, 3, 3),
        Comment("// d", 24, 28, 3, 3),
    )
    assert [comment.is_block for comment in lexed.comments] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("；", "illegal character '；'", "this only looks like ;"),
        ("≥", "illegal character '≥'", "this only looks like >="),
        ("–", "illegal character '–'", "this only looks like -"),
        ("“a b”", "illegal character “", 'strings stand in double quotes: "a b"'),
        ("«a»", "illegal character «", 'strings stand in double quotes: "a"'),
        ("'a\"", "illegal character '", 'strings stand in double quotes: "a"'),
        ("'a", "illegal character '", 'strings stand in double quotes: "..."'),
        ("\u200b", "illegal character U+200B", "this character cannot be seen: delete it"),
        ("\u3000\u3000", "illegal characters U+3000", "this is a special blank: use a plain one"),
        (
            "---",
            "illegal characters '---'",
            "there are no negative literals and no arithmetic; names hold letters, digits, _ and $",
        ),
        ('{a="b"}', "illegal character '{'", 'labels in braces are PromQL: OAL selects rows with .filter(name == "a")'),
        ("@", "illegal character '@'", ""),
    ],
)
def test_what_only_looks_right_is_named(text: str, message: str, hint: str) -> None:
    (finding,) = tokenize("a.oal", f"x {text} ").findings
    assert (finding.code, finding.message, finding.hint, finding.span.column) == ("E101", message, hint, 3)


@pytest.mark.parametrize("name", ["größe", "商品", "ａ", "x·y", "ⅷ", "\U0001f600"])
def test_other_characters_are_letters(name: str) -> None:
    lexed = tokenize("a.oal", name)
    assert ([token.value for token in lexed.tokens], lexed.findings) == ([name, ""], ())
