"""``oap config``: what is in force, and what is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer

from oap.config.config import Config
from oap.config.effective import EffectiveValue
from oap.config.finding import ConfigError
from oap.config.load import load_config

ConfigDirectory = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="OAP_CONFIG", metavar="DIRECTORY", help="Folder that holds application.yml."),
]
DEFAULT_DIRECTORY = Path("config")

_SHOW_HELP = """Print every value in force and where it came from; secrets are masked.

\b
  oap config show                            all values of ./config/application.yml
  oap config show telemetry                  one module
  SW_CORE_GRPC_PORT=21800 oap config show    with an override
  oap config show --json | jq .              for programs
"""
_CHECK_HELP = """Find every mistake in application.yml and in the environment at once.

\b
  oap config check && oap server             start only with a sound configuration

Exit codes: 0 nothing found, 1 findings (on standard error), 2 wrong usage.
"""


def register(app: typer.Typer) -> None:
    """Add the group ``config``."""
    group = typer.Typer(no_args_is_help=True, help="Show or check the configuration.")
    group.command("show", help=_SHOW_HELP)(show)
    group.command("check", help=_CHECK_HELP)(check)
    app.add_typer(group, name="config")


def load_or_exit(directory: Path) -> Config:
    """Load the configuration with this process's environment; print all findings and exit with 1 when there are any."""
    try:
        return load_config(directory, os.environ)
    except ConfigError as error:
        for finding in error.findings:
            typer.echo(finding.render(), err=True)
        count = len(error.findings)
        typer.echo(f"{count} finding{'s' if count > 1 else ''}", err=True)
        raise typer.Exit(1) from error


def show(
    module: Annotated[str, typer.Argument(help="Only values whose name begins with this.")] = "",
    config: ConfigDirectory = DEFAULT_DIRECTORY,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: value, unit and origin by name.")] = False,
) -> None:
    """Print every value in force and where it came from."""
    values = {name: value for name, value in load_or_exit(config).flattened().items() if name.startswith(module)}
    typer.echo(_json_text(values) if as_json else _lines(values))


def check(config: ConfigDirectory = DEFAULT_DIRECTORY) -> None:
    """Find every mistake at once."""
    count = len(load_or_exit(config).flattened())
    typer.echo(f"{config / 'application.yml'}: {count} values, nothing wrong")


def _lines(values: Mapping[str, EffectiveValue]) -> str:
    rows = [(f"{name} = {value.text} {value.unit}".rstrip(), str(value.origin)) for name, value in values.items()]
    width = min(64, max((len(left) for left, _ in rows), default=0))
    return "\n".join(f"{left:<{width}}  # {origin}" for left, origin in rows)


def _json_text(values: Mapping[str, EffectiveValue]) -> str:
    shown = {
        name: {"value": value.text, "unit": value.unit, "origin": str(value.origin)} for name, value in values.items()
    }
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
