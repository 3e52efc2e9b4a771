"""``percentile``: the deprecated form of ``percentile2`` whose values are numbered 0 to 4 instead of labelled."""

from oal.functions.contract import Function, Meaning, Parameter, Takes, ValueKind
from oal.functions.percentile2 import (
    PERCENTILE_COLUMNS,
    percentile_primitives,
)

PERCENTILE = Function(
    name="percentile",
    needs_value=True,
    signature="percentile(precision)",
    columns=PERCENTILE_COLUMNS,
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=percentile_primitives,
    arguments=(Parameter("precision", Takes.INTEGER),),
    deprecated="use percentile2",
    meaning=Meaning(
        formula="p50, p75, p90, p95 and p99 of {value}, each as the lower edge of its step of {precision}",
        unit="{unit}",
        longer="computed anew from all their rows",
    ),
)
