from typing import Any

import numba
from structlog.testing import capture_logs

from oap.warm_up import logged_compilation


def double(number: int) -> int:
    return number * 2


def test_kernels_that_have_to_be_compiled_are_named() -> None:
    double.__module__ = "oap.invented"
    compiled: Any = numba.njit(double)
    with capture_logs() as logs, logged_compilation():
        assert (compiled(4), compiled(5)) == (8, 10)
    assert [(entry["event"].partition(";")[0], entry.get("kernel"), entry.get("number")) for entry in logs] == [
        ("compiling", None, None),
        ("compiling", "double", 1),
    ]
