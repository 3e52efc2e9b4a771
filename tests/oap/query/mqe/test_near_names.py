import csv
from pathlib import Path

import pytest

from oap.query.mqe.near_names import near_name

with (Path(__file__).parents[3] / "cases/ebpf-metrics.csv").open(encoding="utf-8") as file:
    METRICS = frozenset(row["metric"] for row in csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("kubernetes_service_conect_time", "kubernetes_service_connect_time"),
        (
            "kubernetes_service_relation_server_write_l2_ready_sned_time",
            "kubernetes_service_relation_server_write_l2_ready_send_time",
        ),
        ("KubernetesServiceHttpCallCpm", "kubernetes_service_http_call_cpm"),
        ("service_cpm", None),
        ("x", None),
    ],
)
def test_nearest_of_all_metrics_is_found(name: str, near: str | None) -> None:
    assert near_name(name, METRICS) == near


def test_nothing_is_near_to_nothing() -> None:
    assert near_name("m1", frozenset()) is None
