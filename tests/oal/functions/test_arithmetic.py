"""Integer division as records need it."""

import numpy as np
import pytest

from oal.functions.arithmetic import real_quotient, truncated_quotient

_LOW = -(2**63)


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        (-5, 2, -2),
        (5, 2, 2),
        (5, -2, -2),
        (-5, -2, 2),
        (-4, 2, -2),
        (0, 3, 0),
        (7, 0, 0),
        (_LOW, 2, -(2**62)),
        (_LOW, 3, -3074457345618258602),
    ],
)
def test_quotients_are_cut_toward_zero(dividend: int, divisor: int, expected: int) -> None:
    result = truncated_quotient(np.array([dividend], dtype=np.int64), np.array([divisor], dtype=np.int64))
    assert (result.tolist(), result.dtype) == ([expected], np.dtype(np.int64))


def test_sums_beyond_32_bits_are_kept() -> None:
    result = truncated_quotient(np.array([3_000_000_000 * 3], dtype=np.int64), np.array([3], dtype=np.int64))
    assert result.tolist() == [3_000_000_000]


def test_a_real_quotient_of_nothing_is_zero() -> None:
    assert real_quotient(np.array([3.0, 1.0]), np.array([2, 0], dtype=np.int64)).tolist() == [1.5, 0.0]
