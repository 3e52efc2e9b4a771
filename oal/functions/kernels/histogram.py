"""``histogram``: a tally with an entry for every step, also those without rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import tables
from oal.functions.contract import Column, Tables
from oal.functions.kernels.kernel import Kernel, as_it_is
from oal.functions.tables import add_tables


def _assemble(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    step, highest = parameters
    tally = tables(columns[1])
    size, width = len(tally), highest + 1
    zeros = Tables(
        np.arange(size + 1, dtype=np.int64) * width,
        np.tile(np.arange(width, dtype=np.int64), size),
        np.zeros(size * width, dtype=np.int64),
    )
    full = add_tables((zeros, tally))
    return {"dataset": Tables(full.offsets, full.keys * step, full.values)}


HISTOGRAM = Kernel(_assemble, as_it_is)
