"""``oap dashboards``: check, export, compare and import dashboard templates."""

import importlib
from typing import Final

import typer

_COMMANDS: Final = (
    "oap.commands.dashboards_check",
    "oap.commands.dashboards_diff",
    "oap.commands.dashboards_import",
    "oap.commands.dashboards_export",
)
_HELP: Final = """Check, compare, import and export dashboards.

\b
  oap dashboards check                 are the files in ./config sound?
  oap dashboards export my-dashboards  what the running server has, as files
  oap dashboards diff my-dashboards    what of them differs from the server
  oap dashboards import my-dashboards  put the files into the running server
"""


def register(app: typer.Typer) -> None:
    """Add the group ``dashboards`` with its commands."""
    group = typer.Typer(no_args_is_help=True, help=_HELP)
    for module in _COMMANDS:
        importlib.import_module(module).register(group)
    app.add_typer(group, name="dashboards")
