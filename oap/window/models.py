"""Shapes of the stored records of a plan's metrics (spec storage 1.7)."""

from collections.abc import Mapping
from types import MappingProxyType

from oal.catalog import Catalog
from oal.plan import Metric, Plan
from oap.storage.contract import MetricModel

_MEMBERS_OF_A_SERVICE = frozenset({"SERVICE_INSTANCE", "ENDPOINT"})
_LAYER = "K8S_SERVICE"


def metric_models(plan: Plan, catalog: Catalog) -> Mapping[str, MetricModel]:
    """Models of all metrics by name, in the plan's order."""
    return MappingProxyType({metric.name: _model(metric, catalog) for metric in plan.metrics})


def _model(metric: Metric, catalog: Catalog) -> MetricModel:
    category = catalog.scopes[metric.scope].category
    return MetricModel(
        name=metric.name,
        scope=metric.scope,
        category=category,
        function=metric.function.name,
        columns=metric.function.columns,
        value_column=metric.function.value_column,
        value_kind=metric.function.value_kind,
        has_service_id=category in _MEMBERS_OF_A_SERVICE,
        attr0=_LAYER if metric.decorator else None,
    )
