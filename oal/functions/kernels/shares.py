"""``percent`` and ``rate``: counts in relation to counts, in hundredths of a percent."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers, truncated_quotient
from oal.functions.contract import Column
from oal.functions.kernels.kernel import Kernel


def _assemble_percent(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"total": integers(columns[0]), "match": integers(columns[1])}


def _finish_percent(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    total, match = integers(state["total"]), integers(state["match"])
    return {"total": total, "percentage": truncated_quotient(match * 10000, total), "match": match}


def _assemble_rate(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"denominator": integers(columns[2]), "numerator": integers(columns[1])}


def _finish_rate(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    denominator, numerator = integers(state["denominator"]), integers(state["numerator"])
    percentage = truncated_quotient(numerator * 10000, denominator)
    return {"denominator": denominator, "percentage": percentage, "numerator": numerator}


PERCENT = Kernel(_assemble_percent, _finish_percent)
RATE = Kernel(_assemble_rate, _finish_rate)
