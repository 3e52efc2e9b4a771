"""``oap oal check``: every mistake in rule files at once."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from oal.compiler import Compilation, compile_rules
from oal.diagnostic import LIMIT, Severity, records, select
from oap.commands.oal_files import Sources, print_findings, read_sources, rule_files
from oap.entity.scopes import k8s_catalog
from oap.entity.streams import KNOWN_STREAMS

_HELP = """Find every mistake in rule files at once; they are checked together, as the server loads them.

\b
  oap oal check                        all of ./config/oal
  oap oal check new.oal                one file
  git show HEAD:config/oal/ebpf.oal | oap oal check -
  oap oal check --format json | jq '.findings[] | {code, file, line}'

Findings are printed to standard error, as JSON to standard output.

Exit codes: 0 the rules can be loaded (there may be warnings), 1 they cannot, 2 wrong usage.
"""


class Format(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


def register(group: typer.Typer) -> None:
    """Add the command ``check``."""
    group.command("check", help=_HELP)(check)


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Rule files or folders, - for standard input."),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
    limit: Annotated[int, typer.Option(min=0, help="Show so many findings, 0 for all.")] = LIMIT,
) -> None:
    """Find every mistake in rule files at once."""
    sources = read_sources(rule_files(files or []))
    compilation = compile_rules(list(sources.items()), k8s_catalog(), KNOWN_STREAMS)
    if output is Format.JSON:
        typer.echo(_json_text(compilation, sources, limit))
    else:
        _print_text(compilation, sources, limit)
    if compilation.plan is None:
        raise typer.Exit(1)


def _print_text(compilation: Compilation, sources: Sources, limit: int) -> None:
    if compilation.diagnostics:
        print_findings(compilation.diagnostics, sources, limit)
    if compilation.plan is not None:
        metrics, warnings = len(compilation.plan.metrics), len(compilation.diagnostics)
        counted = f"{warnings} warning{'s' if warnings > 1 else ''}, " if warnings else ""
        typer.echo(f"{', '.join(sources)}: {metrics} metric{'s' if metrics != 1 else ''}, {counted}no errors")


def _json_text(compilation: Compilation, sources: Sources, limit: int) -> str:
    findings = compilation.diagnostics
    selection = select(findings, limit)
    return json.dumps(
        {
            "files": list(sources),
            "metrics": len(compilation.plan.metrics) if compilation.plan is not None else None,
            "errors": sum(finding.severity is Severity.ERROR for finding in findings),
            "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
            "left_out": len(findings) - len(selection.shown),
            "findings": records(selection.shown, sources),
        },
        ensure_ascii=False,
        indent=2,
    )
