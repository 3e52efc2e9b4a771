"""``oap oal``: check, lay out, explain and compare metric rules without running them."""

import typer

from oap.commands import oal_check, oal_diff, oal_explain, oal_fmt, oal_scopes


def register(app: typer.Typer) -> None:
    """Add the group ``oal``."""
    group = typer.Typer(no_args_is_help=True, help="Check, lay out, explain and compare metric rules.")
    for command in (oal_check, oal_fmt, oal_explain, oal_scopes, oal_diff):
        command.register(group)
    app.add_typer(group, name="oal")
