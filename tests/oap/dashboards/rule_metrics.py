"""The metrics of the shipped rules."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from oal.compiler import compile_rules
from oap.dashboards.known_metric import KnownMetrics, known_metrics
from oap.entity.scopes import k8s_catalog
from oap.storage.contract import MetricModel
from oap.window.models import metric_models

_RULES = Path(__file__).parents[3] / "config" / "oal" / "ebpf.oal"


@cache
def rule_models() -> Mapping[str, MetricModel]:
    """Models by name."""
    catalog = k8s_catalog()
    plan = compile_rules([(str(_RULES), _RULES.read_text(encoding="utf-8"))], catalog).plan
    assert plan is not None
    return metric_models(plan, catalog)


def rule_metrics() -> KnownMetrics:
    """The same as the checks see them."""
    return known_metrics(rule_models())
