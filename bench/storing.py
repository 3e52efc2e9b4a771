"""What a database takes: a minute of metric records through the store, and the same rows out of prepared files."""

# ruff: noqa: S608  (the names are written here)

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.results import Finding, Measure, Ratio, Target, per_second
from bench.rig import shipped_plan
from oal.functions.contract import Column, Store, Tables
from oap.entity.scopes import k8s_catalog
from oap.storage.contract import HandOver, MetricColumns, MetricModel, MetricRows
from oap.storage.mysql import MysqlStorage, StorageSettings
from oap.storage.mysql.schema import create_statement, function_table, metric_shapes
from oap.window.models import metric_models
from tests.servers.mariadb import PASSWORD, USER, MariadbServer, running_mariadb

ENTITIES = 10_000
METRICS = 60
DAY = 20250611
MINUTE_S = 60.0
_SCOPES = ("K8SService", "K8SServiceInstance")
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class _Minute:
    """Seconds that one minute of records took."""

    store_s: float
    replace_s: float
    load_s: float


def storing(repetitions: int, entities: int = ENTITIES, metrics: int = METRICS) -> Finding:
    """Write minutes of records to a MariaDB of our own, new and once more, and load the same rows from files.

    The files hold what the store wrote, and go into tables with the same columns and indexes in a second database, each in a
    transaction of its own: the database does no more than it must, and nobody has to make statements.
    """
    models = shipped_models(metrics)
    with running_mariadb("--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M") as server:
        stored, loaded = server.new_database(), server.new_database()
        storage = MysqlStorage(StorageSettings(server.jdbc_url(stored), USER, PASSWORD), today=lambda: DAY)
        storage.prepare(models)
        _make_tables(server, loaded, models)
        minutes = [_minute(server, storage, (stored, loaded), models, entities, at) for at in range(repetitions)]
        size = _bytes_per_row(server, stored)
        storage.close()
    rows = entities * len(models)
    return Finding(
        "store-mysql",
        "A minute of metric records into MariaDB",
        {"entities": entities, "metrics": len(models), "rows": rows, "bytes per row, with indexes": round(size)},
        [
            per_second("LOAD DATA of prepared files", "rows/s", rows, [each.load_s for each in minutes]),
            per_second("mysql, new rows", "rows/s", rows, [each.store_s for each in minutes]),
            per_second("mysql, rows replaced", "rows/s", rows, [each.replace_s for each in minutes]),
            Measure("mysql, new rows", "s for the minute", tuple(each.store_s for each in minutes)),
        ],
        [
            Ratio(
                "mysql, new rows: share of LOAD DATA",
                tuple(each.load_s / each.store_s for each in minutes),
                Target(_SHARE),
            ),
            Ratio(
                "mysql, new rows: seconds of the minute that they take",
                tuple(each.store_s / MINUTE_S for each in minutes),
                Target(1.0, at_most=True),
            ),
        ],
    )


def shipped_models(count: int) -> Sequence[MetricModel]:
    """So many metrics of services and their instances, as the shipped rules make them."""
    models = metric_models(shipped_plan(), k8s_catalog()).values()
    return [model for scope in _SCOPES for model in models if model.scope == scope][:count]


def minute_of_records(models: Sequence[MetricModel], entities: int, bucket: int) -> HandOver:
    """Records of every metric for every entity of its scope."""
    services = [f"c2VydmljZS0{number:06d}LmRlZmF1bHQ=.1" for number in range(entities)]
    pods = [f"{service}_cG9kLTZmNWI5YzdkODgtNHEybG0=" for service in services]
    present = np.ones(entities, np.bool_)
    parts = []
    for scope, ids, service_ids in zip(_SCOPES, (services, pods), (None, services), strict=True):
        members = [model for model in models if model.scope == scope]
        metrics = [MetricColumns(model, present, _columns(model, entities, bucket)) for model in members]
        parts += [MetricRows(scope, bucket, ids, service_ids, metrics)] if members else []
    return HandOver(metrics=parts)


def _columns(model: MetricModel, entities: int, seed: int) -> dict[str, Column]:
    random = np.random.default_rng(seed)
    columns: dict[str, Column] = {}
    for column in model.columns:
        if column.store is Store.TABLE:
            keys = np.tile(np.arange(5, dtype=np.int64), entities)
            offsets = np.arange(0, 5 * entities + 1, 5, dtype=np.int64)
            columns[column.name] = Tables(offsets, keys, random.integers(0, 1000, 5 * entities))
        elif column.store is Store.DOUBLE:
            columns[column.name] = random.random(entities)
        else:
            columns[column.name] = random.integers(0, 10_000, entities)
    return columns


def _make_tables(server: MariadbServer, database: str, models: Sequence[MetricModel]) -> None:
    shapes = metric_shapes(models).values()
    server.execute(f"USE {database}", *(create_statement(shape, f"{shape.raw}_{DAY}") for shape in shapes))


def _minute(
    server: MariadbServer,
    storage: MysqlStorage,
    databases: tuple[str, str],
    models: Sequence[MetricModel],
    entities: int,
    number: int,
) -> _Minute:
    bucket = DAY * 10000 + number
    rows = minute_of_records(models, entities, bucket)
    store_s = _timed(lambda: storage.write(rows))
    replace_s = _timed(lambda: storage.write(rows))
    tables = sorted({f"{function_table(model)}_{DAY}" for model in models})
    stored, loaded = databases
    with tempfile.TemporaryDirectory(dir=server.folder) as folder:
        for table in tables:
            file = Path(folder) / table
            server.execute(
                f"SELECT * FROM {stored}.{table} WHERE time_bucket = {bucket} ORDER BY id INTO OUTFILE '{file}'"
            )
        loads = [f"LOAD DATA INFILE '{Path(folder) / table}' INTO TABLE {loaded}.{table}" for table in tables]
        load_s = _timed(lambda: server.execute("SET autocommit = 0", *loads, "COMMIT"))
    return _Minute(store_s, replace_s, load_s)


def _bytes_per_row(server: MariadbServer, database: str) -> float:
    tables = [str(row[0]) for row in server.rows("SHOW TABLES LIKE 'metrics_%'", database)]
    server.execute(f"USE {database}", *(f"ANALYZE TABLE {table}" for table in tables))
    size, rows = server.rows(
        "SELECT SUM(DATA_LENGTH + INDEX_LENGTH), SUM(TABLE_ROWS) FROM information_schema.TABLES"
        f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'metrics_%_{DAY}'",
        database,
    )[0]
    return float(str(size)) / float(str(rows))


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
