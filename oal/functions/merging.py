"""Merging two states of the same records: late rows, hour and day increments, several workers (spec oal 3.1, 4)."""

from collections.abc import Mapping

import numpy as np

from oal.functions.arithmetic import tables
from oal.functions.contract import Column, Function, Merge, Tables
from oal.functions.narrowing import narrowed
from oal.functions.tables import NO_LIMIT, add_tables


def merge_columns(
    function: Function, old: Mapping[str, Column], new: Mapping[str, Column], parameters: tuple[int, ...]
) -> Mapping[str, Column]:
    """Record-wise merge of two aligned sets of state columns; ``old`` is what arrived earlier.

    Record i of both sides is the same (entity, bucket). Columns that ``finish`` computes are left out. Labels beyond
    the function's limit (the last of ``parameters``) are dropped, old ones stay.
    """
    limit = parameters[-1] if function.labels_limited else NO_LIMIT
    return {
        column.name: _merged(column.merge, old[column.name], new[column.name], limit)
        for column in function.columns
        if column.merge is not Merge.NONE
    }


def _merged(rule: Merge, old: Column, new: Column, limit: int) -> Column:
    if isinstance(old, Tables):
        return add_tables((old, tables(new)), limit)
    new = narrowed(new, np.ndarray)
    if rule is Merge.ADD:
        return old + new
    if rule is Merge.MAX:
        return np.maximum(old, new)
    if rule is Merge.MIN:
        return np.minimum(old, new)
    return old
