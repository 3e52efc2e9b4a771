"""``percentile``: the deprecated form of ``percentile2`` whose values are numbered 0 to 4 instead of labelled."""

from collections.abc import Mapping

from oal.functions.contract import Column, Function, Meaning, Parameter, Takes, ValueKind
from oal.functions.percentile2 import (
    PERCENTILE_COLUMNS,
    assemble_percentile,
    percentile_primitives,
    percentiles,
)


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    value = percentiles(state, None)
    return {"datatable_value": value, "precision": state["precision"], "dataset": state["dataset"]}


PERCENTILE = Function(
    name="percentile",
    needs_value=True,
    signature="percentile(precision)",
    columns=PERCENTILE_COLUMNS,
    value_column="datatable_value",
    value_kind=ValueKind.LABELED_VALUE,
    primitives=percentile_primitives,
    assemble=assemble_percentile,
    finish=_finish,
    arguments=(Parameter("precision", Takes.INTEGER),),
    deprecated="use percentile2",
    meaning=Meaning(
        formula="p50, p75, p90, p95 and p99 of {value}, each as the lower edge of its step of {precision}",
        unit="{unit}",
        longer="computed anew from all their rows",
    ),
)
