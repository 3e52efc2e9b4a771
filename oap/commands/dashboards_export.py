"""``oap dashboards export``: the templates of a running server as files."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from oap.commands.dashboards_files import DEFAULT_SERVER, ServerAddress, files_below, read_texts
from oap.commands.oal_fmt import replace_file
from oap.commands.server_calls import CallError
from oap.commands.stored_templates import StoredTemplate, stored_templates
from oap.dashboards.printing import template_text
from oap.dashboards.report import Report, near_hint
from oap.dashboards.template_file import TemplateFile, read_template

_HELP = """Write the dashboards of a running server as template files: FOLDER/<layer>/<id>.json.

\b
  oap dashboards export my-dashboards                          all that are in use
  oap dashboards export my-dashboards --id K8S-Service-Root    one; may be given several times
  oap dashboards export config/ui-initialized-templates --force    take changes made in the user interface over
  oap dashboards export my-dashboards --server http://oap.prod:12800

A file that holds the same id already keeps its name. One whose content differs is only replaced with --force; comments
in it are lost then. Files of dashboards that the server does not have are left alone.

Exit codes: 0 done, 1 the server does not answer, or files stand in the way, 2 wrong usage, or an unknown id.
"""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def register(group: typer.Typer) -> None:
    """Add the command ``export``."""
    group.command("export", help=_HELP)(export)


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to put the files; made if needed.")],
    server: ServerAddress = DEFAULT_SERVER,
    ids: Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Only this dashboard.")] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
) -> None:
    """Write dashboards as files."""
    try:
        stored = stored_templates(server)
    except CallError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for unknown in (one for one in ids or () if one not in stored):
        raise typer.BadParameter(f"there is no dashboard '{unknown}'; {near_hint(unknown, stored)}", param_hint="--id")
    chosen = [template for template in stored.values() if not ids or template.id in ids]
    files = _files_by_id(folder)
    outcomes = [_write(template, folder, files, force=force) for template in chosen]
    if not all(outcomes):
        raise typer.Exit(1)


def _files_by_id(folder: Path) -> Mapping[str, Path]:
    templates = (read_template(name, text, Report()) for name, text in read_texts(files_below(folder)).items())
    return {template.id.text: Path(template.file) for template in templates if template is not None}


def _write(template: StoredTemplate, folder: Path, files: Mapping[str, Path], *, force: bool) -> bool:
    """Write one file and say so; whether the folder holds the template now."""
    if template.plain is None:
        typer.echo(f"'{template.id}' is stored with a text that is no JSON object, it is left out", err=True)
        return False
    file = files.get(template.id) or _new_file(folder, template)
    text = template_text(template.id, template.plain)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        typer.echo(f"{file}: written")
        return True
    held = _held(file)
    if held is not None and held.id.text != template.id:
        typer.echo(f"{file}: holds '{held.id.text}', '{template.id}' is left out; rename the file", err=True)
        return False
    if held is not None and held.configuration.plain() == template.plain:
        typer.echo(f"{file}: the same")
        return True
    if not force:
        typer.echo(f"{file}: differs, left as it is; see 'oap dashboards diff', or replace it with --force", err=True)
        return False
    replace_file(file, text)
    typer.echo(f"{file}: replaced")
    return True


def _held(file: Path) -> TemplateFile | None:
    [text] = read_texts([file]).values()
    return read_template(str(file), text, Report())


def _new_file(folder: Path, template: StoredTemplate) -> Path:
    layer = _file_name(str((template.plain or {}).get("layer") or ""))
    return folder / (layer or "custom") / f"{_file_name(template.id) or 'unnamed'}.json"


def _file_name(text: str) -> str:
    """What of a text may be the name of a file that is neither hidden nor in another folder."""
    return _UNFIT.sub("_", text).lstrip(".").lower()
