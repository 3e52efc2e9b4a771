"""Single values of records, as people read and write them."""

import re
from collections.abc import Mapping
from itertools import pairwise

from oal.functions.contract import Column, Tables

Value = int | float | Mapping[str, int]
"""A number, or the entries of a table by key; percentiles have the keys ``p50`` to ``p99``."""

_RANK = re.compile(r"\{p=(\d+)\}")


def values_of(column: Column) -> list[Value]:
    """The value of every record of a column."""
    if not isinstance(column, Tables):
        numbers: list[Value] = column.tolist()
        return numbers
    labels = column.labels
    names = [str(key) if labels is None else table_key(labels[key]) for key in column.keys.tolist()]
    values = column.values.tolist()
    return [dict(zip(names[a:b], values[a:b], strict=True)) for a, b in pairwise(column.offsets.tolist())]


def table_key(text: str) -> str:
    """A key of a table as it is shown: ``{p=50}`` is ``p50``."""
    return _RANK.sub(r"p\1", text)


def value_text(value: Value | None, absent: str = "none") -> str:
    """A value in one line."""
    if value is None:
        return absent
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {entry}" for key, entry in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)
