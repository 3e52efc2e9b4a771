"""The version of this installation."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version


def version() -> str:
    """Version of the installed package, ``0+unknown`` when run from a source tree that is not installed."""
    try:
        return installed_version("oap")
    except PackageNotFoundError:
        return "0+unknown"
