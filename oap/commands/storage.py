"""``oap storage``: is the store fit for use, and moving it."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import typer

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {"check": "oap.commands.storage_check", "copy": "oap.commands.storage_copy"}
)
"""Command -> module that adds it by its ``register``."""


def register(app: typer.Typer) -> None:
    """Add the group ``storage``."""
    group = typer.Typer(no_args_is_help=True, help="Check the storage; move it into another.")
    for module in COMMANDS.values():
        importlib.import_module(module).register(group)
    app.add_typer(group, name="storage")
