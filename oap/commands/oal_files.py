"""Rule files for the commands: which ones, and their texts."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import typer

from oal.compiler import compile_rules
from oal.diagnostic import COLOURS, LIMIT, PLAIN, Diagnostic, Palette, Severity, render_all
from oal.plan import Plan
from oap.entity.scopes import k8s_catalog

STDIN: Final = Path("-")
DEFAULT_FOLDER: Final = Path("config/oal")

Sources = Mapping[str, str]
"""Texts of rule files by the names that findings show."""


def rule_files(given: Sequence[Path]) -> list[Path]:
    """The files that are named, those of named folders, or those of ./config/oal; wrong usage when there are none."""
    files: list[Path] = []
    for path in given or [DEFAULT_FOLDER]:
        found = _shown(path) if path.is_dir() else [path] if given else []
        if not found:
            message = f"there is no rule file in {path}" if given else f"there is no rule file in ./{path}; name one"
            raise typer.BadParameter(message, param_hint="FILES")
        files += found
    return list(dict.fromkeys(files))


def _shown(folder: Path) -> list[Path]:
    """The rule files of a folder but for hidden ones, which editors leave: those that the server reads."""
    return sorted(file for file in folder.glob("*.oal") if not file.name.startswith("."))


def read_sources(files: Sequence[Path]) -> Sources:
    """The texts of files, - being standard input. Wrong usage when one cannot be read."""
    return {"<stdin>" if file == STDIN else str(file): read_text(file) for file in files}


def read_text(file: Path) -> str:
    """The text of a file with its line ends, - being standard input. Wrong usage when it cannot be read."""
    try:
        content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return content.decode("utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILES") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8: byte {error.start}", param_hint="FILES") from error


def plan_or_exit(sources: Sources, exit_code: int) -> Plan:
    """The plan of rule files; prints the findings and exits when they have errors."""
    compilation = compile_rules(list(sources.items()), k8s_catalog())
    if compilation.plan is None:
        print_findings(compilation.diagnostics, sources)
        raise typer.Exit(exit_code)
    return compilation.plan


def print_findings(diagnostics: Sequence[Diagnostic], sources: Sources, limit: int = LIMIT) -> None:
    """All findings and, when there are errors, their number, to standard error."""
    typer.echo(render_all(diagnostics, sources, palette_of(sys.stderr.isatty()), limit), err=True)
    errors = sum(finding.severity is Severity.ERROR for finding in diagnostics)
    if errors:
        typer.echo(f"{errors} finding{'s' if errors > 1 else ''}", err=True)


def palette_of(is_terminal: bool) -> Palette:
    """Colours for a terminal whose user does not refuse them (NO_COLOR)."""
    return COLOURS if is_terminal and not os.environ.get("NO_COLOR") else PLAIN
