"""The arithmetic behind the declared functions."""

from oal.functions.kernels.registry import KERNELS
from oal.functions.registry import FUNCTIONS


def test_every_function_has_its_arithmetic() -> None:
    assert set(KERNELS) == set(FUNCTIONS)
