"""The pages about storages work as they stand: their commands on real servers, their tables against the configuration."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from oap.config.load import load_config
from oap.config.sections import DuckdbSettings, ElasticsearchSettings, MysqlSettings
from oap.config.setting import refused_of, settings_of, value_text
from oap.entity.scopes import k8s_catalog
from oap.storage.contract import HandOver, InstanceTraffic, ServiceTraffic
from oap.storage.duckdb import DuckdbStorage
from oap.storage.duckdb import StorageSettings as DuckdbStoreSettings
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.window.models import metric_models
from tests.docs.markdown_steps import ROOT, Step, steps, take
from tests.oap.pipeline_run import shipped_plan
from tests.oap.storage.samples import MINUTE, cpm, rows
from tests.servers.elasticsearch import ELASTICSEARCH_7, running_server
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb

CHOOSE = ROOT / "docs" / "choose-a-storage.md"
SIZING = ROOT / "docs" / "sizing.md"
MOVE = ROOT / "docs" / "move-from-the-java-oap.md"
SECTIONS = {"duckdb": DuckdbSettings, "mysql": MysqlSettings, "elasticsearch": ElasticsearchSettings}
MODEL = metric_models(shipped_plan(), k8s_catalog())["kubernetes_service_http_call_cpm"]


def step(page: Path, title: str) -> Step:
    (found,) = (one for one in steps(page) if one.language == "sh" and one.title == title)
    return found


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariadbServer]:
    with running_mariadb() as server:
        yield server


@pytest.fixture
def environ(mariadb: MariadbServer) -> Mapping[str, str]:
    return {
        "OAP_CONFIG": str(ROOT / "config"),
        "SW_STORAGE": "mysql",
        "SW_JDBC_URL": mariadb.jdbc_url(mariadb.new_database()),
        "SW_DATA_SOURCE_USER": USER,
        "SW_DATA_SOURCE_PASSWORD": PASSWORD,
    }


def follow(one: Step, folder: Path, environ: Mapping[str, str], replaced: Mapping[str, str]) -> str:
    """What the commands print when they name servers of the tests."""
    text = one.text
    for written, real in replaced.items():
        assert written in text
        text = text.replace(written, real)
    return take(dataclasses.replace(one, text=text), folder, environ)


def test_the_database_of_the_page_is_fit(mariadb: MariadbServer, environ: Mapping[str, str], tmp_path: Path) -> None:
    # As the page says, but for the host that the user comes from.
    (made,) = (one.text for one in steps(CHOOSE) if one.language == "sql")
    made = made.replace("'%'", "'127.0.0.1'").replace("'oap'@", "'reader'@")
    mariadb.execute(*filter(None, made.replace("\n", "").split(";")))
    real = {"db:3306": f"127.0.0.1:{mariadb.port}", "SW_DATA_SOURCE_USER=oap": "SW_DATA_SOURCE_USER=reader"}
    said = follow(step(CHOOSE, "mysql"), tmp_path, environ, real)
    assert "problem" not in said, said
    assert f"jdbc:mysql://127.0.0.1:{mariadb.port}/oap\n" in said


def test_the_cluster_of_the_page_is_fit(environ: Mapping[str, str], tmp_path: Path) -> None:
    with running_server(ELASTICSEARCH_7) as server:
        said = follow(step(CHOOSE, "elasticsearch"), tmp_path, environ, {"es:9200": server.node})
    assert "problem" not in said, said
    assert "Elasticsearch 7.17" in said


def test_the_embedded_store_is_taken_along(environ: Mapping[str, str], tmp_path: Path) -> None:
    storage = DuckdbStorage(DuckdbStoreSettings(str(tmp_path / "data" / "oap.duckdb")))
    storage.prepare([MODEL])
    storage.write(rows(MINUTE, ["shop"], cpm(7, metric=MODEL)))
    storage.close()
    assert follow(step(CHOOSE, "copy"), tmp_path, environ, {}).endswith("everything is there\n")


def test_a_database_is_tried_in_a_file_and_filled_from_it(
    mariadb: MariadbServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    storage = MysqlStorage(StorageSettings(environ["SW_JDBC_URL"], USER, PASSWORD))
    storage.prepare([MODEL])
    storage.write(rows(MINUTE, ["shop"], cpm(7, metric=MODEL)))
    traffic = HandOver(
        services=[ServiceTraffic("shop", "shop", 17, MINUTE)],
        instances=[InstanceTraffic("pod", "shop", "pod", MINUTE, MINUTE)],
    )
    storage.write(traffic)
    storage.close()
    checked, tried = (follow(step(MOVE, title), tmp_path, environ, {}) for title in ("check", "try"))
    assert "problem" not in checked + tried, checked + tried
    assert "everything is there\n" in tried
    empty = {**environ, "SW_JDBC_URL": mariadb.jdbc_url(mariadb.new_database())}
    assert follow(step(MOVE, "back"), tmp_path, empty, {}).endswith("everything is there\n")


@pytest.mark.parametrize("provider", SECTIONS)
def test_every_setting_stands_in_the_table(provider: str) -> None:
    values = load_config(ROOT / "config", {"SW_STORAGE": provider}).flattened()
    expected = set()
    for setting in settings_of(SECTIONS[provider]):
        key, default = setting.limits.key, value_text(setting.default)
        variable = values[f"storage.{provider}.{key}"].origin.unset[0]
        shown = f"`{default}`" if default else "empty"
        expected.add(f"| `{key}` | `{variable}` | {shown} {setting.limits.unit}".rstrip() + " |")
    assert set(re.findall(r"^\| `.*` \| `[A-Z_]+` \| .* \|$", section_of(provider), re.MULTILINE)) == expected


@pytest.mark.parametrize("provider", ["mysql", "elasticsearch"])
def test_every_setting_that_is_refused_stands_there_with_its_reason(provider: str) -> None:
    rows_of_page = re.findall(r"^\| (`[^|]*`) \| ([^`|]+) \|$", section_of(provider), re.MULTILINE)
    found = {key: reason for keys, reason in rows_of_page for key in re.findall(r"`([^`]+)`", keys)}
    assert found == dict(refused_of(SECTIONS[provider]))


def section_of(provider: str) -> str:
    return CHOOSE.read_text(encoding="utf-8").partition(f"### {provider}\n")[2].partition("\n### ")[0]


def test_the_arithmetic_of_the_page_is_right(tmp_path: Path) -> None:
    found = [one for one in steps(SIZING) if one.language == "sh"]
    assert {one.title: take(one, tmp_path) for one in found} == {one.title: one.answer for one in found}


def test_the_page_counts_the_metrics_of_the_shipped_rules() -> None:
    table = re.findall(r"^\| ([a-z ()]+?) \| (\d+)\b", SIZING.read_text(encoding="utf-8"), re.MULTILINE)
    scopes = Counter(model.scope for model in metric_models(shipped_plan(), k8s_catalog()).values())
    assert {name: int(count) for name, count in table} == {
        "service": scopes["K8SService"],
        "instance (pod)": scopes["K8SServiceInstance"],
        "endpoint": scopes["K8SEndpoint"],
        "relation of two services": scopes["K8SServiceRelation"],
        "relation of two instances": scopes["K8SServiceInstanceRelation"],
    }
