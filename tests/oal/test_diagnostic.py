"""How findings are shown."""

import pytest

from oal.compiler import compile_rules
from oal.diagnostic import COLOURS, Diagnostic, Selection, Severity, records, render, render_all, select
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


def _finding(line: int, severity: Severity) -> Diagnostic:
    return Diagnostic(
        "E102" if severity is Severity.ERROR else "W301", f"m{line}", "f", Span(line, 1, line, 2), "", severity
    )


def test_errors_are_shown_before_warnings_when_not_all_can_be() -> None:
    findings = [_finding(line, Severity.WARNING if line % 2 else Severity.ERROR) for line in range(1, 9)]
    selection = select(findings, 5)
    assert [finding.span.line for finding in selection.shown] == [1, 2, 4, 6, 8]
    assert (selection.errors_left_out, selection.warnings_left_out) == (0, 3)
    assert selection.rest == "... and 3 more warnings"
    assert select(findings, 1).rest == "... and 3 more errors and 4 more warnings"
    assert select(findings, 7).rest == "... and 1 more warning"


@pytest.mark.parametrize("limit", [0, 8, 100])
def test_nothing_is_left_out_below_the_limit(limit: int) -> None:
    findings = tuple(_finding(line, Severity.ERROR) for line in range(8))
    assert select(findings, limit) == Selection(findings, 0, 0)
    assert select(findings, limit).rest == ""


def test_the_rest_is_counted_behind_the_findings() -> None:
    findings = [_finding(1, Severity.ERROR)] * 52
    assert render_all(findings, {"f": "x"}).count("\n") == 3 * 50
    assert render_all(findings, {"f": "x"}).endswith("\n... and 2 more errors")
    assert render_all(findings, {"f": "x"}, limit=0).count("\n") == 3 * 52 - 1


def test_colours_mark_the_parts_and_end_with_them() -> None:
    finding = Diagnostic("E102", "m", "f", Span(1, 1, 1, 2), "h")
    assert render(finding, "x", COLOURS) == (
        "\x1b[1mf:1:1:\x1b[0m \x1b[1;31merror E102:\x1b[0m m\n  x\n  \x1b[1;32m^\x1b[0m\n  \x1b[36mh\x1b[0m"
    )
    assert "\x1b[1;33mwarning" in render(_finding(1, Severity.WARNING), "x", COLOURS)


def test_findings_are_records_for_programs() -> None:
    text = "\nm = from(Service.latncy).longAvg();"
    findings = compile_rules([("a.oal", text)], _CATALOG).diagnostics
    assert records(findings, {"a.oal": text}) == [
        {
            "code": "E202",
            "severity": "error",
            "message": "Service has no attribute 'latncy'",
            "hint": "did you mean 'latency'?  (Service has: name, tag, tags, type, ...)",
            "file": "a.oal",
            "line": 2,
            "column": 18,
            "end_line": 2,
            "end_column": 24,
            "source_line": "m = from(Service.latncy).longAvg();",
        }
    ]
