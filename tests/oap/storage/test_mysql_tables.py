"""Day tables: made ahead, made when missing, dropped without what is still active."""

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    ServiceRelationRow,
    ServiceTraffic,
    StorageError,
    TopEntity,
)
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.storage.timed import TimedStorage
from oap.telemetry.meters import Meter
from tests.oap.storage.samples import (
    CPM,
    MINUTE,
    SERVICE_CPM,
    cpm,
    records,
    rows,
    series,
    top_n,
)
from tests.oap.storage.test_mysql import opened
from tests.servers.mariadb import PASSWORD, USER, MariadbServer

YESTERDAY = 202506102359
TOMORROW = 202506120000


class Schema:
    """The tables of the database as others see them."""

    def __init__(self, server: MariadbServer, database: str) -> None:
        self.server = server
        self.database = database

    def tables(self, pattern: str) -> list[object]:
        return [row[0] for row in self.rows(f"SHOW TABLES LIKE '{pattern}'")]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.server.rows(sql, self.database)

    def run(self, *statements: str) -> None:
        self.server.execute(f"USE {self.database}", *statements)


@pytest.fixture
def schema(mariadb: MariadbServer, database: str) -> Schema:
    return Schema(mariadb, database)


@pytest.fixture
def storage(mariadb: MariadbServer, database: str) -> Iterator[MysqlStorage]:
    storage = opened(mariadb, database)
    storage.prepare((CPM, SERVICE_CPM))
    yield storage
    storage.close()


def test_the_first_rows_of_a_day_make_the_tables_of_the_next(storage: MysqlStorage, schema: Schema) -> None:
    storage.write(rows(TOMORROW, ["a"], cpm(1)))
    assert schema.tables("metrics_cpm_%") == [
        "metrics_cpm_20250611",
        "metrics_cpm_20250612",
        "metrics_cpm_20250613",
    ]
    assert schema.tables("%_20250613") == [
        "endpoint_traffic_20250613",
        "instance_traffic_20250613",
        "metrics_cpm_20250613",
        "service_instance_relation_client_side_20250613",
        "service_instance_relation_server_side_20250613",
        "service_relation_client_side_20250613",
        "service_relation_server_side_20250613",
        "service_traffic_20250613",
    ]


def test_the_tables_of_a_day_exist_before_it_begins_whatever_happens(
    mariadb: MariadbServer, database: str, schema: Schema
) -> None:
    settings = StorageSettings(mariadb.jdbc_url(database), USER, PASSWORD)
    clock = {"day": 20241230}
    storage = MysqlStorage(settings, today=lambda: clock["day"])
    storage.prepare((CPM,))
    assert schema.tables("metrics_cpm_%") == ["metrics_cpm_20241230", "metrics_cpm_20241231"]
    # The first hand-over after midnight has no row of the new day, nor any other.
    clock["day"] = 20241231
    storage.write(HandOver())
    assert schema.tables("metrics_cpm_%")[2:] == ["metrics_cpm_20250101"]
    storage.close()
    # A minute before midnight the server is started anew.
    clock["day"] = 20250101
    again = MysqlStorage(settings, today=lambda: clock["day"])
    again.prepare((CPM,))
    assert schema.tables("metrics_cpm_%")[3:] == ["metrics_cpm_20250102"]
    assert len(schema.tables("%_20250102")) == len(schema.tables("%_20241230")) == 8
    again.close()


def test_nothing_active_is_missing_from_a_list_while_days_are_dropped(storage: MysqlStorage) -> None:
    shop, ended = ServiceTraffic("shop", "shop", 17, YESTERDAY), threading.Event()
    gaps: list[object] = []

    def read() -> None:
        while not ended.is_set():
            found = list(storage.services()), storage.instance("p")
            if found[0] != [shop] or found[1] is None:
                gaps.append(found)

    storage.write(HandOver(services=[shop], instances=[InstanceTraffic("p", "shop", "pod", YESTERDAY, YESTERDAY)]))
    reader = threading.Thread(target=read)
    reader.start()
    for day in range(20250611, 20250620):
        minute = day * 10000 + 1200
        storage.write(HandOver(instances=[InstanceTraffic("p", "shop", "pod", minute, minute)]))
        storage.delete_before(day)
    ended.set()
    reader.join()
    assert gaps == []
    assert storage.instance("p") == InstanceTraffic("p", "shop", "pod", YESTERDAY, 202506191200)


def test_a_table_grows_under_those_who_use_it(mariadb: MariadbServer, database: str, schema: Schema) -> None:
    storage, ended = opened(mariadb, database), threading.Event()
    storage.prepare((SERVICE_CPM,))
    written: list[float] = []

    def use() -> None:
        while not ended.is_set():
            storage.write(rows(MINUTE, ["a"], cpm(len(written), metric=SERVICE_CPM)))
            written.append(series(storage, SERVICE_CPM, "a", MINUTE, MINUTE)[MINUTE])

    number = (
        "SELECT table_id FROM information_schema.innodb_sys_tables"
        " WHERE name = CONCAT(DATABASE(), '/metrics_cpm_20250611')"
    )
    before = schema.rows(number)
    user = threading.Thread(target=use)
    user.start()
    other = opened(mariadb, database)
    other.prepare((CPM,))
    other.write(rows(MINUTE, ["pod"], cpm(3)))
    ended.set()
    user.join()
    assert written == list(range(len(written)))
    assert schema.rows("SELECT service_id, value_ FROM metrics_cpm_20250611 WHERE entity_id = 'pod'") == [("shop", 3)]
    # A table that was copied is another one.
    assert schema.rows(number) == before
    other.close()
    storage.close()


def test_late_rows_make_the_table_of_their_day(storage: MysqlStorage, schema: Schema) -> None:
    storage.write(rows(202506010000, ["a"], cpm(1)))
    assert schema.tables("%_20250601") == ["metrics_cpm_20250601"]
    assert series(storage, CPM, "a", 202506010000, 202506010000) == {202506010000: 1}


def test_tables_that_another_server_dropped_are_made_again(storage: MysqlStorage, schema: Schema) -> None:
    storage.write(rows(MINUTE, ["a"], cpm(1)))
    schema.run("DROP TABLE metrics_cpm_20250611")
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {}
    storage.write(rows(MINUTE, ["a"], cpm(2)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 2}
    schema.run("DROP TABLE metrics_cpm_20250611")
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}


def test_series_and_means_go_over_midnight(storage: MysqlStorage) -> None:
    for minute, values in ((YESTERDAY, (1, 10)), (202506110000, (6, 1)), (202506110001, (5, 0))):
        storage.write(rows(minute, ["a", "b"], cpm(*values)))
    assert series(storage, CPM, "a", YESTERDAY, 202506110001) == {YESTERDAY: 1, 202506110000: 6, 202506110001: 5}
    found = top_n(storage, CPM, YESTERDAY, 202506110001, 2, descending=True)
    assert list(found) == [TopEntity("a", 4), TopEntity("b", 3)]


def test_what_is_active_stays_in_the_lists_when_its_day_is_dropped(storage: MysqlStorage, schema: Schema) -> None:
    pod = InstanceTraffic("p", "shop", "pod", YESTERDAY, MINUTE)
    path = EndpointTraffic("e", "shop", "GET:/", YESTERDAY, MINUTE)
    shop = ServiceTraffic("shop", "shop", 17, YESTERDAY)
    gone = InstanceTraffic("q", "shop", "gone", YESTERDAY, YESTERDAY)
    storage.write(HandOver(services=[shop], instances=[pod, gone], endpoints=[path]))
    assert storage.delete_before(20250611) == 1
    assert list(storage.services()) == [shop]
    assert list(storage.instances("shop", 0, TOMORROW)) == [pod]
    assert list(storage.endpoints("shop", "", 9)) == [path]
    assert schema.tables("%_20250610") == []
    assert schema.rows("SELECT id, time_bucket, last_ping FROM instance_traffic_20250611") == [
        ("p", 202506102359, 202506111430)
    ]
    storage.write(HandOver(instances=[InstanceTraffic("p", "shop", "pod", TOMORROW, TOMORROW)]))
    assert storage.delete_before(20250612) == 1
    assert storage.instance("p") == InstanceTraffic("p", "shop", "pod", YESTERDAY, TOMORROW)


def test_only_tables_of_this_kind_of_data_are_dropped(storage: MysqlStorage, schema: Schema) -> None:
    schema.run("CREATE TABLE sales_20200101(id INT)", "CREATE TABLE metrics_20200101(id INT)")
    storage.write(rows(202001010000, ["a"], cpm(1)))
    assert storage.delete_before(20250611) == 1
    assert schema.tables("%_20200101") == ["metrics_20200101", "sales_20200101"]


def test_an_earlier_sight_moves_the_row_into_its_day(storage: MysqlStorage, schema: Schema) -> None:
    storage.write(HandOver(instances=[InstanceTraffic("p", "shop", "pod", MINUTE, MINUTE)]))
    storage.write(HandOver(instances=[InstanceTraffic("p", "shop", "pod", YESTERDAY, YESTERDAY)]))
    assert storage.instance("p") == InstanceTraffic("p", "shop", "pod", YESTERDAY, YESTERDAY)
    assert schema.rows("SELECT COUNT(*) FROM instance_traffic_20250611") == [(0,)]


def test_an_entity_that_is_in_two_days_is_listed_once(storage: MysqlStorage, schema: Schema) -> None:
    storage.write(
        HandOver(
            services=[ServiceTraffic("c2hvcA==.1", "shop", 17, YESTERDAY)],
            instances=[InstanceTraffic("p", "c2hvcA==.1", "pod", YESTERDAY, YESTERDAY)],
        )
    )
    schema.run(
        "INSERT INTO service_traffic_20250611 SELECT id, table_name, service_traffic_name, short_name, service_id,"
        " service_group, layer, 202506111430 FROM service_traffic_20250610",
        "INSERT INTO instance_traffic_20250611 SELECT id, table_name, service_id, instance_traffic_name, 202506111430,"
        " properties, 202506111430 FROM instance_traffic_20250610",
    )
    assert list(storage.services()) == [ServiceTraffic("c2hvcA==.1", "shop", 17, YESTERDAY)]
    assert list(storage.instances("c2hvcA==.1", 0, MINUTE)) == [
        InstanceTraffic("p", "c2hvcA==.1", "pod", YESTERDAY, MINUTE)
    ]


def test_rows_that_no_column_can_hold_are_left_out_and_their_mates_stored(storage: MysqlStorage) -> None:
    long = "x" * 513
    edge = ServiceRelationRow(MINUTE, True, "a-b", "a", "b", (49,))
    pods = InstanceRelationRow(MINUTE, True, "a1-b1", "a", "a1", "b", "b1")
    pod = InstanceTraffic("p", "shop", "pod", MINUTE, MINUTE)
    with capture_logs() as logs:
        for _ in range(2):
            storage.write(
                HandOver(
                    metrics=rows(MINUTE, ["a", long], cpm(1, 2)).metrics,
                    instances=[pod, InstanceTraffic(long, "shop", "pod", MINUTE, MINUTE)],
                    services=[ServiceTraffic("s", "ü" * 201, 17, MINUTE)],
                    service_relations=[edge, ServiceRelationRow(MINUTE, True, "x-b", "x" * 251, "b", (49,))],
                    instance_relations=[pods, InstanceRelationRow(MINUTE, True, long, "a", "a1", "b", "b1")],
                )
            )
    assert storage.refused_rows == {"too_long": 10}
    assert [meter.value for meter in TimedStorage(storage).meters() if isinstance(meter, Meter)] == [10]
    assert [entry["model"] for entry in logs] == [
        "pod_cpm",
        "service_traffic",
        "instance_traffic",
        "service_relation_server_side",
        "service_instance_relation_server_side",
    ]
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 1}
    assert list(storage.instances("shop", MINUTE, MINUTE)) == [pod]
    assert list(storage.service_relations(MINUTE, MINUTE)) == [edge]
    assert list(storage.instance_relations(MINUTE, MINUTE, "a", "b")) == [pods]


def test_a_column_of_another_type_in_the_database_is_refused(mariadb: MariadbServer, database: str) -> None:
    create = "CREATE TABLE metrics_cpm_20250611(id VARCHAR(512) PRIMARY KEY, table_name VARCHAR(512), value_ DOUBLE)"
    mariadb.execute(f"USE {database}", create)
    storage = opened(mariadb, database)
    with pytest.raises(StorageError, match=r"'metrics_cpm_20250611\.value_' is stored as DOUBLE, but BIGINT is needed"):
        storage.prepare((CPM,))
    storage.close()


def test_hand_overs_larger_than_a_statement_are_cut(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    storage.prepare((CPM,))
    pods = [f"{number:07d}-{'x' * 400}" for number in range(9000)]
    storage.write(rows(MINUTE, pods, records(CPM, {"value": list(range(9000)), "total": list(range(9000))})))
    assert mariadb.rows("SELECT COUNT(*), SUM(value_) FROM metrics_cpm_20250611", database) == [(9000, 40495500)]
    assert series(storage, CPM, pods[8999], MINUTE, MINUTE) == {MINUTE: 8999}
    storage.close()


def test_tables_of_the_coming_day_are_made_by_the_keeper_too(storage: MysqlStorage, schema: Schema) -> None:
    schema.run("DROP TABLE service_traffic_20250612")
    assert storage.delete_before(20250605) == 0
    assert schema.tables("service_traffic_%") == ["service_traffic_20250611", "service_traffic_20250612"]
