"""The rows of the spec's composed examples, byte for byte, and the tables around them."""

# ruff: noqa: S608  (the names are written here)

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from oal.functions.contract import Merge, StateColumn, Store, ValueKind
from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    ServiceRelationRow,
    ServiceTraffic,
    Template,
)
from oap.storage.mysql import MysqlStorage
from oap.storage.mysql.schema import index_name
from tests.oap.storage.samples import (
    CPM,
    DAY,
    HOUR,
    MINUTE,
    PERCENTILE,
    Cells,
    cpm,
    records,
    rows,
    series,
    tables,
)
from tests.oap.storage.test_mysql import opened
from tests.servers.mariadb import MariadbServer

CS = "ZnJvbnRlbmQuZGVmYXVsdA==.1"
SS = "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1"
CI = "ZnJvbnRlbmQuZGVmYXVsdA==.1_ZnJvbnRlbmQtNmY1YjljN2Q4OC00cTJsbQ=="
SI = "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1_cHJvZHVjdHBhZ2UtN2Q0YzhiOWY2LXgyeDdr"
SE = "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1_R0VUOi9hcGkvdjEvcHJvZHVjdHM="
SREL = "ZnJvbnRlbmQuZGVmYXVsdA==.1-cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1"

SERVICE_CPM = MetricModel(
    "kubernetes_service_http_call_cpm",
    "K8SService",
    "SERVICE",
    "cpm",
    CPM.columns,
    "value",
    ValueKind.REGULAR_VALUE,
    False,
    "K8S_SERVICE",
)
SERVICE_PERCENTILE = MetricModel(
    "kubernetes_service_percentile",
    "K8SService",
    "SERVICE",
    "percentile2",
    PERCENTILE.columns,
    "datatable_value",
    ValueKind.LABELED_VALUE,
    False,
)
POD_SHARE = MetricModel(
    "pod_share",
    "K8SServiceInstance",
    "SERVICE_INSTANCE",
    "percent",
    (
        StateColumn("total", Store.LONG, Merge.ADD),
        StateColumn("percentage", Store.INT, Merge.NONE),
        StateColumn("match", Store.LONG, Merge.ADD),
    ),
    "percentage",
    ValueKind.REGULAR_VALUE,
    True,
)

# What the Java server sends, from its own code; its tables have the collation of the database.
JAVA_TABLE = (
    "CREATE TABLE metrics_cpm_20250611(id VARCHAR(512) PRIMARY KEY, table_name VARCHAR(512), entity_id VARCHAR(512),"
    " attr0 VARCHAR(256), attr1 VARCHAR(256), attr2 VARCHAR(256), attr3 VARCHAR(256), attr4 VARCHAR(256),"
    " attr5 VARCHAR(256), value_ BIGINT, total BIGINT, time_bucket BIGINT)"
)
JAVA_ROW = (
    "INSERT INTO metrics_cpm_20250611(id,table_name,entity_id,attr0,attr1,attr2,attr3,attr4,attr5,value_,total,time_bucket)"
    "VALUES('kubernetes_service_http_call_cpm_202506111430_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1',"
    "'kubernetes_service_http_call_cpm','cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1','K8S_SERVICE',NULL,NULL,NULL,NULL,NULL,120,120,"
    "202506111430)"
)


@dataclass(frozen=True, slots=True)
class OpenStore:
    """The store under test and its database as seen from outside."""

    storage: MysqlStorage
    server: MariadbServer
    database: str

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.server.rows(sql, self.database)


@pytest.fixture
def store(mariadb: MariadbServer, database: str) -> Iterator[OpenStore]:
    storage = opened(mariadb, database)
    storage.prepare((SERVICE_CPM, SERVICE_PERCENTILE))
    yield OpenStore(storage, mariadb, database)
    storage.close()


def test_a_number_is_stored_as_the_java_server_stores_it(store: OpenStore) -> None:
    for bucket, value, total in ((MINUTE, 120, 120), (HOUR, 120, 7200), (DAY, 5, 7200)):
        columns = {"value": [value], "total": [total]}
        store.storage.write(rows(bucket, [SS], records(SERVICE_CPM, columns)))
    assert store.rows("SELECT * FROM metrics_cpm_20250611 ORDER BY time_bucket DESC") == [
        (
            "kubernetes_service_http_call_cpm_202506111430_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "kubernetes_service_http_call_cpm",
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "K8S_SERVICE",
            *[None] * 5,
            120,
            120,
            202506111430,
        ),
        (
            "kubernetes_service_http_call_cpm_2025061114_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "kubernetes_service_http_call_cpm",
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "K8S_SERVICE",
            *[None] * 5,
            120,
            7200,
            2025061114,
        ),
        (
            "kubernetes_service_http_call_cpm_20250611_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "kubernetes_service_http_call_cpm",
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "K8S_SERVICE",
            *[None] * 5,
            5,
            7200,
            20250611,
        ),
    ]


def test_a_percentile_is_stored_as_the_java_server_stores_it(store: OpenStore) -> None:
    value = tables([{"{p=50}": 10, "{p=75}": 20, "{p=90}": 20, "{p=95}": 50, "{p=99}": 120}])
    dataset = tables([{0: 20, 1: 60, 2: 30, 5: 8, 12: 2}])
    columns: Cells = {"datatable_value": value, "precision": [10], "dataset": dataset}
    store.storage.write(rows(MINUTE, [SS], records(SERVICE_PERCENTILE, columns)))
    assert store.rows(
        "SELECT id, table_name, entity_id, attr0, attr5, datatable_value, cal_precision, dataset, time_bucket"
        " FROM metrics_percentile2_20250611"
    ) == [
        (
            "kubernetes_service_percentile_202506111430_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            "kubernetes_service_percentile",
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            None,
            None,
            "{p=50},10|{p=75},20|{p=90},20|{p=95},50|{p=99},120",
            10,
            "0,20|1,60|2,30|5,8|12,2",
            202506111430,
        )
    ]


def test_traffic_is_stored_as_the_java_server_stores_it(store: OpenStore) -> None:
    pod, path = "productpage-7d4c8b9f6-x2x7k", "GET:/api/v1/products"
    store.storage.write(
        HandOver(
            services=[
                ServiceTraffic(SS, "productpage.default", 17, MINUTE),
                ServiceTraffic("Z3JwOjpzaG9w.1", "grp::shop", 1, MINUTE),
            ],
            instances=[InstanceTraffic(SI, SS, pod, MINUTE, MINUTE)],
            endpoints=[EndpointTraffic(SE, SS, path, MINUTE, MINUTE)],
        )
    )
    names = "table_name, service_traffic_name, short_name, service_id, service_group, layer, time_bucket"
    assert store.rows(f"SELECT id, {names} FROM service_traffic_20250611 ORDER BY layer") == [
        ("Z3JwOjpzaG9w.1", "service_traffic", "grp::shop", "shop", "Z3JwOjpzaG9w.1", "grp", 1, 202506111430),
        (
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.17",
            "service_traffic",
            "productpage.default",
            "productpage.default",
            "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
            None,
            17,
            202506111430,
        ),
    ]
    names = "table_name, service_id, instance_traffic_name, last_ping, properties, time_bucket"
    assert store.rows(f"SELECT id, {names} FROM instance_traffic_20250611") == [
        (SI, "instance_traffic", SS, "productpage-7d4c8b9f6-x2x7k", 202506111430, "", 202506111430)
    ]
    names = "table_name, service_id, endpoint_traffic_name, last_ping, time_bucket"
    assert store.rows(f"SELECT id, {names} FROM endpoint_traffic_20250611") == [
        (SE, "endpoint_traffic", SS, "GET:/api/v1/products", 202506111430, 202506111430)
    ]


def test_edges_are_stored_as_the_java_server_stores_them(store: OpenStore) -> None:
    store.storage.write(
        HandOver(
            service_relations=[ServiceRelationRow(MINUTE, side, SREL, CS, SS, (49,)) for side in (True, False)],
            instance_relations=[InstanceRelationRow(MINUTE, True, f"{CI}-{SI}", CS, CI, SS, SI)],
        )
    )
    names = "table_name, source_service_id, dest_service_id, component_ids, entity_id, time_bucket"
    for side in ("server", "client"):
        assert store.rows(f"SELECT id, {names} FROM service_relation_{side}_side_20250611") == [
            (
                "202506111430_ZnJvbnRlbmQuZGVmYXVsdA==.1-cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",
                f"service_relation_{side}_side",
                CS,
                SS,
                "49",
                SREL,
                202506111430,
            )
        ]
    ends = "source_service_id, source_service_instance_id, dest_service_id, dest_service_instance_id"
    assert store.rows(
        f"SELECT id, table_name, {ends}, entity_id, time_bucket FROM service_instance_relation_server_side_20250611"
    ) == [
        (
            f"202506111430_{CI}-{SI}",
            "service_instance_relation_server_side",
            CS,
            CI,
            SS,
            SI,
            f"{CI}-{SI}",
            202506111430,
        )
    ]


def test_a_template_is_stored_as_the_java_server_stores_it(store: OpenStore) -> None:
    store.storage.save_template(Template("T1", "{...}", 1749652200000))
    names = "id, table_name, template_id, configuration, update_time, disabled"
    assert store.rows(f"SELECT {names} FROM ui_template") == [("T1", "ui_template", "T1", "{...}", 1749652200000, 0)]


def test_a_row_of_the_java_server_is_read_and_replaced(mariadb: MariadbServer, database: str) -> None:
    mariadb.execute(f"USE {database}", JAVA_TABLE, JAVA_ROW)
    storage = opened(mariadb, database)
    storage.prepare((SERVICE_CPM,))
    assert series(storage, SERVICE_CPM, SS, MINUTE, MINUTE) == {MINUTE: 120}
    storage.write(rows(MINUTE, [SS], cpm(150, metric=SERVICE_CPM)))
    storage.close()
    found = mariadb.rows("SELECT value_, total, attr0 FROM metrics_cpm_20250611", database)
    assert found == [(150, 150, "K8S_SERVICE")]


def test_a_table_of_the_java_server_gets_the_columns_it_lacks(mariadb: MariadbServer, database: str) -> None:
    mariadb.execute(f"USE {database}", JAVA_TABLE, JAVA_ROW)
    storage = opened(mariadb, database)
    storage.prepare((SERVICE_CPM, CPM))
    storage.write(rows(MINUTE, ["pod"], cpm(3), service_ids=[SS]))
    assert series(storage, SERVICE_CPM, SS, MINUTE, MINUTE) == {MINUTE: 120}
    storage.close()
    found = mariadb.rows("SELECT entity_id, service_id, value_ FROM metrics_cpm_20250611 ORDER BY value_", database)
    assert found == [("pod", SS, 3), (SS, None, 120)]


def test_indexes_have_the_names_by_which_the_java_server_knows_them(store: OpenStore) -> None:
    found = store.rows(
        "SELECT column_name, index_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " AND table_name = 'metrics_cpm_20250611' ORDER BY column_name"
    )
    assert found == [
        ("id", "PRIMARY"),
        ("table_name", "idx_506006489"),
        ("time_bucket", "idx_1725354049"),
        ("value_", "idx_579651339"),
    ]
    assert index_name("metrics_cpm_20250611", "value_") == "idx_579651339"


def test_columns_have_the_types_of_the_java_server(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    storage.prepare((POD_SHARE,))
    storage.close()
    found = mariadb.rows(
        "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND table_name = 'metrics_percent_20250611' ORDER BY ordinal_position",
        database,
    )
    assert found == [
        ("id", "varchar(512)"),
        ("table_name", "varchar(512)"),
        ("entity_id", "varchar(512)"),
        ("service_id", "varchar(256)"),
        ("total", "bigint(20)"),
        ("percentage", "int(11)"),
        ("match_num", "bigint(20)"),
        ("time_bucket", "bigint(20)"),
    ]


def test_tables_of_today_and_tomorrow_are_there_before_anything_is_written(store: OpenStore) -> None:
    assert [row[0] for row in store.rows("SHOW TABLES")] == [
        "endpoint_traffic_20250611",
        "endpoint_traffic_20250612",
        "instance_traffic_20250611",
        "instance_traffic_20250612",
        "metrics_cpm_20250611",
        "metrics_cpm_20250612",
        "metrics_percentile2_20250611",
        "metrics_percentile2_20250612",
        "service_instance_relation_client_side_20250611",
        "service_instance_relation_client_side_20250612",
        "service_instance_relation_server_side_20250611",
        "service_instance_relation_server_side_20250612",
        "service_relation_client_side_20250611",
        "service_relation_client_side_20250612",
        "service_relation_server_side_20250611",
        "service_relation_server_side_20250612",
        "service_traffic_20250611",
        "service_traffic_20250612",
        "ui_menu",
        "ui_template",
    ]
