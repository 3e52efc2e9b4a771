"""Canonical layout: literal cases, and what holds for any text."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oal.compiler import compile_rules
from oal.difference import compare
from oal.layout import WIDTH, lay_out
from oal.lexis import tokenize
from oal.parser import parse
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog

_SHIPPED = Path(__file__).parent.parent.parent / "config" / "oal" / "ebpf.oal"
_CATALOG = k8s_catalog()


def _laid(text: str) -> str:
    laid = lay_out("a.oal", text)
    assert laid.findings == ()
    assert laid.text is not None
    return laid.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\n", ""),
        ("// a  \r\n", "// a\n"),
        ("\ufeffm=from( S .* ).count( )", "m = from(S.*).count();\n"),
        (
            'm = from( (long) S.a["k"] ).filter(a.b in[1_0,002L]).rate(c==true , d not contain "x").decorator( "D" );',
            'm = from((long)S.a["k"]).filter(a.b in [1_0, 002L]).rate(c == true, d not contain "x").decorator("D");\n',
        ),
        (r'm = from(S.*).filter(a == "\u0041").count()', 'm = from(S.*).filter(a == "\\u0041").count();\n'),
        ("disable ( a );disable(b)", "disable(a);\ndisable(b);\n"),
        ("\n\n// a\n\n\n\nm = from(S.*).count();\n\n\n// b\n", "// a\n\nm = from(S.*).count();\n\n// b\n"),
        ("m = from(S.*).count(); // a\n// b\n", "m = from(S.*).count();  // a\n// b\n"),
        ("m = from(S.*).count() // a\n", "m = from(S.*).count();  // a\n"),
        (
            "/* a */ m = from(S.*).count(); /* b */ n = from(S.*).cpm();",
            "/* a */\nm = from(S.*).count();\n/* b */\nn = from(S.*).cpm();\n",
        ),
        (
            "m = from(/* a */S/* b */.c // d\n).sum();",
            "m = from(/* a */ S /* b */.c  // d\n        )\n    .sum();\n",
        ),
        ("m = from(S.*) /* a */ .count( /* b */ ) /* c */ ;", "m = from(S.*) /* a */.count(/* b */) /* c */;\n"),
        (
            "m = from(S.*)\n// a\n.filter(a == 1) // b\n\n  /* c\n   d */\n.count() // e\n; // f",
            "m = from(S.*)\n    // a\n    .filter(a == 1)  // b\n    /* c\n   d */\n    .count()  // e\n        ;  // f\n",
        ),
        (
            "m = from(S.*).count(); /* a\n b */ // c\nn = from(S.*).cpm();",
            "m = from(S.*).count();  /* a\n b */  // c\nn = from(S.*).cpm();\n",
        ),
        ("disable( // a\n x );", "disable(// a\n        x);\n"),
    ],
)
def test_a_text_is_laid_out(text: str, expected: str) -> None:
    assert _laid(text) == expected


def test_a_long_rule_is_broken_before_each_filter_and_its_function() -> None:
    text = (
        "kubernetes_service_http_status_1xx_cpm = from(K8SService.*).filter(detectPoint == DetectPoint.SERVER)"
        '.filter(type == "protocol").filter(protocol.http.statusCode >= 100).cpm().decorator("K8SServiceDecorator");'
    )
    assert _laid(text) == (
        "kubernetes_service_http_status_1xx_cpm = from(K8SService.*)\n"
        "    .filter(detectPoint == DetectPoint.SERVER)\n"
        '    .filter(type == "protocol")\n'
        "    .filter(protocol.http.statusCode >= 100)\n"
        '    .cpm().decorator("K8SServiceDecorator");\n'
    )


def test_a_source_that_does_not_fit_behind_its_name_gets_a_line() -> None:
    name = "n" * 60
    text = f"{name} = from(K8SServiceInstanceRelation.write.l2.networkDeviceSendDuration).longAvg();"
    assert _laid(text) == (
        f"{name} =\n    from(K8SServiceInstanceRelation.write.l2.networkDeviceSendDuration)\n    .longAvg();\n"
    )


@pytest.mark.parametrize(("length", "lines"), [(WIDTH, 1), (WIDTH + 1, 2)])
def test_the_width_decides(length: int, lines: int) -> None:
    rest = " = from(K8SService.*).count();"
    assert _laid("n" * (length - len(rest)) + rest).count("\n") == lines


def test_a_text_with_syntax_errors_is_not_touched() -> None:
    laid = lay_out("a.oal", "m = from(S.*).count(;")
    assert laid.text is None
    assert [finding.code for finding in laid.findings] == ["E102"]


def test_the_shipped_rules_are_in_canonical_layout() -> None:
    text = _SHIPPED.read_text(encoding="utf-8")
    assert _laid(text) == text


_RULES = tuple(
    'm = from ( K8SService . * ) . filter ( type == "write" ) . filter ( write.duration > 1_000 ) . cpm ( ) ;|'
    "n = from ( K8SService . write . l4 . totalPackageSize ) . sum ( ) ;|"
    'o = from ( ( long ) K8SService . name ) . filter ( name in [ "a" , "b" ] ) . longAvg ( ) ;|'
    'p = from ( K8SService . * ) . percent ( protocol.success == true ) . decorator ( "K8SServiceDecorator" ) ;|'
    'q = from ( K8SServiceInstanceRelation . protocol . http . latency ) . filter ( type like "%p" ) '
    ". filter ( detectPoint == DetectPoint . SERVER ) . apdex ( sourceServiceName , protocol . success ) ;|"
    "disable ( segment ) ;".replace("( long )", "(long)").split("|")
)
_GAPS = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "\n\n\n",
        "\t",
        "\r\n",
        "// a\n",
        " // é b \n",
        "/* c */",
        "\n/* d */\n",
        "/* e\n  f */",
        "/* g /* h */ */",
    ]
)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Sound rules with anything between their tokens that may stand there."""
    rules: Sequence[str] = draw(st.lists(st.sampled_from(_RULES), max_size=4, unique=True))
    tokens = [token for rule in rules for token in rule.split()]
    gaps = draw(st.lists(_GAPS, min_size=len(tokens) + 1, max_size=len(tokens) + 1))
    text = "".join(gap + (" " if not gap else "") + token for gap, token in zip(gaps, tokens, strict=False)) + gaps[-1]
    return text if draw(st.booleans()) else text.removesuffix(";")


def _plan(text: str) -> Plan:
    plan = compile_rules([("a.oal", text)], _CATALOG).plan
    assert plan is not None
    return plan


@given(_texts())
@example("m = from(K8SService.*).cpm(); // a\n\n\n// b\n/* c */ n = from(K8SService.*).count(); /* d */ // e\n\n// f")
def test_layout_is_idempotent_and_keeps_plan_and_comments(text: str) -> None:
    laid = _laid(text)
    assert _laid(laid) == laid
    difference = compare(_plan(text), _plan(laid))
    assert not difference.changes_meaning
    assert difference.rewritten == ()
    before, after = ([comment.text.split() for comment in tokenize("a", t).comments] for t in (text, laid))
    assert before == after
    assert "\n\n\n" not in laid


@given(st.text(alphabet='m=from(S.*).c"/*\n ;,[]1d') | _texts())
def test_whatever_can_be_read_is_read_the_same_when_laid_out(text: str) -> None:
    laid = lay_out("a.oal", text)
    if laid.text is not None:
        assert parse("a.oal", laid.text).script == parse("a.oal", text).script
        assert all(line == line.rstrip() for line in laid.text.split("\n"))
