"""The command line: one application, to which each feature module adds its commands."""

import platform
from collections.abc import Callable
from typing import Final

import typer

from oap.commands import configuration, rules, server
from oap.emulator import commands as emulator
from oap.version import version

_HELP = """Receives eBPF access logs of SkyWalking Rover and turns them into metrics.

\b
  oap config check     is the configuration sound?
  oap server           run; agents on 11800, queries and a first page on 12800, metrics on 1234
  oap emulate          play simulated agents against it
  oap oal check        are the metric rules sound?
  oap COMMAND --help   examples for each command

Exit codes of all commands: 0 done, 1 findings or failure, 2 wrong usage.
"""

FEATURES: Final[tuple[Callable[[typer.Typer], None], ...]] = (
    server.register,
    emulator.register,
    rules.register,
    configuration.register,
)


def build_app() -> typer.Typer:
    """The application with all commands."""
    app = typer.Typer(
        name="oap",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for register in FEATURES:
        register(app)
    app.command("version", help="Print the version of this server and of Python.")(print_version)
    return app


def print_version() -> None:
    """Print the version of this server and of Python."""
    typer.echo(f"oap {version()} (Python {platform.python_version()})")


def main() -> None:
    """Entry point of the console script."""
    build_app()()
