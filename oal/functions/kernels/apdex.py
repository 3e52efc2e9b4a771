"""``apdex``: the satisfaction score times 10,000."""

from collections.abc import Mapping, Sequence

from oal.functions.arithmetic import integers, truncated_quotient
from oal.functions.contract import Column
from oal.functions.kernels.kernel import Kernel


def _assemble(columns: Sequence[Column], _: tuple[int, ...]) -> Mapping[str, Column]:
    return {"total_num": integers(columns[0]), "s_num": integers(columns[1]), "t_num": integers(columns[2])}


def _finish(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    total, satisfied, tolerated = (integers(state[name]) for name in ("total_num", "s_num", "t_num"))
    score = truncated_quotient(satisfied * 10000 + tolerated * 5000, total)
    return {"total_num": total, "s_num": satisfied, "t_num": tolerated, "int_value": score}


APDEX = Kernel(_assemble, _finish)
