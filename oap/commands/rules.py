"""``oap oal``: check, lay out, explain, compare and test metric rules; ask a running server about them."""

import typer

from oap.commands import oal_check, oal_diff, oal_dry_run, oal_explain, oal_fmt, oal_scopes, oal_test, oal_why


def register(app: typer.Typer) -> None:
    """Add the group ``oal``."""
    group = typer.Typer(no_args_is_help=True, help="Check, lay out, explain, compare and test metric rules.")
    for command in (oal_check, oal_fmt, oal_explain, oal_scopes, oal_diff, oal_dry_run, oal_test, oal_why):
        command.register(group)
    app.add_typer(group, name="oal")
