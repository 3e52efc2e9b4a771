"""``oap oal explain`` and ``oap oal scopes``."""

import json
import shutil
from pathlib import Path

import pytest

from oal.compiler import compile_rules
from oap.commands.metric_storage import stored_as
from oap.entity.scopes import k8s_catalog
from oap.storage.duckdb.schema import metric_column, metric_table
from oap.timebucket import Precision
from oap.window.models import metric_models
from tests.oap.commands.oal_run import run

_SHIPPED = Path(__file__).parents[3] / "config" / "oal" / "ebpf.oal"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with the shipped rules and two dashboards."""
    (tmp_path / "oal").mkdir()
    shutil.copy(_SHIPPED, tmp_path / "oal")
    templates = tmp_path / "ui-initialized-templates" / "k8s_service"
    templates.mkdir(parents=True)
    shown = '{"expressions": ["avg(kubernetes_service_connect_time)/1000", "kubernetes_service_apdex_not"]}'
    (templates / "service.json").write_text(shown, encoding="utf-8")
    (templates / "root.json").write_text('["kubernetes_service_connect_time_x"]', encoding="utf-8")
    return tmp_path


def test_a_metric_is_explained(config: Path) -> None:
    result = run("explain", "kubernetes_service_connect_time", "--config", str(config))
    assert result.exit_code == 0
    lines = result.stdout.replace(str(config), "CONFIG").splitlines()
    assert lines[:3] == [
        "kubernetes_service_connect_time",
        "  rule            CONFIG/oal/ebpf.oal:17",
        '    kubernetes_service_connect_time = from(K8SService.connect.duration).filter(type == "connect").longAvg();',
    ]
    for line in (
        "  scope           K8SService: one record per service, by what its own side reports in whichever role",
        "  rows            connect: system calls that open a connection",
        "  detectPoint     SERVER, CLIENT, PROXY, UNRECOGNIZED",
        "  value           mean of connect.duration over the rows, cut to a whole number (summation / count)",
        "  unit            ns",
        "  hour and day    the mean over all their rows, not of their minutes",
        "                  value long: computed from the others  <- the value",
        "  dashboards      k8s_service/service.json",
        "  known flaw      failed attempts are included. Right: add .filter(connect.success == true)",
    ):
        assert line in lines


def test_a_metric_is_explained_to_programs(config: Path) -> None:
    result = run("explain", "kubernetes_service_connect_time", "--config", str(config), "--format", "json")
    record = json.loads(result.stdout)
    assert record["unit"] == "ns"
    assert record["operations"][0]["state"][1]["text"] == "sum of connect.duration"
    assert [store["store"] for store in record["storage"]] == ["embedded (duckdb)", "Elasticsearch", "MySQL"]
    assert record["dashboards"] == ["k8s_service/service.json"]
    assert record["defects"][0]["correct"] == "add .filter(connect.success == true)"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kubernetes_service_conect_time", "did you mean 'kubernetes_service_connect_time'?"),
        ("connect_success", "names with it: kubernetes_service_connect_success_cpm"),
        ("zzz", "there is no metric 'zzz'"),
    ],
)
def test_an_unknown_metric_is_wrong_usage(config: Path, name: str, said: str) -> None:
    result = run("explain", name, "--config", str(config))
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_rules_with_errors_explain_nothing(config: Path) -> None:
    (config / "oal" / "new.oal").write_text("x = 5;", encoding="utf-8")
    result = run("explain", "x", "--config", str(config))
    assert (result.exit_code, "new.oal:1:5: error E102" in result.stderr) == (1, True)


def test_places_in_the_embedded_store_are_those_it_uses() -> None:
    catalog = k8s_catalog()
    plan = compile_rules([("ebpf.oal", _SHIPPED.read_text(encoding="utf-8"))], catalog).plan
    assert plan is not None
    models = metric_models(plan, catalog)
    for metric in plan.metrics:
        model, embedded = models[metric.name], stored_as(metric)[0]
        assert embedded.places == tuple(metric_table(model.scope, precision) for precision in Precision)
        assert embedded.columns == tuple(metric_column(model, column.name) for column in model.columns)


def test_names_in_other_stores_are_upstreams() -> None:
    rules = "a = from(K8SService.*).percent(protocol.success == true);b = from(K8SEndpoint.duration).percentile2(10);"
    plan = compile_rules([("a.oal", rules)], k8s_catalog()).plan
    assert plan is not None
    (_, search, mysql), (_, _, other) = map(stored_as, plan.metrics)
    assert search.places == ("sw_metrics-all-<yyyyMMdd>", "sw_metrics-percent-<yyyyMMdd> with logicSharding")
    assert (search.rows, search.columns) == ("metric_table = a", ("total", "percentage", "match"))
    assert (mysql.places, mysql.columns) == (("metrics_percent_<yyyyMMdd>",), ("total", "percentage", "match_num"))
    assert other.columns == ("datatable_value", "cal_precision", "dataset")


def test_scopes_are_listed() -> None:
    lines = run("scopes").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "scope",
        "K8SService",
        "K8SServiceInstance",
        "K8SServiceRelation",
        "K8SServiceInstanceRelation",
        "K8SEndpoint",
    ]
    assert lines[5].split()[-2:] == ["18", "http"]


def test_attributes_of_a_scope_are_a_table() -> None:
    lines = run("scopes", "K8SService").stdout.splitlines()
    assert lines[0] == "K8SService: one record per service, by what its own side reports in whichever role"
    rows = {line.split()[0]: line for line in lines if line}
    assert rows["write.l4.duration"].split(maxsplit=4)[:4] == ["write.l4.duration", "long", "ns", "write"]
    assert rows["write.l4.duration"].endswith("write.l4Metrics.totalDuration")
    assert "(SERVER CLIENT PROXY UNRECOGNIZED)" in rows["detectPoint"]
    assert rows["name"].split()[1:3] == ["string", "all"]
    assert rows["attr0"].split()[1:3] == ["string", "none"]


def test_scopes_are_told_to_programs() -> None:
    (record,) = json.loads(run("scopes", "K8SEndpoint", "--format", "json").stdout)
    assert record["attributes"][0]["path"] == "type"
    assert len(json.loads(run("scopes", "--format", "json").stdout)) == 5


def test_an_unknown_scope_is_wrong_usage() -> None:
    result = run("scopes", "k8sservice")
    assert (result.exit_code, "did you mean 'K8SService'?" in " ".join(result.stderr.split())) == (2, True)
