"""Integer arithmetic as the record formulas define it: 64 bits, division truncating toward zero (spec oal 3.1, 3.4)."""

import numpy as np
import numpy.typing as npt

from oal.functions.contract import Column, Numbers, Tables
from oal.functions.narrowing import narrowed

Integers = npt.NDArray[np.int64]


def integers(column: Column) -> Integers:
    """The column as int64; it must not be a table column."""
    return narrowed(column, np.ndarray).astype(np.int64, copy=False)


def doubles(column: Column) -> npt.NDArray[np.float64]:
    """The column as float64; it must not be a table column."""
    return narrowed(column, np.ndarray).astype(np.float64, copy=False)


def tables(column: Column) -> Tables:
    """The column as tables, which it must be."""
    return narrowed(column, Tables)


def truncated_quotient(dividend: Numbers, divisor: Numbers) -> Integers:
    """``dividend / divisor`` of int64, cut toward zero; 0 where the divisor is 0."""
    safe = np.where(divisor == 0, 1, divisor)
    floored = dividend // safe
    # numpy rounds down: one too low wherever the signs differ and something remains.
    fixed = floored + ((dividend % safe != 0) & ((dividend < 0) != (safe < 0)))
    return np.where(divisor == 0, 0, fixed).astype(np.int64, copy=False)


def real_quotient(dividend: npt.NDArray[np.float64], divisor: Integers) -> npt.NDArray[np.float64]:
    """``dividend / divisor`` as float64; 0.0 where the divisor is 0."""
    quotient = dividend / np.where(divisor == 0, 1, divisor)
    return np.where(divisor == 0, 0.0, quotient)
