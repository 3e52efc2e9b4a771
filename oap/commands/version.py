"""``oap version``."""

import platform

import typer

from oap.version import version


def register(app: typer.Typer) -> None:
    """Add the command ``version``."""
    app.command("version", help="Print the version of this server and of Python.")(print_version)


def print_version() -> None:
    """Print the version of this server and of Python."""
    typer.echo(f"oap {version()} (Python {platform.python_version()})")
