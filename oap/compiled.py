"""The decorator of all compiled functions, and where their machine code is kept.

numba keeps compiled code on disk and compares it with the source file of the function alone. Constants and functions of
other modules are compiled in as well: after an upgrade that changes only those, old code would run on with other column
numbers. So the folder it is kept in is named after the content of every module that can be compiled in.
"""

import hashlib
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

import numba

SOURCES: Final = (
    "accounting.py",
    "compiled.py",
    "entity/columns.py",
    "entity/components.py",
    "entity/connections.py",
    "entity/endpoints.py",
    "entity/interning.py",
    "entity/names.py",
    "entity/routes.py",
    "receiver/block.py",
    "receiver/decode/kernel.py",
    "receiver/decode/layout.py",
    "window/late_rows.py",
    "window/placement.py",
    "window/state.py",
    "window/tally.py",
)
"""Modules with compiled functions and those whose constants and functions these use, below this package."""

_PACKAGE: Final = Path(__file__).parent


def cache_folder(package: Path = _PACKAGE) -> Path:
    """Where the code compiled from this state of the sources is kept: beside them, else in the user's cache folder."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((package / name).read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    beside = package / "__pycache__"
    if os.access(beside if beside.is_dir() else package, os.W_OK):
        return beside / name
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (user if os.access(user, os.W_OK) else Path(tempfile.gettempdir())) / "oap" / name


_config: Final[Any] = numba.config

# Before any function is decorated, and only where nobody chose a folder.
if not os.environ.get("NUMBA_CACHE_DIR"):
    _config.CACHE_DIR = str(cache_folder())

njit: Final[Any] = partial(numba.njit, cache=True, nogil=True)
"""``numba.njit`` with the code kept on disk and the interpreter's lock released; takes its other options."""
