"""``oap oal fmt``: rule files in canonical layout."""

import difflib
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from oal.layout import lay_out
from oap.commands.oal_files import STDIN, print_findings, read_text, rule_files

_HELP = """Lay rule files out: the same rules, the same comments, blanks and line breaks by rule.

\b
  oap oal fmt                     all of ./config/oal, in place
  oap oal fmt new.oal             one file, in place
  oap oal fmt - < new.oal         standard input to standard output
  oap oal fmt --check             change nothing, name the files that would change
  oap oal fmt --check --diff      show how

Files with syntax errors stay as they are.

Exit codes: 0 done, or with --check nothing to do; 1 a file would change, or cannot be read as rules; 2 wrong usage.
"""


def register(group: typer.Typer) -> None:
    """Add the command ``fmt``."""
    group.command("fmt", help=_HELP)(fmt)


def fmt(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Rule files or folders, - for standard input."),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; say what would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print the changes.")] = False,
) -> None:
    """Lay rule files out."""
    outcomes = [_treat(file, check=check, diff=diff) for file in rule_files(files or [])]
    if not all(outcomes):
        raise typer.Exit(1)


def _treat(file: Path, *, check: bool, diff: bool) -> bool:
    """Lay out one file or say what would change; whether all is well with it."""
    name = "<stdin>" if file == STDIN else str(file)
    text = read_text(file)
    laid = lay_out(name, text)
    if laid.text is None:
        print_findings(laid.findings, {name: text})
        return False
    changes = laid.text != text
    if diff and changes:
        typer.echo(_diff(name, text, laid.text), nl=False)
    if check:
        if changes:
            typer.echo(f"{name} is not in canonical layout", err=True)
        return not changes
    if file == STDIN:
        if not diff:
            typer.echo(laid.text, nl=False)
    elif changes:
        replace_file(file, laid.text)
        typer.echo(f"{name}: laid out", err=True)
    return True


def replace_file(file: Path, text: str) -> None:
    """Put a text in the place of a file's, all at once and with the same permissions; a link keeps pointing to it."""
    target = file.resolve()
    try:
        mode = target.stat().st_mode
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(mode & 0o7777)
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error.strerror}", param_hint="FILES") from error


def _diff(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), name, f"{name} (canonical)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
