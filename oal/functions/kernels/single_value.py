"""``count``, ``sum``, ``max``, ``min``, ``maxDouble``, ``minDouble``: one primitive is the value."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import doubles, integers
from oal.functions.contract import Column
from oal.functions.kernels.kernel import Kernel, as_it_is


def _count(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[0])}


def _integer(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": integers(columns[1])}


def _double(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"value": doubles(columns[1])}


COUNT = Kernel(_count, as_it_is)
INTEGER = Kernel(_integer, as_it_is)
DOUBLE = Kernel(_double, as_it_is)
