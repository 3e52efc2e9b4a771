"""What counts as a change in meaning."""

import pytest

from oal.compiler import compile_rules
from oal.difference import Aspect, Difference, compare
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog

_CATALOG = k8s_catalog()


def _plan(*rules: str) -> Plan:
    plan = compile_rules([("a.oal", "".join(f"{rule};\n" for rule in rules))], _CATALOG).plan
    assert plan is not None
    return plan


def _difference(old: str, new: str) -> Difference:
    return compare(_plan(f"m = from({old}"), _plan(f"m = from({new}"))


@pytest.mark.parametrize(
    ("old", "new", "aspects"),
    [
        ("K8SService.*).cpm()", "K8SServiceInstance.*).cpm()", [("scope", ("K8SService",), ("K8SServiceInstance",))]),
        (
            "K8SService.write.duration).sum()",
            "K8SService.write.l4.duration).sum()",
            [("value", ("write.duration",), ("write.l4.duration",))],
        ),
        (
            'K8SService.*).filter(type == "read").filter(name != "a").cpm()',
            'K8SService.*).filter(name != "a").filter(type == "write").cpm()',
            [("filters", ('type == "read"',), ('type == "write"',))],
        ),
        ("K8SService.*).cpm()", "K8SService.*).count()", [("function", ("cpm",), ("count",))]),
        (
            "K8SService.protocol.http.latency).percentile2(10)",
            "K8SService.protocol.http.latency).percentile2(1)",
            [("arguments", ("10",), ("1",))],
        ),
        (
            "K8SService.*).cpm()",
            'K8SService.*).cpm().decorator("K8SServiceDecorator")',
            [("decorator", (), ("K8SServiceDecorator",))],
        ),
        (
            "K8SService.*).percent(protocol.success == true)",
            "K8SService.*).percent(protocol.success == false)",
            [("arguments", ("protocol.success == true",), ("protocol.success == false",))],
        ),
    ],
)
def test_what_a_record_would_hold_is_meaning(
    old: str, new: str, aspects: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> None:
    difference = _difference(old, new)
    (changed,) = difference.changed
    assert changed.aspects == tuple(Aspect(*aspect) for aspect in aspects)
    assert difference.changes_meaning
    assert (difference.rewritten, difference.unchanged) == ((), 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            'K8SService.*).filter(type == "write").filter(name == "a").filter(write.duration > 5).cpm()',
            'K8SService.*).filter(write.duration > 5).filter(type == "write").filter(name == "a").cpm()',
        ),
        ('K8SService.*).filter(name == "a").cpm()', 'K8SService.*).filter(name == "a").filter(name == "a").cpm()'),
        ("K8SService.write.duration).sum()", 'K8SService.write.duration).filter(type == "write").sum()'),
        ("K8SService.*).labelCount(name)", "K8SService.*).labelCount(name, 50)"),
        ("K8SService.protocol.http.latency).cpm()", "K8SService.*).cpm()"),
    ],
)
def test_the_same_records_in_other_words_are_cosmetic(old: str, new: str) -> None:
    difference = _difference(old, new)
    assert not difference.changes_meaning
    assert [changed.new.name for changed in difference.rewritten] == ["m"]
    assert difference.changed == ()


def test_another_order_of_filters_is_shown_whole() -> None:
    difference = _difference(
        'K8SService.*).filter(type == "read").filter(name == "a").cpm()',
        'K8SService.*).filter(name == "a").filter(type == "read").cpm()',
    )
    assert difference.rewritten[0].aspects == (
        Aspect("filters", ('type == "read"', 'name == "a"'), ('name == "a"', 'type == "read"')),
    )


def test_a_filter_that_is_repeated_is_shown_alone() -> None:
    difference = _difference(
        'K8SService.*).filter(name == "a").cpm()', 'K8SService.*).filter(name == "a").filter(name == "a").cpm()'
    )
    assert difference.rewritten[0].aspects == (Aspect("filters", (), ('name == "a"',)),)


def test_layout_order_and_files_are_no_difference() -> None:
    old = compile_rules(
        [("a.oal", "m=from(K8SService.*).cpm();"), ("b.oal", "n = from(K8SService.*).count();")], _CATALOG
    ).plan
    new = _plan("n = from(K8SService . *) . count()", "m = from(K8SService.*).cpm( /* c */ )")
    assert old is not None
    difference = compare(old, new)
    assert (difference.unchanged, difference.rewritten, difference.changes_meaning) == (2, (), False)


def test_metrics_come_and_go_and_get_other_names() -> None:
    old = _plan("a = from(K8SService.*).cpm()", "b = from(K8SService.*).count()", "c = from(K8SEndpoint.*).cpm()")
    new = _plan("c = from(K8SEndpoint.*).cpm()", "d = from(K8SService.*).cpm()", "e = from(K8SEndpoint.*).count()")
    difference = compare(old, new)
    assert [metric.name for metric in difference.added] == ["d", "e"]
    assert [metric.name for metric in difference.removed] == ["a", "b"]
    assert difference.renamed == (("a", "d"),)
    assert (difference.unchanged, difference.changes_meaning) == (1, True)


def test_disabling_is_a_change() -> None:
    old, new = _plan("disable(segment)", "disable(a)"), _plan("disable(a)", "disable(zipkin_span)")
    difference = compare(old, new)
    assert (difference.disabled, difference.enabled) == (("zipkin_span",), ("segment",))
    assert difference.changes_meaning
    assert not compare(old, old).changes_meaning


def test_a_disabled_metric_is_removed() -> None:
    rule = "a = from(K8SService.*).cpm()"
    difference = compare(_plan(rule), _plan(rule, "disable(a)"))
    assert [metric.name for metric in difference.removed] == ["a"]
    assert difference.disabled == ("a",)
