"""Copies between embedded stores, and out of tables that hold what the Java server writes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
    Template,
)
from oap.storage.copying import Copier, Kind, Plan
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.journal import opened
from oap.storage.listing import ListedStorage
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql import StorageSettings as MysqlSettings
from tests.oap.storage.samples import (
    CPM,
    DAY,
    HOUR,
    MINUTE,
    PERCENTILE,
    SERVICE_CPM,
    Cells,
    cpm,
    plain,
    records,
    rows,
    tables,
)
from tests.servers.mariadb import PASSWORD, USER, MariadbServer

MODELS = {model.name: model for model in (CPM, SERVICE_CPM, PERCENTILE)}
SERVICE = ServiceTraffic("shop", "shop", 17, MINUTE)
POD = InstanceTraffic("pod", "shop", "pod-0", MINUTE, MINUTE)
PATH = EndpointTraffic("path", "shop", "GET:/", MINUTE, MINUTE)
EDGE = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (49, 129))
PODS = InstanceRelationRow(MINUTE, False, "x-y", "a", "x", "b", "y")
BOARD = Template("board", '{"name":"board"}', 1749652200000)


@pytest.fixture
def source() -> Iterator[DuckdbStorage]:
    yield from store()


@pytest.fixture
def target() -> Iterator[DuckdbStorage]:
    yield from store()


def store() -> Iterator[DuckdbStorage]:
    opened_store = DuckdbStorage(StorageSettings(":memory:", threads=1))
    opened_store.prepare(list(MODELS.values()))
    yield opened_store
    opened_store.close()


def fill(storage: Storage) -> None:
    for bucket in (MINUTE, MINUTE + 1, HOUR, DAY):
        storage.write(rows(bucket, ["pod", "other"], cpm(7, 9)))
    percentile: Cells = {
        "datatable_value": tables([{"{p=50}": 10, "{p=99}": 30}]),
        "precision": [10],
        "dataset": tables([{1: 3, 3: 1}]),
    }
    storage.write(rows(MINUTE, ["pod"], records(PERCENTILE, percentile)))
    storage.write(rows(MINUTE, ["shop"], cpm(5, metric=SERVICE_CPM)))
    traffic = HandOver((), [SERVICE], [POD], [PATH], [EDGE, replace(EDGE, bucket=DAY)], [PODS])
    storage.write(traffic)
    storage.save_template(BOARD)
    storage.save_menu('{"menu":1}', BOARD.update_time)


def copied(source: ListedStorage, target: ListedStorage, folder: Path) -> tuple[Plan, list[int], list[Kind]]:
    copier = Copier(source, target, MODELS)
    steps: list[int] = []
    plan = copier.plan()
    with opened(folder / "state", "a", "b") as journal:
        copier.run(plan, journal, steps.append)
    return plan, steps, list(copier.compare())


def test_everything_is_copied_and_counted(source: DuckdbStorage, target: DuckdbStorage, tmp_path: Path) -> None:
    fill(source)
    plan, steps, kinds = copied(source, target, tmp_path)
    assert plan == Plan({DAY: 3, HOUR: 2, MINUTE: 6, MINUTE + 1: 2}, {})
    assert steps == [3, 2, 6, 2]
    assert kinds == [
        Kind("metrics, days", 2, 2, 0),
        Kind("metrics, hours", 2, 2, 0),
        Kind("metrics, minutes", 6, 6, 0),
        Kind("relations, days", 1, 1, 0),
        Kind("relations, minutes", 2, 2, 0),
        Kind("services", 1, 1, 0),
        Kind("instances", 1, 1, 0),
        Kind("endpoints", 1, 1, 0),
        Kind("templates", 1, 1, 0),
        Kind("menus", 1, 1, 0),
    ]
    for model in MODELS.values():
        assert plain(target.load_metrics([model], MINUTE)) == plain(source.load_metrics([model], MINUTE))
    assert target.listing().traffic() == HandOver((), [SERVICE], [POD], [PATH])
    assert target.listing().relations(MINUTE) == HandOver(service_relations=[EDGE], instance_relations=[PODS])
    assert (target.templates(), target.menu()) == ([BOARD], '{"menu":1}')


def test_copying_twice_changes_nothing(source: DuckdbStorage, target: DuckdbStorage, tmp_path: Path) -> None:
    fill(source)
    copied(source, target, tmp_path)
    once = target.listing().counts(DAY)
    (tmp_path / "state").unlink()
    copied(source, target, tmp_path)
    assert target.listing().counts(DAY) == once == source.listing().counts(DAY)


def test_what_the_journal_has_is_not_copied_again(source: DuckdbStorage, target: DuckdbStorage, tmp_path: Path) -> None:
    fill(source)
    (tmp_path / "state").write_text(f"oap storage copy 1\nfrom a\nto b\n{MINUTE}\n{HOUR}\n")
    _, steps, kinds = copied(source, target, tmp_path)
    assert sum(steps) == 13
    assert [kind for kind in kinds if kind.missing] == [
        Kind("metrics, hours", 2, 0, 2),
        Kind("metrics, minutes", 6, 2, 4),
        Kind("relations, minutes", 2, 0, 2),
    ]


def test_what_the_target_saw_later_stays(source: DuckdbStorage, target: DuckdbStorage, tmp_path: Path) -> None:
    fill(source)
    newer = replace(BOARD, configuration="{}", update_time=BOARD.update_time + 1)
    target.write(HandOver(instances=[replace(POD, bucket=MINUTE + 3, last_ping=MINUTE + 9)]))
    target.save_template(newer)
    target.save_menu('{"menu":2}', BOARD.update_time)
    copied(source, target, tmp_path)
    assert target.instance("pod") == replace(POD, last_ping=MINUTE + 9)
    assert (target.templates(), target.menu()) == ([newer], '{"menu":2}')


def test_metrics_without_a_rule_are_counted(source: DuckdbStorage, target: DuckdbStorage, tmp_path: Path) -> None:
    fill(source)
    old = replace(CPM, name="removed_cpm")
    source.prepare([old])
    source.write(rows(MINUTE, ["pod"], cpm(1, metric=old)))
    plan, _, kinds = copied(source, target, tmp_path)
    assert plan.unknown == {"removed_cpm": 1}
    assert sum(kind.missing for kind in kinds) == 0


def test_rows_of_the_java_server_are_moved(
    mariadb: MariadbServer, database: str, target: DuckdbStorage, tmp_path: Path
) -> None:
    settings = MysqlSettings(mariadb.jdbc_url(database), USER, PASSWORD)
    ours = MysqlStorage(settings)
    ours.prepare([SERVICE_CPM])
    ours.write(rows(MINUTE, ["of ours"], cpm(1, metric=SERVICE_CPM)))
    ours.close()
    mariadb.execute(
        f"INSERT INTO {database}.metrics_cpm_20250611(id,table_name,entity_id,attr0,attr1,attr2,attr3,attr4,attr5,value_,"
        f"total,time_bucket) VALUES('service_cpm_{MINUTE}_c2hvcA==.1','service_cpm','c2hvcA==.1','K8S_SERVICE',NULL,NULL,"
        f"NULL,NULL,NULL,120,120,{MINUTE})",
        f"INSERT INTO {database}.metrics_cpm_20250611(id,table_name,entity_id,value_,total,time_bucket)"
        f" VALUES('service_sla_{MINUTE}_c2hvcA==.1','service_sla','c2hvcA==.1',1,1,{MINUTE})",
        f"CREATE TABLE {database}.process_traffic_20250611(id VARCHAR(512) PRIMARY KEY, table_name VARCHAR(512), name"
        " VARCHAR(500), time_bucket BIGINT)",
        f"INSERT INTO {database}.process_traffic_20250611 VALUES('p', 'process_traffic', 'nginx', {MINUTE})",
        f"CREATE TABLE {database}.alarm_record_tag_20250611(id VARCHAR(512), tags VARCHAR(200), time_bucket BIGINT)",
    )
    source = MysqlStorage(settings)
    plan, _, kinds = copied(source, target, tmp_path)
    source.close()
    assert plan.unknown == {"process_traffic": 1, "service_sla": 1}
    assert kinds[0] == Kind("metrics, minutes", 2, 2, 0)
    found = target.load_metrics([SERVICE_CPM], MINUTE)
    assert plain(found) == (
        "K8SService",
        MINUTE,
        ["c2hvcA==.1", "of ours"],
        None,
        ("service_cpm", [True, True], {"value": [120, 1], "total": [120, 1]}),
    )
