"""The version of this installation, as we count and as upstream's clients read it."""

import hashlib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Final

# The release whose query protocol is spoken here: clients choose their queries by it (spec query 1.3).
_SPOKEN: Final = "10.4.0"


def version() -> str:
    """Version of the installed package, ``0+unknown`` when run from a source tree that is not installed."""
    try:
        return installed_version("oap")
    except PackageNotFoundError:
        return "0+unknown"


def api_version() -> str:
    """What the query API answers: the release spoken, and in place of upstream's commit seven digits that tell ours."""
    return f"{_SPOKEN}-{hashlib.sha256(version().encode()).hexdigest()[:7]}"
