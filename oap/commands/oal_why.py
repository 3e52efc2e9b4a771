"""``oap oal why``: ask a running server how far rows come on their way to a metric."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import typer

from oap.commands.oal_check import Format
from oap.commands.server_calls import CallError, CallRefused, call

_HELP = """Ask a running server why a metric is what it is, or why it is empty.

Shows how many rows there were in the last minutes, how many each filter of the rule left, and at which one they
vanish. Of one service the open minutes are counted, about the last three.

\b
  oap oal why kubernetes_service_http_call_cpm
  oap oal why my_metric --service reviews.default    the rows of one service
  oap oal why my_metric --samples                    with logs that passed, and logs that were refused
  oap oal why my_metric --format json

Exit codes: 0 answered, 1 the server does not answer, 2 there is no such metric or service.
"""
_LABEL: Final = 10
_POLL_S: Final = 0.5
_SETTLE_S: Final = 5.0
_SAMPLED_MINUTES: Final = 2

Record = Mapping[str, Any]


def register(group: typer.Typer) -> None:
    """Add the command ``why``."""
    group.command("why", help=_HELP)(why)


def why(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="Name of a metric.")],
    service: Annotated[
        str | None, typer.Option("--service", "-s", metavar="NAME", help="Only the rows of this service.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How many of the last minutes.")] = 10,
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where the server answers queries.")
    ] = "http://127.0.0.1:12800",
    admin_url: Annotated[
        str, typer.Option(metavar="URL", help="Where it takes commands from its own machine, for --samples.")
    ] = "http://127.0.0.1:17128",
    samples: Annotated[bool, typer.Option("--samples", help="Wait for samples of logs.")] = False,
    wait: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for samples.")] = 60,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Ask why a metric is what it is."""
    chosen = {"minutes": minutes} | ({"service": service} if service is not None else {})
    question = f"{url.rstrip('/')}/rules/{quote(metric, safe='')}/why?{urlencode(chosen)}"
    try:
        # Asked first, so that an unknown service is told before anything is switched on.
        record = call(question)
        if samples:
            record = _sampled(question, f"{admin_url.rstrip('/')}/sampling/{quote(metric, safe='')}", wait)
    except CallRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if error.is_unknown else 1) from error
    except CallError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if output is Format.JSON:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(record)))


def _sampled(question: str, sampling: str, wait_s: float) -> Record:
    """The answer once there are samples, or when time is up. What is held can be read after that, too."""
    call(f"{sampling}?minutes={_SAMPLED_MINUTES}", "POST")
    started = time.monotonic()
    first: float | None = None
    try:
        with _progress(wait_s):
            while True:
                record = call(question)
                held, now = record["samples"], time.monotonic()
                if first is None and (held["passed"] or held["refused"]):
                    first = now
                is_enough = held["is_complete"] or (first is not None and now >= first + _SETTLE_S)
                if is_enough or now >= started + wait_s:
                    return record
                time.sleep(_POLL_S)
    finally:
        call(sampling, "DELETE")


@contextmanager
def _progress(wait_s: float) -> Iterator[None]:
    """A word on standard error that something is waited for, on terminals only."""
    # Only who waits needs it, and it takes as long to load as everything else here.
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"waiting for logs, at most {wait_s:g} s"):
        yield


def _lines(record: Record) -> Iterator[str]:
    yield record["metric"]
    yield f"  {'rule':<{_LABEL}}{record['rule']}"
    whose = f"service {record['service']}" if record["service"] else "all services"
    yield f"  {'minutes':<{_LABEL}}{_span(record['minutes'])}, {whose}"
    yield f"  {'received':<{_LABEL}}{record['received']['sentence']}"
    yield ""
    yield from _stage_lines(record["stages"], record["vanishes_at"])
    parts = record["parts"]
    if len(parts) > 1:
        for part in parts:
            yield ""
            yield f"  {part['operation']}"
            yield from _stage_lines(part["stages"], None)
    for part in parts:
        if part["late"]:
            yield ""
            rest = "row came after its minute was settled, and counts all the same"
            if part["late"] > 1:
                rest = "rows came after their minute was settled, and count all the same"
            yield f"  {part['late']:,} {part['operation']} {rest}"
    yield from _sample_lines(record["samples"])


def _stage_lines(stages: Sequence[Record], vanishes_at: str | None) -> Iterator[str]:
    width = max(len(f"{stage['rows']:,}") for stage in stages)
    is_gone = False
    for stage in stages:
        if is_gone:
            return
        is_gone = stage["text"] == vanishes_at
        yield f"  {stage['rows']:>{width},}  {stage['text']}{'  <- none is left' if is_gone else ''}"


def _sample_lines(samples: Record) -> Iterator[str]:
    if samples["passed"]:
        yield from ["", "  passed"]
        yield from (f"    {text}" for text in samples["passed"])
    if samples["refused"]:
        yield from ["", f"  refused by {samples['refused_by']}"]
        yield from (f"    {text}" for text in samples["refused"])
    if samples["until"] and not samples["passed"] and not samples["refused"]:
        yield from ["", "  no log of this rule's operations came while samples were taken"]


def _span(minutes: Sequence[int]) -> str:
    if not minutes:
        return "none has any row yet"
    first, last = (_minute(bucket) for bucket in (minutes[0], minutes[-1]))
    return first if first == last else f"{first} to {last}"


def _minute(bucket: int) -> str:
    text = str(bucket)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}"
