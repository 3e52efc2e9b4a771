"""``oap server``: receive, compute, store, answer."""

import sys
from typing import Annotated

import typer

from oap.commands.configuration import DEFAULT_DIRECTORY, ConfigDirectory, load_or_exit
from oap.commands.running import run_server
from oap.commands.simulation import NoSimulation, Simulation
from oap.errors import ServerError
from oap.telemetry.logs import LEVELS, configure_logs

_HELP = """Run the server until SIGTERM or Ctrl-C; what was received is stored before it exits.

\b
  oap server                                 with ./config/application.yml
  oap server --config /etc/oap               with another folder
  SW_CORE_GRPC_PORT=21800 oap server         with an override; 'oap config show' lists all variables
  oap server --simulate bookinfo             with a simulated cluster that sends to it; see 'oap emulate --help'
  oap server --log-level debug

A second Ctrl-C or SIGTERM ends it at once. Exit codes: 0 stopped as asked, 1 wrong configuration or rules, a failure,
or not everything could be stored, 2 wrong usage.
"""


def register(app: typer.Typer) -> None:
    """Add the command ``server``."""
    app.command("server", help=_HELP)(server)


def server(
    config: ConfigDirectory = DEFAULT_DIRECTORY,
    log_level: Annotated[str, typer.Option(metavar="LEVEL", help="One of debug, info, warning, error.")] = "",
    simulate: Annotated[str, typer.Option(metavar="SCENARIO", help="Also play this scenario against it.")] = "",
) -> None:
    """Run the server until it is told to stop."""
    if log_level and log_level not in LEVELS:
        raise typer.BadParameter(f"'{log_level}' is none of {', '.join(LEVELS)}", param_hint="--log-level")
    loaded = load_or_exit(config)
    configure_logs(log_level or loaded.logs.level)
    with Simulation(simulate) if simulate else NoSimulation() as simulation:
        try:
            code = run_server(simulation.resolving(loaded), simulation, is_watched=sys.stderr.isatty())
        except ServerError as error:
            typer.echo(f"{error}\nthe server cannot start", err=True)
            code = 1
    raise typer.Exit(code)
