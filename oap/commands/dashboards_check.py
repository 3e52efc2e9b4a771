"""``oap dashboards check``: every mistake in dashboard templates at once."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from oal.diagnostic import LIMIT, Diagnostic, Severity, records, select
from oap.commands.configuration import DEFAULT_DIRECTORY, ConfigDirectory
from oap.commands.dashboards_files import named_files, read_texts
from oap.commands.oal_check import Format
from oap.commands.oal_files import plan_or_exit, print_findings, read_sources, rule_files
from oap.config.finding import ConfigError
from oap.config.yaml_source import read_text
from oap.dashboards.check import CheckedTemplates, check_templates
from oap.dashboards.folder import MENU_FILE, TEMPLATE_FOLDER, template_files
from oap.dashboards.known_metric import KnownMetrics, known_metrics
from oap.dashboards.menu_file import parse_menu
from oap.dashboards.report import Report
from oap.dashboards.template_file import TemplateFile, read_template
from oap.entity.scopes import k8s_catalog
from oap.window.models import metric_models

_HELP = """Find every mistake in dashboard templates at once: JSON and its members, overlapping panels, unknown metrics,
expressions that cannot be read or evaluated, metrics of another entity, labels that no series has, links that lead
nowhere, ids and names that are taken.

\b
  oap dashboards check                         all of ./config/ui-initialized-templates, and its menu.yaml
  oap dashboards check my.json                 one file; links may lead to the dashboards of ./config
  oap dashboards check my.json --config /etc/oap
  oap dashboards check --format json | jq '.findings[] | {code, file, line}'

Metrics are those of the rules in the same configuration. Findings are printed to standard error, as JSON to standard
output. The server starts in spite of most of them and logs them; it refuses files that are not one template, ids and
names that occur twice (DASH101, 102, 108, 401, 402).

Exit codes: 0 nothing wrong (there may be warnings), 1 mistakes, 2 wrong usage.
"""


def register(group: typer.Typer) -> None:
    """Add the command ``check``."""
    group.command("check", help=_HELP)(check)


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATHS", help="Template files or folders of them.")
    ] = None,
    config: ConfigDirectory = DEFAULT_DIRECTORY,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
    limit: Annotated[int, typer.Option(min=0, help="Show so many findings, 0 for all.")] = LIMIT,
) -> None:
    """Find every mistake at once."""
    folder = config / TEMPLATE_FOLDER
    files = named_files(paths or [folder])
    texts = read_texts(files)
    metrics = rule_metrics(config)
    checked = check_templates(texts, metrics, _beside(folder, files))
    menu = None if paths else _menu_findings(folder / MENU_FILE)
    if output is Format.JSON:
        typer.echo(_json_text(checked, texts, limit))
    else:
        _print_text(checked, texts, metrics, limit)
    if menu:
        typer.echo(menu, err=True)
    if menu or has_errors(checked.findings):
        raise typer.Exit(1)


def rule_metrics(config: Path) -> KnownMetrics:
    """The metrics of a configuration; prints findings and exits with 1 when its rules have errors."""
    catalog = k8s_catalog()
    plan = plan_or_exit(read_sources(rule_files([config / "oal"])), 1)
    return known_metrics(metric_models(plan, catalog))


def has_errors(findings: Sequence[Diagnostic]) -> bool:
    """Whether any of them is more than a warning."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _beside(folder: Path, files: Sequence[Path]) -> list[TemplateFile]:
    """The templates of the configuration that are not checked themselves."""
    checked = {file.resolve() for file in files}
    others = [file for file in template_files(folder) if file.resolve() not in checked]
    unread = Report()
    read = (read_template(name, text, unread) for name, text in read_texts(others).items())
    return [template for template in read if template is not None]


def _menu_findings(file: Path) -> str:
    """What is wrong with the menu, "" for nothing."""
    try:
        if file.is_file():
            parse_menu(read_text(file), str(file))
    except ConfigError as error:
        return str(error)
    return ""


def _print_text(checked: CheckedTemplates, texts: Mapping[str, str], metrics: KnownMetrics, limit: int) -> None:
    if checked.findings:
        print_findings(checked.findings, texts, limit)
    if not has_errors(checked.findings):
        count = len(checked.templates)
        shown = len(checked.metrics & metrics.keys())
        typer.echo(f"{_counted(count, 'dashboard')} with {_counted(shown, 'metric')}, no errors")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _json_text(checked: CheckedTemplates, texts: Mapping[str, str], limit: int) -> str:
    findings = checked.findings
    selection = select(findings, limit)
    return json.dumps(
        {
            "files": list(texts),
            "dashboards": len(checked.templates),
            "errors": sum(finding.severity is Severity.ERROR for finding in findings),
            "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
            "left_out": len(findings) - len(selection.shown),
            "findings": records(selection.shown, texts),
        },
        ensure_ascii=False,
        indent=2,
    )
