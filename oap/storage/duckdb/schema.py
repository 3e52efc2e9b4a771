"""Tables and columns of the file, and how they grow while the server runs."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import duckdb

from oal.functions.contract import StateColumn, Store
from oap.storage.contract import MetricModel, StorageError
from oap.storage.duckdb.database import STORE, Database, located, quoted
from oap.timebucket import Precision

SCHEMA_VERSION: Final = 1

Columns = Mapping[str, str]

# INT columns take 64 bits as well: they are compressed to what they need, and no value can overflow.
_TYPES: Final[Mapping[Store, str]] = MappingProxyType(
    {Store.LONG: "BIGINT", Store.INT: "BIGINT", Store.DOUBLE: "DOUBLE", Store.TABLE: "VARCHAR"}
)
_KEYS: Final[Columns] = MappingProxyType({"time_bucket": "BIGINT", "entity_id": "VARCHAR", "service_id": "VARCHAR"})
_TRAFFIC: Final = "service_id VARCHAR, name VARCHAR, bucket BIGINT, last_ping BIGINT"
_RELATION: Final = (
    "bucket BIGINT, is_server_side BOOLEAN, entity_id VARCHAR, source_service_id VARCHAR, dest_service_id VARCHAR"
)

# No table has a primary key: its index would have to fit into memory, and it made writing seven times slower.
_FIXED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "service_traffic": "service_id VARCHAR, name VARCHAR, layer INTEGER, bucket BIGINT",
        "instance_traffic": f"instance_id VARCHAR, {_TRAFFIC}",
        "endpoint_traffic": f"endpoint_id VARCHAR, {_TRAFFIC}",
        "ui_template": "template_id VARCHAR, configuration VARCHAR, update_time BIGINT, disabled BOOLEAN",
        "ui_menu": "menu_id VARCHAR, configuration VARCHAR, update_time BIGINT",
    }
)


def precision_name(precision: Precision) -> str:
    """How a precision is called in the names of tables."""
    return precision.name.lower()


def metric_table(scope: str, precision: Precision) -> str:
    """Table of all metrics of a scope in a precision: one row per bucket and entity, absent metrics are null."""
    return f"{precision_name(precision)}_{scope}"


def metric_column(model: MetricModel, column: str) -> str:
    """Name of a metric's state column in the table of its scope."""
    return f"{model.name}.{column}"


def service_relation_table(precision: Precision) -> str:
    """Table of service edges of a precision."""
    return f"service_relation_{precision_name(precision)}"


def instance_relation_table(precision: Precision) -> str:
    """Table of instance edges of a precision."""
    return f"instance_relation_{precision_name(precision)}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The metric tables that exist: their columns, value types by name."""

    tables: Mapping[str, Columns]

    def fits(self, model: MetricModel) -> bool:
        """Whether a metric's columns exist as it needs them. Minutes stand for all precisions: they grow together."""
        columns = self.tables.get(metric_table(model.scope, Precision.MINUTE), {})
        return all(columns.get(metric_column(model, column.name)) == column_type(column) for column in model.columns)

    def of_precision(self, precision: Precision) -> Sequence[str]:
        """Names of the metric tables of a precision."""
        return [name for name in self.tables if name.startswith(f"{precision_name(precision)}_")]


def read_catalog(database: Database) -> Catalog:
    """The metric tables of the attached file."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in database.rows(
        f"SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = '{STORE}'"
    ):
        tables.setdefault(table, {})[column] = kind
    return Catalog({name: columns for name, columns in tables.items() if _KEYS.keys() <= columns.keys()})


def create_fixed_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what every file has; StorageError when the file has another version of it."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS {STORE}.schema_version(version INTEGER)")
    found = connection.execute(f"SELECT version FROM {STORE}.schema_version").fetchone()
    if found is None:
        connection.execute(f"INSERT INTO {STORE}.schema_version VALUES ({SCHEMA_VERSION})")
    elif found[0] != SCHEMA_VERSION:
        raise StorageError(
            f"the file has schema version {found[0]}, this server reads version {SCHEMA_VERSION}; use the server that"
            " wrote it, or move the file away to begin with an empty one"
        )
    for table, columns in _FIXED.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {STORE}.{table}({columns})")
    for precision in Precision:
        edge, pods = located(service_relation_table(precision)), located(instance_relation_table(precision))
        connection.execute(f"CREATE TABLE IF NOT EXISTS {edge}({_RELATION}, component_ids VARCHAR)")
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {pods}({_RELATION}, source_service_instance_id VARCHAR,"
            " dest_service_instance_id VARCHAR)"
        )


def grow(connection: duckdb.DuckDBPyConnection, catalog: Catalog, models: Sequence[MetricModel]) -> None:
    """Create the tables and columns that these metrics miss. StorageError when a stored column has another type."""
    by_scope: dict[str, list[MetricModel]] = {}
    for model in models:
        by_scope.setdefault(model.scope, []).append(model)
    for scope, members in by_scope.items():
        for precision in Precision:
            table = metric_table(scope, precision)
            existing = catalog.tables.get(table)
            if existing is None:
                wanted = dict(_KEYS) | dict(_missing({}, members))
                columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in wanted.items())
                connection.execute(f"CREATE TABLE {located(table)}({columns})")
                continue
            for name, kind in _missing(existing, members):
                connection.execute(f"ALTER TABLE {located(table)} ADD COLUMN {quoted(name)} {kind}")


def column_type(column: StateColumn) -> str:
    """SQL type of a state column."""
    return _TYPES[column.store]


def _missing(existing: Columns, models: Sequence[MetricModel]) -> Iterator[tuple[str, str]]:
    # The engine does not tell names apart by case, so neither may two metrics of a scope.
    known = {name.casefold(): (name, kind) for name, kind in existing.items()}
    for model in models:
        for column in model.columns:
            name, kind = metric_column(model, column.name), column_type(column)
            stored_name, stored_kind = known.setdefault(name.casefold(), (name, ""))
            if stored_kind == "":
                known[name.casefold()] = (name, kind)
                yield name, kind
            elif stored_name != name:
                raise StorageError(
                    f"column '{name}' differs from the stored '{stored_name}' only in case; rename the metric"
                )
            elif stored_kind != kind:
                raise StorageError(
                    f"column '{name}' is stored as {stored_kind}, but function '{model.function}' needs {kind}; give"
                    " the metric another name, or move the file away to begin with an empty one"
                )
