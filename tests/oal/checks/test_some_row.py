"""Rules that no row can reach."""

import pytest

from oal.compiler import compile_rules
from oal.diagnostic import Severity
from oap.entity.scopes import k8s_catalog

_CATALOG = k8s_catalog()
_NEVER = "no row ever reaches this metric: "


def _warned(rule: str) -> list[tuple[int, str, str]]:
    compilation = compile_rules([("a.oal", f"m = from({rule};")], _CATALOG)
    assert compilation.plan is not None
    assert {(found.code, found.severity) for found in compilation.diagnostics} <= {("W305", Severity.WARNING)}
    return [(found.span.column, found.message.removeprefix(_NEVER), found.hint) for found in compilation.diagnostics]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            'K8SService.*).filter(type == "wriet").cpm()',
            (
                31,
                "this condition never holds",
                "did you mean 'write'?  ('type' is one of accept, close, connect, protocol, read, write)",
            ),
        ),
        (
            'K8SEndpoint.*).filter(type in ["grpc", "tcp"]).cpm()',
            (32, "this condition never holds", "('type' is one of http)"),
        ),
        (
            "K8SService.*).filter(attr0 != null).cpm()",
            (31, "this condition never holds", ""),
        ),
        (
            'K8SService.*).filter(type == "read").filter(name == "a").filter(write.duration > 5).cpm()',
            (74, "this holds for write rows only, the filters before leave read rows", "one operation per rule"),
        ),
        (
            'K8SService.write.duration).filter(type != "write").sum()',
            (
                21,
                (
                    "'write.duration' has a value for write rows only, the filters leave connect, accept, close, read "
                    "and http rows"
                ),
                "filter for write rows, or take an attribute of connect, accept, close, read and http rows",
            ),
        ),
        (
            'K8SService.*).filter(type == "read").percent(connect.success == true)',
            (
                55,
                "'connect.success' has a value for connect rows only, the filters leave read rows",
                "filter for connect rows, or take an attribute of read rows",
            ),
        ),
        (
            "K8SService.protocol.http.latency).apdex(attr0, protocol.success)",
            (50, "'attr0' is always null", "take another attribute"),
        ),
    ],
)
def test_the_part_that_rules_out_the_last_rows_is_shown(rule: str, expected: tuple[int, str, str]) -> None:
    assert _warned(rule) == [expected]


@pytest.mark.parametrize(
    "rule",
    [
        "K8SService.*).cpm()",
        'K8SService.*).filter(type in ["read", "write"]).cpm()',
        "K8SService.*).filter(write == null).cpm()",
        "K8SService.*).percent(write != null)",
        'K8SService.*).filter(type != "nothing").cpm()',
        "K8SService.timeBucket).max()",
    ],
)
def test_rules_that_some_row_reaches_are_not_warned_about(rule: str) -> None:
    assert _warned(rule) == []


def test_a_rule_with_errors_is_not_warned_about() -> None:
    text = 'm = from(K8SService.nope).filter(type == "nothing").sum();'
    assert [found.code for found in compile_rules([("a.oal", text)], _CATALOG).diagnostics] == ["E202"]


def test_rules_beside_one_with_errors_are_warned_about() -> None:
    text = 'm = from(K8SService.nope).sum();\nn = from(K8SService.*).filter(type == "nothing").cpm();'
    assert [found.code for found in compile_rules([("a.oal", text)], _CATALOG).diagnostics] == ["E202", "W305"]
