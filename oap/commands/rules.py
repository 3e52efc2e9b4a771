"""``oap oal``: look at metric rules without running them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from oal.compiler import compile_rules
from oal.diagnostic import Severity, render_all
from oap.entity.scopes import k8s_catalog

_STDIN = Path("-")
_CHECK_HELP = """Find every mistake in rule files at once; they are checked together, as the server loads them.

\b
  oap oal check                        all of ./config/oal
  oap oal check new.oal                one file
  git show HEAD:config/oal/ebpf.oal | oap oal check -

Exit codes: 0 the rules can be loaded, 1 they cannot (findings on standard error), 2 wrong usage.
"""


def register(app: typer.Typer) -> None:
    """Add the group ``oal``."""
    group = typer.Typer(no_args_is_help=True, help="Check metric rules.")
    group.command("check", help=_CHECK_HELP)(check)
    app.add_typer(group, name="oal")


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Rule files, - for standard input."),
    ] = None,
) -> None:
    """Find every mistake in rule files at once."""
    sources = _sources(files or sorted(Path("config/oal").glob("*.oal")))
    if not sources:
        raise typer.BadParameter("there is no rule file in ./config/oal; name one", param_hint="FILES")
    compilation = compile_rules(list(sources.items()), k8s_catalog())
    if compilation.diagnostics:
        typer.echo(render_all(compilation.diagnostics, sources), err=True)
    if compilation.plan is None:
        errors = sum(finding.severity is Severity.ERROR for finding in compilation.diagnostics)
        typer.echo(f"{errors} finding{'s' if errors > 1 else ''}", err=True)
        raise typer.Exit(1)
    metrics = len(compilation.plan.metrics)
    typer.echo(f"{', '.join(sources)}: {metrics} metric{'s' if metrics != 1 else ''}, no errors")


def _sources(files: Sequence[Path]) -> dict[str, str]:
    return {
        "<stdin>" if file == _STDIN else str(file): sys.stdin.read() if file == _STDIN else _text(file)
        for file in files
    }


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILES") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8: byte {error.start}", param_hint="FILES") from error
