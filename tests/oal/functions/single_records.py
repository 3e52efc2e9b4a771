"""A plain reading of the primitives: rows of one record, folded one by one in Python."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.catalog import Kind, RowColumn
from oal.functions.contract import Call, Column, Function, Tables
from oal.matching import matches
from oal.plan import ApdexTier, Compare, Fold, HasValue, Operand, Predicate, Primitive

Row = Mapping[str, int | float | str | bool]

VALUE = Operand(RowColumn("v"), Kind.LONG)
REAL = Operand(RowColumn("v"), Kind.DOUBLE)
LABEL = Operand(RowColumn("label"), Kind.STRING)
NAME = Operand(RowColumn("name"), Kind.STRING)
OK = Operand(RowColumn("ok"), Kind.BOOL)
IS_OK = Compare(OK, "==", literal=True)
IS_BAD = Compare(OK, "==", literal=False)

THRESHOLD_MS = 500
_STARTS = {Fold.MAX: 0, Fold.MIN: 2**63 - 1, Fold.MAX_DOUBLE: 0.0, Fold.MIN_DOUBLE: 1.7976931348623157e308}


def state_of(function: Function, call: Call, rows: Sequence[Row], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    """The state of the one record that these rows make."""
    return function.assemble([_folded(primitive, rows) for primitive in function.primitives(call)], parameters)


def _folded(primitive: Primitive, rows: Sequence[Row]) -> Column:
    rows = [row for row in rows if all(_holds(condition, row) for condition in primitive.where)]
    if primitive.fold is Fold.COUNT:
        return np.array([len(rows)], dtype=np.int64)
    if primitive.fold in {Fold.TALLY, Fold.LABEL_COUNT, Fold.LABEL_SUM}:
        return _table(primitive, rows)
    assert primitive.value is not None
    values = [row[primitive.value.column.name] for row in rows]  # type: ignore[union-attr]
    if primitive.fold is Fold.SUM:
        return np.array([sum(int(value) for value in values)], dtype=np.int64)
    if primitive.fold is Fold.SUM_DOUBLE:
        return np.array([sum(float(value) for value in values)], dtype=np.float64)
    start = _STARTS[primitive.fold]
    chosen = (max if "max" in primitive.fold else min)([start, *(type(start)(value) for value in values)])
    return np.array([chosen], dtype=np.float64 if isinstance(start, float) else np.int64)


def _table(primitive: Primitive, rows: Sequence[Row]) -> Tables:
    entries: dict[int | str, int] = {}
    for row in rows:
        key = str(row["label"]) if primitive.label is not None else _step(primitive, int(row["v"]))
        if key not in entries and primitive.label is not None and len(entries) >= primitive.limit:
            continue
        entries[key] = entries.get(key, 0) + (int(row["v"]) if primitive.fold is Fold.LABEL_SUM else 1)
    labels = tuple(map(str, entries)) if primitive.label is not None else None
    ordered = list(enumerate(entries.values())) if labels is not None else sorted(entries.items())
    keys, values = zip(*ordered, strict=True) if ordered else ((), ())
    offsets = np.array([0, len(keys)], dtype=np.int64)
    return Tables(offsets, np.array(keys, dtype=np.int64), np.array(values, dtype=np.int64), labels)


def _step(primitive: Primitive, value: int) -> int:
    quotient = abs(value) // primitive.step * (1 if value >= 0 else -1)
    quotient = quotient if primitive.low is None else max(quotient, primitive.low)
    return quotient if primitive.high is None else min(quotient, primitive.high)


def _holds(condition: Predicate, row: Row) -> bool:
    if isinstance(condition, HasValue):
        return True
    if isinstance(condition, Compare):
        return matches(row.get(condition.operand.column.name), condition.operator, condition.literal)  # type: ignore[union-attr]
    return _in_tier(condition, row)


def _in_tier(tier: ApdexTier, row: Row) -> bool:
    status = tier.status if isinstance(tier.status, bool) else _holds(tier.status, row)
    value = int(row["v"])
    in_tier = value <= THRESHOLD_MS if tier.satisfied else THRESHOLD_MS < value <= 4 * THRESHOLD_MS
    return status and in_tier
