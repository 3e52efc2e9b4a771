"""Models of the shipped metrics (spec storage 1.7)."""

import csv
from pathlib import Path

from oal.functions.contract import Store
from oap.entity.scopes import k8s_catalog
from oap.window.models import metric_models
from tests.oap.pipeline_run import shipped_plan

_METRICS = Path(__file__).parents[2] / "cases" / "ebpf-metrics.csv"
L, N, T = Store.LONG, Store.INT, Store.TABLE
_COLUMNS = {
    "cpm": ((("value", L), ("total", L)), "value"),
    "sum": ((("value", L),), "value"),
    "longAvg": ((("summation", L), ("count", L), ("value", L)), "value"),
    "percent": ((("total", L), ("percentage", N), ("match", L)), "percentage"),
    "apdex": ((("total_num", L), ("s_num", L), ("t_num", L), ("int_value", N)), "int_value"),
    "percentile2": ((("datatable_value", T), ("precision", N), ("dataset", T)), "datatable_value"),
}
_CATEGORIES = {
    "K8SService": ("SERVICE", False),
    "K8SServiceInstance": ("SERVICE_INSTANCE", True),
    "K8SEndpoint": ("ENDPOINT", True),
    "K8SServiceRelation": ("SERVICE_RELATION", False),
    "K8SServiceInstanceRelation": ("SERVICE_INSTANCE_RELATION", False),
}


def test_every_shipped_metric_has_the_columns_of_its_function() -> None:
    with _METRICS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    expected = {
        line["metric"]: (
            line["scope"],
            *_CATEGORIES[line["scope"]],
            line["function"],
            *_COLUMNS[line["function"]],
            "K8S_SERVICE" if line["decorator"] else None,
        )
        for line in lines
    }
    models = metric_models(shipped_plan(), k8s_catalog())
    found = {
        name: (
            model.scope,
            model.category,
            model.has_service_id,
            model.function,
            tuple((column.name, column.store) for column in model.columns),
            model.value_column,
            model.attr0,
        )
        for name, model in models.items()
    }
    assert len(found) == 296
    assert found == expected


def test_models_are_in_the_order_of_the_rules() -> None:
    models = metric_models(shipped_plan(), k8s_catalog())
    assert list(models) == [metric.name for metric in shipped_plan().metrics]
    assert all(name == model.name for name, model in models.items())
