"""``cpm``: rows per minute of the bucket."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import integers, truncated_quotient
from oal.functions.contract import Column
from oal.functions.kernels.kernel import Kernel


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"total": integers(columns[0])}


def _finish(state: Mapping[str, Column], minutes: int, _: tuple[int, ...]) -> Mapping[str, Column]:
    total = integers(state["total"])
    return {"value": truncated_quotient(total, np.int64(minutes) * np.ones_like(total)), "total": total}


CPM = Kernel(_assemble, _finish)
