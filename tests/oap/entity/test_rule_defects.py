"""Known flaws of definitions, held to the counts of the specification (spec oal 10)."""

from collections import Counter
from pathlib import Path

import pytest

from oal.compiler import compile_rules
from oal.explain import rule_of
from oap.entity.rule_defects import defects_of
from oap.entity.scopes import k8s_catalog

_SHIPPED = Path(__file__).parents[3] / "config" / "oal" / "ebpf.oal"
_CATALOG = k8s_catalog()


def _problems(text: str) -> list[tuple[str, str]]:
    plan = compile_rules([("a.oal", text)], _CATALOG).plan
    assert plan is not None
    return [(metric.name, defect.problem) for metric in plan.metrics for defect in defects_of(metric, rule_of(metric))]


@pytest.fixture(scope="module")
def shipped() -> list[tuple[str, str]]:
    return _problems(_SHIPPED.read_text(encoding="utf-8"))


def test_flaws_of_the_shipped_rules_are_counted(shipped: list[tuple[str, str]]) -> None:
    counts = Counter(problem.split(",")[0].split(":")[0] for _, problem in shipped)
    assert counts == {
        "a rate in minute records only": 36,
        "a total": 4,
        "the sum of whole system calls": 8,
        "an event that both ends report counts twice": 14,
        "failed attempts are included": 4,
        "the attribute is a total over the packages of one call": 80,
        "any status below 500 is a success": 12,
        "values are lower edges of steps": 6,
        "reads the same attribute as the ..._package_to_queue_time beside it": 2,
        "the name says retrains and means retransmits": 6,
    }


def test_metrics_without_a_flaw_have_none(shipped: list[tuple[str, str]]) -> None:
    flawed = {name for name, _ in shipped}
    assert "kubernetes_service_http_call_time" not in flawed
    assert "kubernetes_service_write_cpm" not in flawed


def test_rules_of_users_are_judged_as_well() -> None:
    text = (
        "my_cpm = from(K8SService.write.l4.transmitPackageCount).sum();\n"
        "my_dial_time = from(K8SService.connect.duration).filter(connect.success == true).longAvg();\n"
        "my_p = from(K8SEndpoint.duration).percentile2(1);\n"
        "my_edge_closes = from(K8SServiceRelation.*).filter(detectPoint == DetectPoint.CLIENT)"
        '.filter(type == "close").cpm();\n'
    )
    assert [name for name, _ in _problems(text)] == ["my_cpm"]
