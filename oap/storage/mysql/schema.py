"""Tables as the Java server makes them: columns, indexes and their names (spec storage 1.6, 1.7, 3.1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from oal.functions.contract import StateColumn, Store
from oap.storage.contract import MetricModel

LONGEST_ID: Final = 512
LONGEST_MEMBER: Final = 256

# An index only for columns shorter than this, the way upstream decides; numbers count as 200.
_TOO_LONG_FOR_INDEX: Final = 256
_LONGEST_VARCHAR: Final = 16383
_TYPES: Final = {Store.LONG: "BIGINT", Store.INT: "INT", Store.DOUBLE: "DOUBLE", Store.TABLE: "MEDIUMTEXT"}
_RENAMED: Final = {"value": "value_", "precision": "cal_precision", "match": "match_num"}
_WITH_ATTRIBUTES: Final = frozenset({"Service", "K8SService", "Endpoint"})
# The one function whose operands are not marked "storage only" upstream, so that they are indexed like its value.
_INDEXED_OPERANDS: Final = {"rate": ("denominator", "numerator")}
ATTRIBUTES: Final = tuple(f"attr{number}" for number in range(6))


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column by its physical name."""

    name: str
    type: str
    is_indexed: bool


@dataclass(frozen=True, slots=True)
class TableShape:
    """What all day tables of one name have, besides ``id`` and ``table_name``, in order."""

    raw: str
    columns: tuple[SqlColumn, ...]


def text(name: str, length: int = 200, *, is_stored_only: bool = False) -> SqlColumn:
    """A string column."""
    kind = f"VARCHAR({length})" if length <= _LONGEST_VARCHAR else "MEDIUMTEXT"
    return SqlColumn(name, kind, not is_stored_only and length < _TOO_LONG_FOR_INDEX)


def number(name: str, kind: str = "BIGINT") -> SqlColumn:
    """An indexed column of numbers."""
    return SqlColumn(name, kind, is_indexed=True)


BUCKET: Final = number("time_bucket")
_EDGE_ENDS: Final = (text("source_service_id", 250), text("dest_service_id", 250))
_POD_ENDS: Final = (
    text("source_service_id", 250),
    text("source_service_instance_id", 250),
    text("dest_service_id", 250),
    text("dest_service_instance_id", 250),
)
_ENTITY: Final = text("entity_id", LONGEST_ID)
_COMPONENTS: Final = SqlColumn("component_ids", "MEDIUMTEXT", is_indexed=False)

SERVICES: Final = TableShape(
    "service_traffic",
    (
        text("service_traffic_name"),
        text("short_name"),
        text("service_id"),
        text("service_group"),
        number("layer", "INT"),
        BUCKET,
    ),
)
INSTANCES: Final = TableShape(
    "instance_traffic",
    (
        text("service_id"),
        text("instance_traffic_name", is_stored_only=True),
        number("last_ping"),
        text("properties", 50000, is_stored_only=True),
        BUCKET,
    ),
)
ENDPOINTS: Final = TableShape(
    "endpoint_traffic", (text("service_id"), text("endpoint_traffic_name"), number("last_ping"), BUCKET)
)
# The client side first, the order in which edges are listed.
SERVICE_EDGES: Final = tuple(
    TableShape(f"service_relation_{side}_side", (*_EDGE_ENDS, _COMPONENTS, _ENTITY, BUCKET))
    for side in ("client", "server")
)
INSTANCE_EDGES: Final = tuple(
    TableShape(f"service_instance_relation_{side}_side", (*_POD_ENDS, _ENTITY, BUCKET)) for side in ("client", "server")
)
TEMPLATES: Final = TableShape(
    "ui_template",
    (
        text("template_id"),
        text("configuration", 1000000, is_stored_only=True),
        number("update_time"),
        number("disabled", "INT"),
    ),
)
MENU: Final = TableShape(
    "ui_menu", (text("menu_id"), text("configuration", 1000000, is_stored_only=True), number("update_time"))
)
DAILY: Final = (SERVICES, INSTANCES, ENDPOINTS, *SERVICE_EDGES, *INSTANCE_EDGES)


def function_table(model: MetricModel) -> str:
    """The table that holds the metrics of a function, without its day."""
    return f"metrics_{model.function.lower()}"


def physical(column: str) -> str:
    """The column's name in a table."""
    return _RENAMED.get(column, column)


def sql_type(column: StateColumn) -> str:
    """The type of a metric's column."""
    return _TYPES[column.store]


def has_attributes(model: MetricModel) -> bool:
    """Whether records of the metric have the free attributes."""
    return model.scope in _WITH_ATTRIBUTES


def key_columns(model: MetricModel) -> Iterator[SqlColumn]:
    """What stands before the metric's own columns."""
    yield _ENTITY
    if model.has_service_id:
        yield text("service_id", LONGEST_MEMBER)
    if has_attributes(model):
        yield from (text(name, LONGEST_MEMBER) for name in ATTRIBUTES)


def metric_shapes(models: Iterable[MetricModel]) -> Mapping[str, TableShape]:
    """One table for each function, with what any of its metrics needs."""
    keys: dict[str, dict[str, SqlColumn]] = {}
    values: dict[str, dict[str, SqlColumn]] = {}
    for model in models:
        raw = function_table(model)
        keys.setdefault(raw, {}).update({column.name: column for column in key_columns(model)})
        own = values.setdefault(raw, {})
        for column in model.columns:
            name = physical(column.name)
            own.setdefault(name, SqlColumn(name, sql_type(column), _is_indexed(model, column)))
    order = ("entity_id", "service_id", *ATTRIBUTES)
    return {
        raw: TableShape(raw, (*(keys[raw][name] for name in order if name in keys[raw]), *own.values(), BUCKET))
        for raw, own in values.items()
    }


def index_name(table: str, column: str) -> str:
    """The name by which the Java server recognises an index of its own."""
    return f"idx_{abs(java_hash(f'{table}_{column}'))}"


def java_hash(word: str) -> int:
    """``String.hashCode`` of Java, for names in ASCII."""
    found = 0
    for character in word:
        found = (found * 31 + ord(character)) & 0xFFFFFFFF
    return found - (1 << 32) if found >= 1 << 31 else found


def create_statement(shape: TableShape, table: str) -> str:
    """``CREATE TABLE`` with all indexes. Texts compare by their bytes: Base64 tells upper case from lower."""
    columns = [f"id VARCHAR({LONGEST_ID}) PRIMARY KEY", f"table_name VARCHAR({LONGEST_ID})"]
    columns += [f"{column.name} {column.type}" for column in shape.columns]
    indexed = ["table_name", *(column.name for column in shape.columns if column.is_indexed)]
    columns += [f"KEY {index_name(table, name)} ({name})" for name in indexed]
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"


def grow_statements(shape: TableShape, table: str, existing: Iterable[str]) -> Iterator[str]:
    """What adds the columns that a table lacks, while others read and write it."""
    known = set(existing)
    for column in shape.columns:
        if column.name in known:
            continue
        yield f"ALTER TABLE {table} ADD COLUMN {column.name} {column.type}, ALGORITHM=INSTANT"
        if column.is_indexed:
            key = f"ADD INDEX {index_name(table, column.name)} ({column.name})"
            yield f"ALTER TABLE {table} {key}, ALGORITHM=INPLACE, LOCK=NONE"


def _is_indexed(model: MetricModel, column: StateColumn) -> bool:
    if column.store is Store.TABLE:
        return False
    return column.name == model.value_column or column.name in _INDEXED_OPERANDS.get(model.function, ())
