"""Settings of the embedded store."""

from dataclasses import dataclass
from typing import Final

MEMORY: Final = ":memory:"


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where the file is and how much memory the engine may take.

    ``path`` is made with its folder if missing; ":memory:" keeps everything in memory and forgets it on close.
    ``memory_limit_mb`` (10^6 bytes) bounds caches and intermediate results; what does not fit goes to ``<path>.tmp``.
    ``threads`` 0 lets the engine take one for each core.
    """

    path: str
    memory_limit_mb: int = 1024
    threads: int = 0
