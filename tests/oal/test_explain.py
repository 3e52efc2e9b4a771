"""What is said of a metric and of a scope."""

from pathlib import Path

import pytest

from oal.compiler import compile_rules
from oal.explain import Explanation, Operation, RecordColumn, StateUse, explain_metric, rule_of
from oal.explain_scope import AttributeFacts, explain_scope
from oal.functions.contract import Store, ValueKind
from oal.functions.registry import FUNCTIONS
from oal.plan import Plan
from oal.printing import rule_text
from oap.entity.scopes import k8s_catalog

_CATALOG = k8s_catalog()
_SHIPPED = Path(__file__).parent.parent.parent / "config" / "oal" / "ebpf.oal"


def _plan(*rules: str) -> Plan:
    text = "".join(f"{rule};\n" for rule in rules)
    plan = compile_rules([("a.oal", text)], _CATALOG).plan
    assert plan is not None
    return plan


def _explained(*rules: str) -> Explanation:
    """The explanation of the first metric."""
    plan = _plan(*rules)
    return explain_metric(plan.metrics[0], plan, _CATALOG)


def test_a_metric_is_explained_whole() -> None:
    rule = "m = from(K8SService.write.duration).filter(detectPoint != DetectPoint.SERVER).longAvg()"
    others = (
        'n = from(K8SService.*).filter(type == "write").cpm()',
        "o = from(K8SServiceInstance.write.duration).sum()",
    )
    assert _explained(rule, *others) == Explanation(
        metric="m",
        file="a.oal",
        line=1,
        rule=f"{rule};",
        scope="K8SService",
        entity="service, by what its own side reports in whichever role",
        category="SERVICE",
        operations=(
            Operation(
                "write",
                "system calls that write",
                (StateUse("rows", ("n", "o")), StateUse("sum of write.duration", ("o",))),
            ),
        ),
        reach={"detectPoint": ("CLIENT", "PROXY", "UNRECOGNIZED")},
        filters=("detectPoint != DetectPoint.SERVER",),
        formula="mean of write.duration over the rows, cut to a whole number (summation / count)",
        unit="ns",
        longer="the mean over all their rows, not of their minutes",
        value_kind=ValueKind.REGULAR_VALUE,
        columns=(
            RecordColumn("summation", Store.LONG, "adds up", is_value=False),
            RecordColumn("count", Store.LONG, "adds up", is_value=False),
            RecordColumn("value", Store.LONG, "computed from the others", is_value=True),
        ),
        decorator=None,
    )


@pytest.mark.parametrize(
    ("rule", "formula", "unit"),
    [
        (
            "K8SService.*).cpm()",
            "number of rows per minute (total / minutes), cut to a whole number",
            "rows per minute",
        ),
        (
            "K8SService.*).percent(protocol.success == true)",
            "share of the rows with protocol.success == true (match * 10000 / total)",
            "1/100 %",
        ),
        (
            "K8SService.protocol.http.latency).histogram(100, 20)",
            "number of rows by protocol.http.latency in 20 steps of 100 and an open one above",
            "rows",
        ),
        (
            "K8SService.*).labelAvg(protocol.http.method, protocol.http.latency)",
            "mean of protocol.http.latency by text of protocol.http.method, the first 50 texts",
            "ms",
        ),
        (
            "K8SService.protocol.http.statusCode).max()",
            "largest protocol.http.statusCode of all rows, at least 0",
            "as the attribute",
        ),
        ("(long)K8SService.name).sum()", "(long)name of all rows added up", "as the attribute"),
    ],
)
def test_formula_and_unit_are_those_of_the_rule(rule: str, formula: str, unit: str) -> None:
    explanation = _explained(f"m = from({rule}")
    assert (explanation.formula, explanation.unit) == (formula, unit)


@pytest.mark.parametrize(
    ("filters", "reach"),
    [
        ("", ("SERVER", "CLIENT", "PROXY", "UNRECOGNIZED")),
        (".filter(detectPoint == DetectPoint.CLIENT)", ("CLIENT",)),
        (".filter(detectPoint in [DetectPoint.CLIENT, DetectPoint.PROXY])", ("CLIENT", "PROXY")),
        (".filter(detectPoint == null)", ()),
    ],
)
def test_detect_points_that_pass_are_named(filters: str, reach: tuple[str, ...]) -> None:
    assert _explained(f"m = from(K8SService.*){filters}.cpm()").reach == {"detectPoint": reach}


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        (
            "K8SService.protocol.http.latency).apdex(name, protocol.success)",
            [
                "rows",
                "rows where protocol.http.latency <= T and protocol.success == true, T of local_service",
                "rows where protocol.http.latency in T..4T and protocol.success == true, T of local_service",
            ],
        ),
        (
            "K8SService.protocol.http.latency).filter(protocol.http.statusCode in [404, 500]).percentile2(10)",
            [
                "rows where protocol.http.statusCode in [404, 500]",
                "rows by protocol.http.latency / 10 where protocol.http.statusCode in [404, 500]",
            ],
        ),
        (
            'K8SEndpoint.*).filter(http.method like "G%").labelCount(http.url, 5)',
            [
                'rows where protocol.http.method like "G%"',
                'rows by protocol.http.url, the first 5 where protocol.http.method like "G%"',
            ],
        ),
        (
            "K8SEndpoint.*).filter(http.url != null).filter(success == false).count()",
            ["rows where protocol.http.url != null and protocol.success == false"],
        ),
    ],
)
def test_folded_state_is_described(rule: str, texts: list[str]) -> None:
    (operation,) = _explained(f"m = from({rule}").operations
    assert [use.text for use in operation.state] == texts


def test_a_rule_without_restriction_takes_all_operations() -> None:
    operations = _explained("m = from(K8SService.*).cpm()").operations
    assert [operation.table for operation in operations] == ["connect", "accept", "close", "read", "write", "http"]


def test_every_function_is_put_into_words() -> None:
    meanings = [function.meaning for function in FUNCTIONS.values()]
    assert all(meaning.formula and meaning.unit and meaning.longer for meaning in meanings)


def test_every_shipped_metric_is_explained() -> None:
    plan = compile_rules([("ebpf.oal", _SHIPPED.read_text(encoding="utf-8"))], _CATALOG).plan
    assert plan is not None
    explanations = [explain_metric(metric, plan, _CATALOG) for metric in plan.metrics]
    assert len(explanations) == 296
    assert all(explanation.operations and "{" not in explanation.formula for explanation in explanations)
    assert {explanation.unit for explanation in explanations} == {
        "ns", "ms", "bytes", "count", "packages", "rows per minute", "1/100 %", "1/10000",
    }  # fmt: skip


def test_a_metric_leads_back_to_its_rule() -> None:
    (metric,) = _plan('m = from(K8SService.*).filter(name in ["a\\"b", "c"]).labelCount(type, 3)').metrics
    assert rule_text(rule_of(metric)) == metric.text


def test_attributes_of_a_scope_are_listed_with_the_operations_that_have_them() -> None:
    facts = explain_scope(_CATALOG.scopes["K8SService"], _CATALOG)
    found = {attribute.path: attribute for attribute in facts.attributes}
    assert len(facts.attributes) == len(_CATALOG.scopes["K8SService"].attributes)
    assert facts.operations["http"] == "HTTP requests with their responses"
    assert facts.decorators == ("K8SServiceDecorator",)
    assert found["write.l4.duration"] == AttributeFacts(
        "write.l4.duration",
        "long",
        "ns",
        "time spent in the transport layer",
        "write.l4Metrics.totalDuration",
        ("write",),
        (),
    )
    assert found["type"].constants == ("connect", "accept", "close", "read", "write", "protocol")
    assert found["detectPoint"].type == "enum DetectPoint"
    assert found["detectPoint"].constants == ("SERVER", "CLIENT", "PROXY", "UNRECOGNIZED")
    assert found["detectPoint"].operations == ("connect", "accept", "close", "read", "write", "http")
    assert (found["write"].operations, found["attr0"].operations) == (("write",), ())


def test_lists_say_what_they_hold() -> None:
    facts = explain_scope(_CATALOG.scopes["K8SServiceRelation"], _CATALOG)
    assert {attribute.type for attribute in facts.attributes if attribute.path == "componentIds"} == {"list of int"}
