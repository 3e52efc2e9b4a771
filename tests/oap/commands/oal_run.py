"""Runs ``oap oal`` in this process."""

from typer.testing import CliRunner, Result

from oap.cli import build_app


def run(*arguments: str, stdin: str = "") -> Result:
    """The outcome of a command line."""
    return CliRunner().invoke(build_app(["oal"]), ["oal", *arguments], input=stdin)
