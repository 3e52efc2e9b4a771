"""How many statements a database sees when many series or lists are read at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oap.storage.contract import HandOver, SeriesRead, Storage, TopEntity, TopRead
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.duckdb.database import Database
from oap.storage.duckdb.metric_read import MetricReader
from oap.storage.duckdb.schema import read_catalog
from tests.oap.storage.samples import (
    CPM,
    DAY,
    EDGE_CPM,
    HOUR,
    LEAST,
    LOAD,
    MINUTE,
    MODELS,
    SERVICE_CPM,
    TIME,
    cpm,
    records,
    rows,
)
from tests.oap.storage.test_mysql import opened
from tests.servers.mariadb import MariadbServer

_PODS = [f"pod-{number}" for number in range(10)]
_READS = [SeriesRead(metric, pod) for pod in _PODS for metric in (CPM, LEAST, TIME)] + [
    SeriesRead(SERVICE_CPM, "shop"),
    SeriesRead(EDGE_CPM, "shop-cart"),
    SeriesRead(CPM, "no pod"),
]
_LISTS = [TopRead(CPM, 1, True), TopRead(CPM, 1, False), TopRead(SERVICE_CPM, 5, True), TopRead(LEAST, 2, True, "cart")]


def _fill(storage: Storage) -> None:
    storage.prepare(MODELS)
    numbers = list(range(1, 11))
    pods = rows(
        MINUTE,
        _PODS,
        cpm(*numbers),
        records(LEAST, {"value": [-number for number in numbers]}),
        service_ids=["shop"] * 8 + ["cart"] * 2,
    )
    parts = [
        pods,
        rows(MINUTE, ["shop"], cpm(55, metric=SERVICE_CPM)),
        rows(MINUTE, ["shop-cart"], cpm(7, metric=EDGE_CPM)),
    ]
    storage.write(HandOver(metrics=[part.metrics[0] for part in parts]))


def _expected() -> list[dict[int, int]]:
    pods = [found for number in range(1, 11) for found in ({MINUTE: number}, {MINUTE: -number}, {})]
    return [*pods, {MINUTE: 55}, {MINUTE: 7}, {}]


_EXPECTED_LISTS = [
    [TopEntity("pod-9", 10)],
    [TopEntity("pod-0", 1)],
    [TopEntity("shop", 55)],
    [TopEntity("pod-8", -9), TopEntity("pod-9", -10)],
]


def test_duckdb_sees_one_query_for_each_scope_and_one_for_all_lists(tmp_path: Path) -> None:
    settings = StorageSettings(str(tmp_path / "oap.duckdb"), threads=1)
    storage = DuckdbStorage(settings)
    _fill(storage)
    storage.close()
    database = Database(settings)
    reader = MetricReader(database, read_catalog(database))
    with _logged(database) as queries:
        assert list(reader.series(_READS, MINUTE, MINUTE + 20)) == _expected()
    assert len(queries) == 3
    with _logged(database) as queries:
        assert list(reader.top_n(_LISTS, MINUTE, MINUTE + 20)) == _EXPECTED_LISTS
    assert len(queries) == 1
    database.close()


@contextmanager
def _logged(database: Database) -> Iterator[list[str]]:
    """Texts of the queries of the block, as the engine logs them."""
    queries: list[str] = []
    database.rows("CALL enable_logging('QueryLog')")
    try:
        yield queries
    finally:
        logged = database.rows("SELECT message FROM duckdb_logs WHERE type = 'QueryLog' ORDER BY timestamp")
        queries += [text for (text,) in logged if "time_bucket" in text]
        database.rows("CALL disable_logging()")
        database.rows("CALL truncate_duckdb_logs()")


def test_mariadb_sees_one_query_for_each_function_and_one_for_all_lists(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    _fill(storage)
    reads = [*_READS, SeriesRead(LOAD, "pod-1")]
    storage.series(reads[:1], MINUTE, MINUTE)  # looks which tables there are

    def selects() -> int:
        ((_, count),) = mariadb.rows("SHOW GLOBAL STATUS LIKE 'Com_select'", database)
        return int(str(count))

    before = selects()
    assert list(storage.series(reads, MINUTE, MINUTE + 20)) == [*_expected(), {}]
    assert selects() - before == 4
    before = selects()
    assert list(storage.top_n(_LISTS, MINUTE, MINUTE + 20)) == _EXPECTED_LISTS
    assert selects() - before == 1
    storage.close()


def test_mariadb_reads_lists_of_days_and_hours_without_the_minutes(mariadb: MariadbServer, database: str) -> None:
    storage = opened(mariadb, database)
    storage.prepare(MODELS)
    for bucket in (*range(MINUTE, MINUTE + 20), HOUR, DAY):
        storage.write(rows(bucket, _PODS, cpm(*[bucket % 7 + 1] * 10)))
    lists = [TopRead(CPM, 2, descending=True)]

    def rows_read(bucket: int) -> int:
        before = _handled(mariadb, database)
        assert [entity.entity_id for entity in storage.top_n(lists, bucket, bucket)[0]] == ["pod-0", "pod-1"]
        return _handled(mariadb, database) - before

    assert [rows_read(bucket) < 60 for bucket in (DAY, HOUR)] == [True, True]
    storage.close()


def _handled(mariadb: MariadbServer, database: str) -> int:
    """How many rows the server has read along its indexes since it runs."""
    ((_, count),) = mariadb.rows("SHOW GLOBAL STATUS LIKE 'Handler_read_next'", database)
    return int(str(count))
