"""``oap emulate`` and ``oap replay``: Rovers without a kernel."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from oap.clock import SystemClock
from oap.config.finding import ConfigError, near_match
from oap.emulator.cluster import place, registry
from oap.emulator.playback import flushes_of
from oap.emulator.player import Outcome, Processes, Progression, Sending, recorded, send, summary, write
from oap.emulator.processes import process_report
from oap.emulator.recording import Recorder, RecordingError, load
from oap.emulator.scenario import Malformed, Scenario
from oap.emulator.scenario_file import MALFORMATIONS, SHORTEST_FLUSH_NS, load_scenario
from oap.emulator.scenario_values import parse_duration_ns
from oap.emulator.sender import Target, TargetError
from oap.emulator.traffic import Flush, cluster_traffic

_EMULATE_HELP = """Play the Rovers of a simulated cluster against a server, or write what they send to a file.

SCENARIO is a file, or the name of one in config/scenarios: bookinfo (default), many.

\b
  oap emulate                                     the book shop, in real time, until Ctrl-C
  oap emulate many --to oap.example:11800         50 services and 200 pods against another server
  oap emulate --minutes 60 --fast                 an hour that has just ended, as fast as possible
  oap emulate --minutes 5 --record shop.oaprec    write the streams to a file and send nothing
  oap emulate --malformed 0.01                    add 1 % wrong messages of all kinds
  oap emulate --malformed 0.1:truncated,no_node   add 10 % wrong messages of two kinds
  oap emulate --registry registry.yml             write what resolves the scenario's addresses, send nothing

Exit codes: 0 done or stopped with Ctrl-C, 1 streams were refused or lost, 2 wrong usage or scenario.
"""
_REPLAY_HELP = """Play a recording: the exact bytes, in real time or as fast as possible.

FILE is written by 'oap emulate --record', or holds length-delimited messages (NAME.pbd, NAME.pbd.gz).

\b
  oap replay shop.oaprec                          with the recorded timing
  oap replay shop.oaprec --speed 10               ten times faster
  oap replay shop.oaprec.gz --fast                no waiting, one stream after the other
  oap replay shop.oaprec --fast --nodes-parallel  every node on a connection of its own

Exit codes: 0 done or stopped with Ctrl-C, 1 streams were refused or lost, 2 wrong usage or file.
"""
_SCENARIOS = Path("config/scenarios")
_DEFAULT_ADDRESS = "127.0.0.1:11800"
_SECOND_NS = 1_000_000_000

Address = Annotated[str, typer.Option("--to", metavar="HOST:PORT", help=f"The server; {_DEFAULT_ADDRESS} by default.")]
Token = Annotated[str, typer.Option(envvar="ROVER_BACKEND_AUTHENTICATION", help="Token that the server asks for.")]
Tls = Annotated[bool, typer.Option("--tls", help="Use TLS; a CA file or a client certificate implies it.")]
CaFile = Annotated[Path | None, typer.Option("--ca", metavar="FILE", help="CA certificates (PEM), not the system's.")]
CertificateFile = Annotated[Path | None, typer.Option("--cert", metavar="FILE", help="Client certificate (PEM).")]
KeyFile = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Key of the client certificate (PEM).")]
RegistryFile = Annotated[Path | None, typer.Option("--registry", metavar="FILE", help="Write a registry and exit.")]
Fast = Annotated[bool, typer.Option("--fast", help="Do not wait between flushes.")]


@dataclass(frozen=True, slots=True)
class Span:
    """Which stretch of time is simulated; ``periods`` None has no end."""

    start_s: int
    periods: int | None


def register(app: typer.Typer) -> None:
    """Add the commands ``emulate`` and ``replay``."""
    app.command("emulate", help=_EMULATE_HELP)(emulate)
    app.command("replay", help=_REPLAY_HELP)(replay)


def emulate(
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "bookinfo",
    *,
    to: Address = "",
    record: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the streams; .gz compresses.")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Simulated minutes; 0 has no end.")] = 0,
    fast: Fast = False,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and start, same bytes.")] = 1,
    start: Annotated[int, typer.Option(min=0, help="Unix time of the first second, not the present one.")] = 0,
    flush: Annotated[str, typer.Option(metavar="DURATION", help="Flush period, not the scenario's: 500ms, 5s.")] = "",
    malformed: Annotated[str, typer.Option(metavar="RATIO[:KIND,...]", help="Add wrong messages.")] = "",
    registry_to: RegistryFile = None,
    token: Token = "",
    tls: Tls = False,
    ca: CaFile = None,
    cert: CertificateFile = None,
    key: KeyFile = None,
) -> None:
    """Play the Rovers of a simulated cluster."""
    loaded = _overridden(scenario_or_exit(scenario), flush, malformed)
    if registry_to is not None:
        registry_to.write_text(yaml.safe_dump(registry(loaded), sort_keys=False), encoding="utf-8")
        return
    if (fast or record) and not minutes:
        raise typer.BadParameter("without waiting there must be an end: say how many", param_hint="--minutes")
    span = _span(loaded, minutes, start, ends_now=fast or bool(record and not to))
    flushes = cluster_traffic(loaded, seed, span.start_s, span.periods)
    expected = None if span.periods is None else span.periods * len(loaded.nodes)
    progression = Progression(Console(stderr=True), loaded.name, expected)
    with _recording(record, flushes, span.start_s * _SECOND_NS) as passed:
        if record and not to:
            typer.echo(summary(write(passed, progression)))
            return
        target = Target(to or _DEFAULT_ADDRESS, token, tls, ca, cert, key)
        cluster = place(loaded)
        reports = {node.name: process_report(cluster, number) for number, node in enumerate(loaded.nodes)}
        sending = Sending(target, None if fast else 1.0, keeps_going=not fast)
        _finish(_sent(passed, sending, reports.get, progression), target)


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.", show_default=False)],
    *,
    to: Address = "",
    speed: Annotated[float, typer.Option(min=0.001, help="How many times faster than recorded.")] = 1.0,
    fast: Fast = False,
    nodes_parallel: Annotated[bool, typer.Option("--nodes-parallel", help="One connection per node.")] = False,
    token: Token = "",
    tls: Tls = False,
    ca: CaFile = None,
    cert: CertificateFile = None,
    key: KeyFile = None,
) -> None:
    """Play a recording."""
    try:
        recording = load(file)
    except RecordingError as error:
        _wrong(str(error))
    progression = Progression(Console(stderr=True), file.name, len(recording.nodes()))
    target = Target(to or _DEFAULT_ADDRESS, token, tls, ca, cert, key)
    sending = Sending(target, None if fast else speed, keeps_going=False, one_connection=not nodes_parallel)
    _finish(_sent(flushes_of(recording), sending, lambda _: None, progression), target)


def scenario_or_exit(name: str) -> Scenario:
    """Load a scenario by name or file; print all findings and exit with 2 when there are any."""
    path = Path(name)
    if not path.suffix and not path.is_file():
        path = _SCENARIOS / f"{name}.yml"
    if not path.is_file():
        known = [file.stem for file in sorted(_SCENARIOS.glob("*.yml"))]
        raise typer.BadParameter(f"there is no scenario '{name}'; {near_match(name, known)}", param_hint="SCENARIO")
    try:
        return load_scenario(path)
    except ConfigError as error:
        _wrong("\n".join(finding.render() for finding in error.findings))


def _overridden(scenario: Scenario, flush: str, malformed: str) -> Scenario:
    if flush:
        period_ns = parse_duration_ns(flush)
        if period_ns is None or period_ns < SHORTEST_FLUSH_NS:
            raise typer.BadParameter(f"'{flush}' is no duration of at least 100ms, such as 5s", param_hint="--flush")
        scenario = replace(scenario, flush_period_ns=period_ns)
    return replace(scenario, malformed=_malformed(malformed)) if malformed else scenario


def _malformed(text: str) -> Malformed:
    ratio, _, words = text.partition(":")
    kinds = [word for word in words.split(",") if word]
    for word in kinds:
        if word not in MALFORMATIONS:
            raise typer.BadParameter(f"no kind '{word}'; {near_match(word, MALFORMATIONS)}", param_hint="--malformed")
    try:
        share = float(ratio)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"'{ratio}' is no ratio from 0 to 1", param_hint="--malformed")
    return Malformed(share, tuple(MALFORMATIONS[word] for word in kinds or MALFORMATIONS))


def _span(scenario: Scenario, minutes: float, start_s: int, *, ends_now: bool) -> Span:
    """Whole minutes when simulating the past: a minute that only half happened would look like a drop."""
    periods = ceil(minutes * 60 * _SECOND_NS / scenario.flush_period_ns) or None
    if start_s:
        return Span(start_s, periods)
    now_s = int(SystemClock().now_s())
    return Span(now_s - now_s % 60 - ceil(minutes) * 60 if ends_now else now_s, periods)


@contextmanager
def _recording(path: Path | None, flushes: Iterator[Flush], created_ns: int) -> Iterator[Iterator[Flush]]:
    if path is None:
        yield flushes
        return
    try:
        recorder = Recorder(path, created_ns)
    except OSError as error:
        _wrong(f"{path} cannot be written: {error.strerror}")
    with recorder:
        yield recorded(flushes, recorder)


def _sent(flushes: Iterator[Flush], sending: Sending, processes: Processes, progression: Progression) -> Outcome:
    try:
        return send(flushes, sending, processes, SystemClock(), progression)
    except TargetError as error:
        _wrong(str(error))


def _finish(outcome: Outcome, target: Target) -> None:
    typer.echo(summary(outcome.totals))
    if not outcome.is_complete:
        typer.echo(f"not everything reached {target.address}", err=True)
        raise typer.Exit(1)


def _wrong(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(2)
