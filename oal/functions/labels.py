"""Label tables: what stored text can hold, and the ``{n=label}`` form that queries read (spec oal 3.6, storage 1.4)."""

from oal.functions.contract import Tables
from oal.functions.tables import relabel_tables

DEFAULT_LABEL_LIMIT = 50


def storable(tables: Tables, limit: int) -> Tables:
    """The tables with ``|``, which separates entries of the stored text, replaced in labels, and the limit applied."""
    return relabel_tables(tables, (label.replace("|", "_") for label in tables.labels or ()), limit)


def named(tables: Tables) -> Tables:
    """The tables under the labels ``{n=label}``."""
    labels = tuple(f"{{n={label}}}" for label in tables.labels or ())
    return Tables(tables.offsets, tables.keys, tables.values, labels)
