"""Columns as SQL literals, and rows of them as statements, made without a Python object for each cell."""

# ruff: noqa: S608  (names of tables and columns come from the schema, texts are escaped here)

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# A statement stays well below the smallest ``max_allowed_packet`` in use (MariaDB's default is 16 MiB, MySQL's 64 MiB).
_STATEMENT_BYTES = 4 << 20


def text_literals(texts: pa.Array) -> pa.Array:
    """Texts in quotes; null stays null."""
    return pc.binary_join_element_wise("'", escaped(texts), "'", "")


def escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between quotes."""
    doubled = pc.replace_substring(texts, "\\", "\\\\")
    return pc.replace_substring(doubled, "'", "''")


def text_literal(value: str | None) -> str:
    """One text as a literal."""
    if value is None:
        return "NULL"
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def number_literals(numbers: npt.NDArray[Any]) -> pa.Array:
    """Numbers as they are written; what is no finite number becomes null."""
    if numbers.dtype.kind == "f":
        return pa.array(numbers, mask=~np.isfinite(numbers)).cast(pa.string())
    return pa.array(numbers).cast(pa.string())


def literal(value: str | int | None) -> str:
    """One value as a literal."""
    return str(value) if isinstance(value, int) else text_literal(value)


def rows_of(parts: Sequence[pa.Array | str]) -> pa.Array:
    """``(a,b,c)`` for each row; a part is a column of literals or the same literal for all rows."""
    inner = pc.binary_join_element_wise(*parts, ",", null_handling="replace", null_replacement="NULL")
    return pc.binary_join_element_wise("(", inner, ")", "")


def upserts(
    table: str, columns: Sequence[str], updated: Sequence[str], rows: pa.Array, most_rows: int
) -> Iterator[bytes]:
    """Statements that insert rows, and where the id exists replace these columns.

    Rows in statements of 2000 are stored as fast as LOAD DATA stores a prepared file, and need no right on files: both
    spend their time in the indexes of the table.
    """
    assignments = ",".join(f"{name}=VALUES({name})" for name in updated)
    head = f"INSERT INTO {table}({','.join(columns)}) VALUES ".encode()
    tail = f" ON DUPLICATE KEY UPDATE {assignments}".encode()
    for chunk in _chunks(rows, most_rows):
        joined = pc.binary_join(pa.LargeListArray.from_arrays(pa.array([0, len(chunk)], pa.int64()), chunk), ",")
        yield head + joined.cast(pa.large_binary())[0].as_py() + tail


def inserted(
    table: str, columns: Sequence[str], updated: Sequence[str], rows: Sequence[Sequence[str | int | None]]
) -> bytes:
    """One such statement for rows of values."""
    texts = pa.array(["(" + ",".join(map(literal, row)) + ")" for row in rows], pa.string())
    return next(iter(upserts(table, columns, updated, texts, len(rows))))


def _chunks(rows: pa.Array, most_rows: int) -> Iterator[pa.Array]:
    if len(rows) == 0:
        return
    ends = np.cumsum(pc.binary_length(rows).to_numpy(zero_copy_only=False) + 1)
    start = 0
    while start < len(rows):
        before = int(ends[start - 1]) if start else 0
        fitting = int(np.searchsorted(ends, before + _STATEMENT_BYTES, side="right"))
        end = min(max(fitting, start + 1), start + most_rows, len(rows))
        yield rows.slice(start, end - start)
        start = end
