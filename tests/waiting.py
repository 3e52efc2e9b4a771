"""Waiting for what another process does, where nothing tells when it is done."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 60.0


def until(holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask again until it holds; fails after some patience."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
