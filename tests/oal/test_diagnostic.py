"""How findings are shown."""

import pytest

from oal.compiler import compile_rules
from oal.diagnostic import Diagnostic, Severity, render, render_all
from oal.span import Span
from tests.oal.service_catalog import conformance_catalog

_CATALOG = conformance_catalog()


def _shown(text: str) -> str:
    return render_all(compile_rules([("ebpf.oal", text)], _CATALOG).diagnostics, {"ebpf.oal": text})


def test_an_unknown_attribute_is_shown_as_specified() -> None:
    text = "\n" * 11 + "m = from(K8SService.protocol.http.latncy).longAvg();"
    assert _shown(text) == (
        "ebpf.oal:12:35: error E202: K8SService has no attribute 'protocol.http.latncy'\n"
        "  m = from(K8SService.protocol.http.latncy).longAvg();\n"
        "                                    ^~~~~~\n"
        "  did you mean 'latency'?  (protocol.http has: latency, method, statusCode, url, ...)"
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "m = from(Service.*).filter(latency > -5).count();",
            (
                "ebpf.oal:1:38: error E101: illegal character '-'\n"
                "  m = from(Service.*).filter(latency > -5).count();\n"
                "                                       ^\n"
                "  there are no negative literals and no arithmetic; names hold letters, digits, _ and $"
            ),
        ),
        (
            'm = from(Service.*).filter(name = "a").count();',
            (
                "ebpf.oal:1:33: error E102: unexpected '=', expected an operator (== != > < >= <= like in contain, not "
                "contain), '.' or '['\n"
                '  m = from(Service.*).filter(name = "a").count();\n'
                "                                  ^\n"
                '  compare with ==: name == "a"'
            ),
        ),
        (
            "m = from(Service.*).filter(status).count();",
            (
                "ebpf.oal:1:34: error E102: unexpected ')', expected an operator (== != > < >= <= like in contain, not "
                "contain)\n"
                "  m = from(Service.*).filter(status).count();\n"
                "                                   ^\n"
                "  a condition needs an operator: status == true"
            ),
        ),
        (
            "in = from(Service.latency).sum();",
            (
                "ebpf.oal:1:1: error E103: the reserved word 'in' cannot be a metric name\n"
                "  in = from(Service.latency).sum();\n"
                "  ^~\n"
                "  it is a keyword: take another name"
            ),
        ),
        (
            "a = from(Service.latency).sum() b = from(Service.*).count();",
            (
                "ebpf.oal:1:32: error E104: missing ';' before 'b', which starts a new statement\n"
                "  a = from(Service.latency).sum() b = from(Service.*).count();\n"
                "                                 ^\n"
                "  end the statement with ';'"
            ),
        ),
    ],
)
def test_syntax_findings_tell_what_to_do(script: str, expected: str) -> None:
    assert _shown(script) == expected


def test_a_warning_says_so() -> None:
    assert _shown("m = from(Service.latency).cpm();") == (
        "ebpf.oal:1:18: warning W302: cpm ignores the attribute 'latency'\n"
        "  m = from(Service.latency).cpm();\n"
        "                   ^~~~~~~\n"
        "  write from(Service.*)"
    )


@pytest.mark.parametrize(
    ("text", "span", "marked"),
    [
        ("\tx = 1", Span(1, 2, 1, 3), "  \tx = 1\n  \t^"),
        ("商品 = x", Span(1, 6, 1, 7), "  商品 = x\n         ^"),
        ("商品 = x", Span(1, 1, 1, 3), "  商品 = x\n  ^~~~"),
        ("ab\ncd", Span(1, 2, 2, 2), "  ab\n   ^"),
        ("\ufeffab\r\ncd", Span(1, 1, 1, 3), "  ab\n  ^~"),
        ("ab", Span(1, 3, 1, 3), "  ab\n    ^"),
        ("ab", Span(7, 1, 7, 1), "  \n  ^"),
    ],
)
def test_the_marker_stands_under_its_text(text: str, span: Span, marked: str) -> None:
    finding = Diagnostic("E101", "x", "f", span, "", Severity.ERROR)
    assert render(finding, text).split("\n", 1)[1] == marked
