"""``oap oal``: check, lay out, explain, compare and test metric rules; ask a running server about them."""

import importlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import typer

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "check": "oap.commands.oal_check",
        "fmt": "oap.commands.oal_fmt",
        "explain": "oap.commands.oal_explain",
        "scopes": "oap.commands.oal_scopes",
        "diff": "oap.commands.oal_diff",
        "dry-run": "oap.commands.oal_dry_run",
        "test": "oap.commands.oal_test",
        "why": "oap.commands.oal_why",
    }
)
"""Command -> module that adds it by its ``register``."""


def register(app: typer.Typer, words: Sequence[str] = ()) -> None:
    """Add the group ``oal`` with all its commands, or with the one that these words, those behind ``oal``, name."""
    group = typer.Typer(no_args_is_help=True, help="Check, lay out, explain, compare and test metric rules.")
    named = words[0] if words else ""
    for module in [COMMANDS[named]] if named in COMMANDS else COMMANDS.values():
        importlib.import_module(module).register(group)
    group.callback()(_no_options)
    app.add_typer(group, name="oal")


def _no_options() -> None:
    # typer takes a group with a single command and no callback for that command.
    """Take no options before the command."""
