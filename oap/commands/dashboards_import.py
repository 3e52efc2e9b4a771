"""``oap dashboards import``: template files into a running server."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from oap.commands.dashboards_check import has_errors
from oap.commands.dashboards_diff import is_stored
from oap.commands.dashboards_files import DEFAULT_SERVER, ServerAddress, named_files, read_texts
from oap.commands.oal_files import print_findings
from oap.commands.server_calls import CallError
from oap.commands.stored_templates import StoredTemplate, put_template, server_metrics, stored_templates
from oap.dashboards.check import check_templates
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.printing import template_text
from oap.dashboards.report import Report
from oap.dashboards.template_file import TemplateFile, read_template

_HELP = """Put template files into a running server: unknown ids are added, known ones replaced, disabled ones used again.

\b
  oap dashboards import my.json
  oap dashboards import my-dashboards --dry-run       check, and say what would happen
  oap dashboards import my.json --server http://oap.prod:12800

All files are checked first, with the metrics and dashboards of that server; with a mistake in any of them nothing is
sent. --with-findings sends them nevertheless, unless they are no templates at all. The server must allow changes:
SW_ENABLE_UPDATE_UI_TEMPLATE=true. Browsers show the new dashboards in a new tab.

Exit codes: 0 done, 1 mistakes in the files, the server refuses or does not answer, 2 wrong usage.
"""


def register(group: typer.Typer) -> None:
    """Add the command ``import``."""
    group.command("import", help=_HELP)(import_)


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATHS", help="Template files or folders of them.")],
    server: ServerAddress = DEFAULT_SERVER,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    with_findings: Annotated[bool, typer.Option("--with-findings", help="In spite of mistakes.")] = False,
) -> None:
    """Put files into a server."""
    texts = read_texts(named_files(paths))
    try:
        stored = stored_templates(server)
        templates = _sound(texts, stored, server_metrics(server), with_findings=with_findings)
        for template in templates:
            typer.echo(f"{template.id.text}: {_put(template, stored, server, dry_run=dry_run)}")
    except CallError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _sound(
    texts: Mapping[str, str],
    stored: Mapping[str, StoredTemplate],
    metrics: KnownMetrics,
    *,
    with_findings: bool,
) -> Sequence[TemplateFile]:
    checked = check_templates(texts, metrics, _beside(stored))
    if checked.findings:
        print_findings(checked.findings, texts)
    if checked.refusals or (has_errors(checked.findings) and not with_findings):
        typer.echo("nothing was sent", err=True)
        raise typer.Exit(1)
    return checked.templates


def _beside(stored: Mapping[str, StoredTemplate]) -> list[TemplateFile]:
    """The server's templates as if they were files."""
    texts = {
        f"server:{template.id}": template_text(template.id, template.plain)
        for template in stored.values()
        if template.plain is not None
    }
    read = (read_template(name, text, Report()) for name, text in texts.items())
    return [template for template in read if template is not None]


def _put(template: TemplateFile, stored: Mapping[str, StoredTemplate], server: str, *, dry_run: bool) -> str:
    """Send one template; what came of it, in words."""
    if is_stored(template, stored):
        return "the same"
    known = template.id.text in stored
    if dry_run:
        return "would be changed" if known else "would be added"
    put_template(server, template.id.text, template.configuration.compact())
    return "changed" if known else "added"
