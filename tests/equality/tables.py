"""What a store holds, as sorted Arrow tables, and how two of them differ: complete, by columns."""

# ruff: noqa: S608  (names are those of the file's tables and columns)

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Tables = Mapping[str, pa.Table]
"""Tables by name, each with the columns of its key first and sorted by them."""

PRECISIONS = ("minute", "hour", "day")
METRIC_KEY = ("time_bucket", "entity_id")
RELATION_KEY = ("bucket", "is_server_side", "entity_id")
TRAFFIC_KEYS: Mapping[str, Sequence[str]] = {
    "service_traffic": ("service_id", "layer"),
    "instance_traffic": ("instance_id",),
    "endpoint_traffic": ("endpoint_id",),
}
SHARED_POD = "odd-client-0"
_NOT_OF_STREAMS = ("ui_template", "ui_menu", "schema_version")
_SHOWN = 5


def key_of(table: str) -> Sequence[str]:
    """Columns that name a row of a table."""
    if table in TRAFFIC_KEYS:
        return TRAFFIC_KEYS[table]
    return RELATION_KEY if "relation_" in table else METRIC_KEY


def stored_tables(file: Path) -> Tables:
    """All rows of all tables of a closed store that streams are written to."""
    with duckdb.connect(str(file), read_only=True) as connection:
        names = [name for (name,) in connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {
            name: connection.sql(f'SELECT * FROM "{name}" ORDER BY {", ".join(key_of(name))}').to_arrow_table()
            for name in names
            if name not in _NOT_OF_STREAMS
        }


def row_count(tables: Tables) -> int:
    """Rows of all tables."""
    return sum(table.num_rows for table in tables.values())


def without_shared_pings(tables: Tables) -> Tables:
    """The tables without the last ping of the one pod that several nodes send.

    A last ping is that of the last arrival (spec entities 9). All logs of a real pod come from one node, in order; the
    pod of the emulator's wrong messages is the same everywhere.
    """
    instances = tables["instance_traffic"]
    is_shared = pc.equal(instances["name"], SHARED_POD)
    pings = pc.if_else(is_shared, None, instances["last_ping"])
    at = instances.column_names.index("last_ping")
    return {**tables, "instance_traffic": instances.set_column(at, "last_ping", pings)}


def differences(expected: Tables, found: Tables) -> list[str]:
    """Every table and column that differs, with the first few keys; empty when all rows are equal.

    A table that only one side has counts as empty, a column that only one side has as null. Columns are compared once
    the keys are equal.
    """
    return [
        f"{name}: {text}"
        for name in sorted({*expected, *found})
        for text in _table_differences(name, expected.get(name), found.get(name))
    ]


def _table_differences(name: str, expected: pa.Table | None, found: pa.Table | None) -> Iterator[str]:
    if expected is None or found is None:
        present = expected if found is None else found
        if present is not None and present.num_rows:
            yield f"only {'found' if expected is None else 'expected'}, with {present.num_rows} rows"
        return
    key = key_of(name)
    wanted_keys, found_keys = _keys(expected, key), _keys(found, key)
    if wanted_keys != found_keys:
        yield from _key_differences(wanted_keys, found_keys)
        return
    for column in sorted({*expected.column_names, *found.column_names} - {*key}):
        at = _unequal_rows(_column(expected, column), _column(found, column))
        if len(at):
            rows = [
                f"{wanted_keys[row]} is {_value(found, column, row)!r} and should be {_value(expected, column, row)!r}"
                for row in at[:_SHOWN].tolist()
            ]
            yield f"{column} differs in {len(at)} rows: " + "; ".join(rows)


def _key_differences(expected: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> Iterator[str]:
    missing, surplus = set(expected) - set(found), set(found) - set(expected)
    if missing:
        yield f"{len(missing)} rows are missing: {sorted(missing, key=repr)[:_SHOWN]}"
    if surplus:
        yield f"{len(surplus)} rows are too many: {sorted(surplus, key=repr)[:_SHOWN]}"
    if not missing and not surplus:
        yield f"rows occur twice: {len(found)} instead of {len(expected)}"


def _keys(table: pa.Table, key: Sequence[str]) -> list[tuple[object, ...]]:
    return list(zip(*(table[column].to_pylist() for column in key), strict=True))


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows)
    return table[name].combine_chunks()


def _unequal_rows(expected: pa.Array, found: pa.Array) -> npt.NDArray[np.int64]:
    if pa.types.is_null(expected.type) or pa.types.is_null(found.type):
        is_equal = pc.and_(expected.is_null(), found.is_null())
    else:
        same = pc.equal(expected, found.cast(expected.type))
        is_equal = pc.if_else(
            pc.or_(expected.is_null(), found.is_null()), pc.and_(expected.is_null(), found.is_null()), same
        )
    return np.flatnonzero(~is_equal.to_numpy(zero_copy_only=False))


def _value(table: pa.Table, column: str, row: int) -> object:
    return table[column][row].as_py() if column in table.column_names else None
