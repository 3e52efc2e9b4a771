"""The shipped rules define the default catalogue of upstream, row by row (spec oal 10)."""

import csv
from collections import Counter
from pathlib import Path

from oal.compiler import compile_rules
from oal.parser import parse
from oal.printing import argument_text, condition_text, path_text
from oal.syntax import Rule
from oap.entity.scopes import k8s_catalog

_ROOT = Path(__file__).parent.parent.parent
_RULES = (_ROOT / "config" / "oal" / "ebpf.oal").read_text(encoding="utf-8")

with (_ROOT / "tests" / "cases" / "ebpf-metrics.csv").open(encoding="utf-8", newline="") as _file:
    CATALOGUE = list(csv.DictReader(_file))


def _row(rule: Rule) -> dict[str, str]:
    path = rule.source.path
    return {
        "metric": rule.name.text,
        "scope": rule.source.scope.text,
        "attribute": path_text(path) if path is not None else "*",
        "filters": "; ".join(map(condition_text, rule.filters)),
        "function": rule.call.name.text,
        "args": ", ".join(map(argument_text, rule.call.arguments)),
        "decorator": rule.decorator.value if rule.decorator is not None else "",
    }


def test_rules_equal_the_catalogue() -> None:
    statements = parse("ebpf.oal", _RULES).script.statements
    assert [_row(statement) for statement in statements if isinstance(statement, Rule)] == CATALOGUE


def test_rules_compile_without_findings() -> None:
    compilation = compile_rules([("ebpf.oal", _RULES)], k8s_catalog())
    assert compilation.diagnostics == ()
    assert compilation.plan is not None
    assert [metric.name for metric in compilation.plan.metrics] == [row["metric"] for row in CATALOGUE]


def test_counts_per_scope_and_function() -> None:
    plan = compile_rules([("ebpf.oal", _RULES)], k8s_catalog()).plan
    assert plan is not None
    assert Counter(metric.scope for metric in plan.metrics) == {
        "K8SService": 50,
        "K8SServiceInstance": 50,
        "K8SEndpoint": 15,
        "K8SServiceRelation": 92,
        "K8SServiceInstanceRelation": 89,
    }
    assert Counter(metric.function.name for metric in plan.metrics) == {
        "longAvg": 122,
        "sum": 85,
        "cpm": 73,
        "apdex": 6,
        "percentile2": 6,
        "percent": 4,
    }
    assert sum(metric.decorator is not None for metric in plan.metrics) == 4


def test_every_rule_reads_one_table_and_state_is_shared() -> None:
    plan = compile_rules([("ebpf.oal", _RULES)], k8s_catalog()).plan
    assert plan is not None
    assert all(len(metric.parts) == 1 for metric in plan.metrics)
    assert {place: len(primitives) for place, primitives in plan.primitives.items()} == {
        ("route", "connect"): 3,
        ("route", "accept"): 2,
        ("route", "close"): 2,
        ("route", "read"): 12,
        ("route", "write"): 17,
        ("route", "http"): 24,
        ("endpoint", "http"): 17,
    }
