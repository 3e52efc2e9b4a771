"""``cpm``: rows per minute of the bucket, cut to a whole number."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import integers, truncated_quotient
from oal.functions.contract import Call, Column, Function, Meaning, Merge, StateColumn, Store, ValueKind
from oal.plan import Fold, Primitive


def _primitives(call: Call) -> tuple[Primitive, ...]:
    return (Primitive(Fold.COUNT, call.where),)


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"total": integers(columns[0])}


def _finish(state: Mapping[str, Column], minutes: int, _: tuple[int, ...]) -> Mapping[str, Column]:
    total = integers(state["total"])
    return {"value": truncated_quotient(total, np.int64(minutes) * np.ones_like(total)), "total": total}


CPM = Function(
    name="cpm",
    needs_value=False,
    signature="cpm()",
    columns=(StateColumn("value", Store.LONG, Merge.NONE), StateColumn("total", Store.LONG, Merge.ADD)),
    value_column="value",
    value_kind=ValueKind.REGULAR_VALUE,
    primitives=_primitives,
    assemble=_assemble,
    finish=_finish,
    meaning=Meaning(
        formula="number of rows per minute (total / minutes), cut to a whole number",
        unit="rows per minute",
        longer="rows divided by 60 or 1440: fewer than that give 0",
    ),
)
