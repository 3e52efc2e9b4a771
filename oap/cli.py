"""The command line: one application, to which each feature module adds its commands."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import typer

from oap.commands import rules

_HELP = """Receives eBPF access logs of SkyWalking Rover and turns them into metrics.

\b
  oap config check     is the configuration sound?
  oap storage check    is the store fit for use?
  oap server           run; agents on 11800, queries and a first page on 12800, metrics on 1234
  oap emulate          play simulated agents against it
  oap oal check        are the metric rules sound?
  oap dashboards check are the dashboards sound?
  oap COMMAND --help   examples for each command

Exit codes of all commands: 0 done, 1 findings or failure, 2 wrong usage.
"""

FEATURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "server": "oap.commands.server",
        "emulate": "oap.emulator.commands",
        "replay": "oap.emulator.commands",
        "config": "oap.commands.configuration",
        "storage": "oap.commands.storage",
        "dashboards": "oap.commands.dashboards",
        "version": "oap.commands.version",
    }
)
"""First word of a command line -> module that adds the command by its ``register``; ``oal`` is a group of its own."""


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The application with all commands, or with those that a command line of these words needs.

    Checking rules in an editor or a hook shall not wait for what the server needs: 0.5 s instead of 1.3 s.
    """
    app = typer.Typer(
        name="oap",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    first = words[0] if words else ""
    if first == "oal":
        rules.register(app, words[1:])
    else:
        for module in dict.fromkeys([FEATURES[first]] if first in FEATURES else FEATURES.values()):
            importlib.import_module(module).register(app)
        if first not in FEATURES:
            rules.register(app)
    app.callback()(_no_options)
    return app


def _no_options() -> None:
    # typer takes an application with a single command and no callback for that command.
    """Take no options before the command."""


def main() -> None:
    """Entry point of the console script."""
    build_app(sys.argv[1:])()
