"""``oap dashboards diff``: what differs between template files and a running server."""

import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from oal.diagnostic import Palette
from oap.commands.dashboards_files import DEFAULT_FOLDER, DEFAULT_SERVER, ServerAddress, named_files, read_texts
from oap.commands.oal_files import palette_of, print_findings
from oap.commands.server_calls import CallError
from oap.commands.stored_templates import StoredTemplate, stored_templates
from oap.dashboards.printing import ordered_like, template_text
from oap.dashboards.report import Report
from oap.dashboards.template_file import TemplateFile, read_template

_HELP = """Show how dashboards of a running server differ from template files.

\b
  oap dashboards diff                      all of ./config/ui-initialized-templates, and what only the server has
  oap dashboards diff my.json              one file
  oap dashboards diff --brief              only say which
  oap dashboards diff my-dashboards --server http://oap.prod:12800

Lines with - are those of the server, lines with + those of the files: what an import would change. Comments, layout and
the order of members do not count.

Exit codes: 0 nothing differs, 1 something does, 2 wrong usage, a file is no template, or the server does not answer.
"""
_CONTEXT = 3


def register(group: typer.Typer) -> None:
    """Add the command ``diff``."""
    group.command("diff", help=_HELP)(diff)


def diff(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATHS", help="Template files or folders of them.")
    ] = None,
    server: ServerAddress = DEFAULT_SERVER,
    *,
    brief: Annotated[bool, typer.Option("--brief", help="Name what differs, without lines.")] = False,
) -> None:
    """Show what differs."""
    templates = templates_or_exit(read_texts(named_files(paths or [DEFAULT_FOLDER])), 2)
    try:
        stored = stored_templates(server)
    except CallError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    palette = palette_of(sys.stdout.isatty())
    lines = list(_differences(templates, stored, palette, brief=brief))
    if not paths:
        known = {template.id.text for template in templates}
        lines += [f"{one}: only on the server" for one in stored if one not in known]
    if lines:
        typer.echo("\n".join(lines))
        raise typer.Exit(1)
    typer.echo(f"{len(templates)} dashboard{'s' if len(templates) != 1 else ''}, nothing differs")


def templates_or_exit(texts: Mapping[str, str], exit_code: int) -> Sequence[TemplateFile]:
    """The templates in texts; prints findings and exits when one is no template."""
    report = Report()
    templates = [read_template(file, text, report) for file, text in texts.items()]
    if report.findings():
        print_findings(report.findings(), texts)
        raise typer.Exit(exit_code)
    return [template for template in templates if template is not None]


def is_stored(template: TemplateFile, stored: Mapping[str, StoredTemplate]) -> bool:
    """Whether the server has the template as it is in the file."""
    found = stored.get(template.id.text)
    return found is not None and found.plain == template.configuration.plain()


def _differences(
    templates: Sequence[TemplateFile], stored: Mapping[str, StoredTemplate], palette: Palette, *, brief: bool
) -> Iterator[str]:
    for template in templates:
        found = stored.get(template.id.text)
        if found is None:
            yield f"{template.id.text}: only in {template.file}"
        elif not is_stored(template, stored):
            yield f"{template.id.text}: differs from {template.file}"
            if not brief:
                yield from _lines(template, found, palette)


def _lines(template: TemplateFile, stored: StoredTemplate, palette: Palette) -> Iterator[str]:
    ours = template.configuration.plain()
    theirs = stored.configuration if stored.plain is None else ordered_like(stored.plain, ours)
    old, new = (template_text(template.id.text, side).splitlines() for side in (theirs, ours))
    colours = {"-": palette.error, "+": palette.marker, "@": palette.place}
    for line in difflib.unified_diff(old, new, "server", template.file, lineterm="", n=_CONTEXT):
        colour = colours.get(line[:1], "")
        yield f"{colour}{line}{palette.reset}" if colour else line
