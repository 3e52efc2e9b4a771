"""The tests that are shipped with the rules, which users copy: they pass, and no shipped metric goes without."""

from pathlib import Path

import pytest

from oal.compiler import compile_rules
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog
from oap.rules.case_file import CaseFile, load_cases
from oap.rules.verdict import verdict
from oap.window.models import metric_models

SHIPPED = Path(__file__).parents[3] / "config" / "oal"
FILES = sorted((SHIPPED / "tests").glob("*.yml"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    text = (SHIPPED / "ebpf.oal").read_text(encoding="utf-8")
    compiled = compile_rules([("ebpf.oal", text)], k8s_catalog()).plan
    assert compiled is not None
    return compiled


def loaded(file: Path, plan: Plan) -> CaseFile:
    return load_cases(file, metric_models(plan, k8s_catalog()))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_shipped_tests_pass(file: Path, plan: Plan) -> None:
    cases = loaded(file, plan)
    verdicts = [verdict(case, plan, cases.surroundings) for case in cases.cases]
    assert [(each.case.name, each.failures) for each in verdicts if each.failures] == []


def test_every_shipped_metric_has_a_value_in_some_test(plan: Plan) -> None:
    cases = [case for file in FILES for case in loaded(file, plan).cases]
    tested = {expected.metric for case in cases for expected in case.expectations if expected.columns}
    assert {metric.name for metric in plan.metrics} - tested == set()
