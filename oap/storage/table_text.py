"""Table columns as stored texts ``key,value|key,value``, by columns (spec storage 1.4)."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from oal.functions.contract import Merge, StateColumn, Tables
from oal.functions.registry import FUNCTIONS
from oal.functions.tables import parse_label_tables, parse_numeric_tables
from oap.storage.contract import MetricModel


def table_texts(tables: Tables) -> pa.Array:
    """The text of every record, made without a Python object for each; an empty table gives ``""``."""
    keys = pa.array(tables.keys)
    names = keys.cast(pa.string()) if tables.labels is None else pa.array(tables.labels, pa.string()).take(keys)
    entries = pc.binary_join_element_wise(names, pa.array(tables.values).cast(pa.string()), ",")
    records = pa.LargeListArray.from_arrays(pa.array(tables.offsets), entries)
    return pc.binary_join(records, "|")


def tables_from_texts(model: MetricModel, column: StateColumn, texts: Sequence[str | None]) -> Tables:
    """What ``table_texts`` made texts of; None reads as empty. Raises ValueError for what is no table text.

    The text alone does not say whether keys are numbers: status codes counted by ``labelCount`` are labels. So the
    function decides for state that will be merged; what is only shown, or comes from an unknown function, is read as
    numbers where all keys are.
    """
    function = FUNCTIONS.get(model.function)
    if function is not None and column.merge is not Merge.NONE:
        return parse_label_tables(texts) if function.labels_limited else parse_numeric_tables(texts)
    try:
        return parse_numeric_tables(texts)
    except ValueError:
        return parse_label_tables(texts)


def entries_of(text: str) -> dict[str, int]:
    """One text as a mapping, keys as they are stored."""
    parts = (entry.rpartition(",") for entry in text.split("|")) if text else ()
    return {key: int(value) for key, _, value in parts}
