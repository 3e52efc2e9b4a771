"""``oap storage check``: is the configured store fit for use."""

import os
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from oap.commands.configuration import DEFAULT_DIRECTORY, ConfigDirectory, load_or_exit
from oap.commands.storage_places import CONFIGURED, PlaceError, Places, place_text
from oap.config.finding import ConfigError
from oap.entity.scopes import k8s_catalog
from oap.rule_files import RuleFileError, load_rules, read_rule_texts
from oap.storage.checking import Finding, Verdict
from oap.storage.checks import CHECKS
from oap.storage.contract import StorageError
from oap.window.models import metric_models

_HELP: Final = """Look at everything that the server needs of its store, before it is started or while it runs: connection,
version, rights (each tried for real, on something that comes and goes), tables and what would be made, clock, free space.

\b
  oap storage check                                    the store of ./config/application.yml
  oap storage check mysql:jdbc:mysql://db:3306/oap     another one; 'oap storage copy --help' says how to name it
  oap storage check && oap server                      start only with a store that is fit

Each line says ok, or what to do. Exit codes: 0 all is well, 1 something is to be done, 2 wrong usage.
"""


def register(group: typer.Typer) -> None:
    """Add the command ``check``."""
    group.command("check", help=_HELP)(check)


def check(
    store: Annotated[str, typer.Argument(metavar="STORE", help="Store to look at.")] = CONFIGURED,
    config: ConfigDirectory = DEFAULT_DIRECTORY,
) -> None:
    """Look at a store."""
    loaded = load_or_exit(config)
    try:
        place = Places(loaded, os.environ).place(store)
        models = list(metric_models(load_rules(read_rule_texts(config)).plan, k8s_catalog()).values())
        typer.echo(place_text(place.selector, place.settings))
        problems = 0
        for finding in CHECKS[place.selector](place.settings, models):
            problems += finding.verdict is Verdict.PROBLEM
            for line in _lines(finding):
                typer.echo(line)
    except PlaceError as error:
        raise typer.BadParameter(str(error)) from error
    except (ConfigError, RuleFileError, StorageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if problems:
        typer.echo(f"{problems} problem{'s' if problems > 1 else ''}")
    raise typer.Exit(1 if problems else 0)


def _lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.verdict:<8} {finding.subject:<11} {finding.text}"
    if finding.advice:
        yield f"  {'':<8} {'':<11} do: {finding.advice}"
