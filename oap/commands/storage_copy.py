"""``oap storage copy``: move everything that one store holds into another."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from oap.commands.configuration import DEFAULT_DIRECTORY, ConfigDirectory, load_or_exit
from oap.commands.storage_places import Place, PlaceError, Places
from oap.config.finding import ConfigError
from oap.entity.scopes import k8s_catalog
from oap.rule_files import RuleFileError, load_rules, read_rule_texts
from oap.storage.contract import StorageError
from oap.storage.copying import Copier, Kind, Plan
from oap.storage.journal import Journal, opened
from oap.storage.listing import ListedStorage
from oap.storage.registry import open_storage
from oap.window.models import metric_models

_STATE: Final = Path("oap-storage-copy.state")
_HELP: Final = """Copy everything that the store FROM holds into the store TO: metrics of all rules in minutes, hours and days
with all their columns, services, instances, endpoints, relations, dashboard templates.

\b
FROM and TO are each one of
  config                                      the store of application.yml
  duckdb:PATH                                 a file
  mysql:jdbc:mysql://HOST:3306/DATABASE       MySQL or MariaDB
  elasticsearch:http://HOST:9200              Elasticsearch or OpenSearch; several with commas,
                                              ?namespace=NAME for another namespace, ?logicSharding=true
User, password, TLS and all else come from the sections of application.yml and their variables. Where both
sides differ: OAP_COPY_FROM_USER, OAP_COPY_FROM_PASSWORD, OAP_COPY_TO_USER, OAP_COPY_TO_PASSWORD.

\b
  oap storage copy duckdb:data/oap.duckdb config       from the embedded store into the configured one
  oap storage copy elasticsearch:http://es:9200 duckdb:data/oap.duckdb
                                                       from what a Java OAP or this server wrote

Stop servers that write to FROM, and to a file, first. TO keeps what it has; rows of the same metric, entity and time are
replaced. Whenever it ends, by Ctrl-C or kill -9, the same command goes on: what is done stands in the file
./oap-storage-copy.state (--state), which goes when all is done. Copying twice changes nothing.

Exit codes: 0 everything is in TO, 1 something is missing there or a store refuses, 2 wrong usage.
"""

State = Annotated[Path, typer.Option(metavar="FILE", help="Where it stands what is done.")]


def register(group: typer.Typer) -> None:
    """Add the command ``copy``."""
    group.command("copy", help=_HELP)(copy)


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Store to read.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Store to write.")],
    config: ConfigDirectory = DEFAULT_DIRECTORY,
    state: State = _STATE,
) -> None:
    """Copy one store into another."""
    places = Places(load_or_exit(config), os.environ)
    try:
        ends = places.place(source, "FROM"), places.place(target, "TO")
        _refuse_nonsense(*ends)
        models = metric_models(load_rules(read_rule_texts(config)).plan, k8s_catalog())
        with ExitStack() as stack:
            journal = stack.enter_context(opened(state, ends[0].shown, ends[1].shown))
            read, written = (_opened(stack, place) for place in ends)
            complete = _copy(Copier(read, written, models), journal, ends)
    except PlaceError as error:
        raise typer.BadParameter(str(error)) from error
    except (ConfigError, RuleFileError, StorageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo(f"stopped; the same command goes on where {state} says", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if complete else 1)


def _refuse_nonsense(source: Place, target: Place) -> None:
    if source.shown == target.shown:
        raise PlaceError(f"both are {source.shown}")
    path = Path(getattr(source.settings, "path", "."))
    if not path.exists():
        raise PlaceError(f"there is no file {path} to copy from")


def _opened(stack: ExitStack, place: Place) -> ListedStorage:
    store = open_storage(place.selector, place.settings)
    stack.callback(store.close)
    return store


def _copy(copier: Copier, journal: Journal, ends: tuple[Place, Place]) -> bool:
    typer.echo(f"from {ends[0].shown}\nto   {ends[1].shown}")
    plan = copier.plan()
    if journal.done:
        typer.echo(f"going on: {journal.path} has {len(journal.done)} of {len(plan.rows)} buckets as done")
    with _bar() as bar:
        task = bar.add_task("rows", total=sum(plan.rows.values()))
        copier.run(plan, journal, lambda rows: bar.advance(task, rows))
    kinds = copier.compare()
    typer.echo(_table(kinds))
    for line in _left_out(copier, plan):
        typer.echo(line)
    complete = not any(kind.missing for kind in kinds)
    journal.remove()
    typer.echo("everything is there" if complete else "rows are missing; copy again, or see above why they are refused")
    return complete


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _table(kinds: Sequence[Kind]) -> str:
    lines = [f"{'':<20}{'FROM':>12}{'in TO':>12}{'missing':>12}"]
    lines += [f"{kind.name:<20}{kind.source:>12,}{kind.target:>12,}{kind.missing:>12,}" for kind in kinds]
    return "\n".join(lines)


def _left_out(copier: Copier, plan: Plan) -> Sequence[str]:
    lines = [f"refused by TO: {rows:,} rows ({reason})" for reason, rows in copier.refused.items()]
    if plan.unknown:
        names = sorted(plan.unknown, key=lambda name: -plan.unknown[name])
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        lines.append(f"not copied: {sum(plan.unknown.values()):,} rows of {some}: no rule of these names is in force")
    return lines
