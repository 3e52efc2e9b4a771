"""``longAvg`` and ``doubleAvg``: a sum divided by the number of rows."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import doubles, integers, real_quotient, truncated_quotient
from oal.functions.contract import Column
from oal.functions.kernels.kernel import Kernel


def _assemble_long(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"summation": integers(columns[1]), "count": integers(columns[0])}


def _finish_long(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = integers(state["summation"]), integers(state["count"])
    return {"summation": summation, "count": count, "value": truncated_quotient(summation, count)}


def _assemble_double(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"double_summation": doubles(columns[1]), "count": integers(columns[0])}


def _finish_double(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    summation, count = doubles(state["double_summation"]), integers(state["count"])
    return {"double_summation": summation, "count": count, "double_value": real_quotient(summation, count)}


LONG_AVG = Kernel(_assemble_long, _finish_long)
DOUBLE_AVG = Kernel(_assemble_double, _finish_double)
