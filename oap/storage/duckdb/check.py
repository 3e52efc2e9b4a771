"""Is the file, and the folder that it is in, fit for use."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb

from oap.storage.checking import Finding, disk_finding, not_reached, ok, problem, shortened
from oap.storage.contract import MetricModel, StorageError
from oap.storage.duckdb.database import STORE, Database
from oap.storage.duckdb.schema import SCHEMA_VERSION, Catalog, column_type, metric_column, metric_table, read_catalog
from oap.storage.duckdb.settings import StorageSettings
from oap.timebucket import Precision

_PROBE: Final = f"{STORE}.oap_storage_check"


def check(settings: StorageSettings, models: Sequence[MetricModel]) -> Iterator[Finding]:
    """All findings. Nothing is changed: what is tried is taken back, a file that is missing is not made."""
    path = Path(settings.path).absolute()
    folder = next(parent for parent in path.parents if parent.exists())
    if not path.exists():
        yield ok("connection", f"{path} does not exist yet; the server makes it")
        yield ok("version", f"DuckDB {duckdb.__version__}")
        yield _writable(folder)
        yield ok("schema", f"{len(models)} metrics would be prepared")
    else:
        try:
            database = Database(settings)
        except StorageError as error:
            yield problem("connection", str(error), _advice(str(error)))
            yield from not_reached(("version", "privileges", "schema"))
        else:
            try:
                yield ok("connection", f"{path} can be opened")
                yield from _inside(database, path, models)
            finally:
                database.close()
    yield ok("clock", "a file has none of its own")
    yield disk_finding(folder, f"in {folder}")


def _inside(database: Database, path: Path, models: Sequence[MetricModel]) -> Iterator[Finding]:
    catalog = read_catalog(database)
    yield _version(database)
    yield _writable(path.parent)
    yield _changeable(database)
    yield _schema(catalog, models)


def _version(database: Database) -> Finding:
    engine = f"DuckDB {duckdb.__version__}"
    known = database.rows(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = '{STORE}' AND table_name = 'schema_version'"  # noqa: S608
    )
    if not known:
        return ok("version", f"{engine}; the file is empty")
    rows = database.rows(f"SELECT version FROM {STORE}.schema_version")  # noqa: S608  (a constant)
    version = rows[0][0] if rows else SCHEMA_VERSION
    if version != SCHEMA_VERSION:
        return problem(
            "version",
            f"the file has schema version {version}, this server reads {SCHEMA_VERSION}",
            "use the server that wrote it, or move the file away to begin with an empty one",
        )
    return ok("version", f"{engine}, schema version {version}")


def _writable(folder: Path) -> Finding:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".oap-storage-check-"):
            pass
    except OSError as error:
        return problem(
            "privileges",
            f"{folder} takes no files: {error.strerror}",
            f"let user {os.getuid()} write there, or choose another storage.duckdb.path (SW_STORAGE_DUCKDB_PATH)",
        )
    return ok("privileges", f"{folder} takes files")


def _changeable(database: Database) -> Finding:
    try:
        with database.transaction() as connection:
            connection.execute(f"CREATE TABLE {_PROBE}(number BIGINT)")
            connection.execute(f"INSERT INTO {_PROBE} VALUES (1)")  # noqa: S608  (a constant)
            connection.execute(f"DROP TABLE {_PROBE}")
    except (StorageError, duckdb.Error) as error:
        return problem(
            "privileges", f"the file cannot be changed: {error}", "make it writable, or free space on its disk"
        )
    return ok("privileges", "tables can be made, written and dropped")


def _schema(catalog: Catalog, models: Sequence[MetricModel]) -> Finding:
    unfit = [text for model in models for text in _unfit(catalog, model)]
    if unfit:
        advice = "give these metrics other names, or move the file away to begin with an empty one"
        return problem("schema", "; ".join(unfit), advice)
    missing = [model.name for model in models if not catalog.fits(model)]
    there = f"{len(models) - len(missing)} of {len(models)} metrics are prepared"
    return ok("schema", f"{there}; these would be: {shortened(missing)}" if missing else there)


def _unfit(catalog: Catalog, model: MetricModel) -> Iterator[str]:
    columns = catalog.tables.get(metric_table(model.scope, Precision.MINUTE), {})
    for column in model.columns:
        name, needed = metric_column(model, column.name), column_type(column)
        stored = columns.get(name, needed)
        if stored != needed:
            yield f"column '{name}' is {stored}, {needed} is needed"


def _advice(reason: str) -> str:
    if "in use by another process" in reason:
        return "stop the server that uses it for the time of the check; while it runs, ask its /healthcheck"
    return "check storage.duckdb.path (SW_STORAGE_DUCKDB_PATH), and whether it is a file of this server"
