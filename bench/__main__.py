"""``python -m bench``: all benchmarks, or the chosen parts, as tables."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.decoding import decoding
from bench.end_to_end import end_to_end
from bench.folding import folding
from bench.handing_over import handing_over
from bench.indexing import indexing
from bench.inputs import CACHE, Corpus, Kind, load_corpus
from bench.machine import machine
from bench.memory import entity_memory, hour_memory
from bench.report import print_finding, print_machine, write_json
from bench.results import Finding
from bench.sampling import sampling
from bench.storing import storing
from bench.viewers import viewers

JSON_FILE = CACHE / "bench.json"
_SMALLEST, _LARGEST = 100, 100_000


class Part(StrEnum):
    """What can be measured."""

    DECODE = "decode"
    FOLD = "fold"
    HAND_OVER = "hand-over"
    END_TO_END = "end-to-end"
    MEMORY = "memory"
    SAMPLING = "sampling"
    VIEWERS = "viewers"
    STORE_MYSQL = "store-mysql"
    STORE_ELASTICSEARCH = "store-elasticsearch"


ON_A_CORPUS: dict[Part, Callable[[Corpus, int], Finding]] = {
    Part.DECODE: decoding,
    Part.FOLD: folding,
    Part.HAND_OVER: handing_over,
    Part.SAMPLING: sampling,
}


def bench(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to measure; everything if nothing is named.")] = None,
    corpus: Annotated[
        list[Kind] | None, typer.Option(help="Which corpus; may be given several times. All by default.")
    ] = None,
    repetitions: Annotated[int, typer.Option(min=1, help="How often; medians are quoted.")] = 5,
    messages: Annotated[int, typer.Option(min=_SMALLEST, max=_LARGEST, help="Size of the corpus.")] = 20_000,
    json_file: Annotated[bool, typer.Option("--json", help="Write .cache/bench.json as well.")] = False,
) -> None:
    """Measure and print tables."""
    console, facts = Console(), machine()
    if not console.is_terminal:
        console = Console(width=160)
    print_machine(console, facts)
    findings = []
    for finding in measured(parts or list(Part), corpus or list(Kind), repetitions, messages):
        findings.append(finding)
        print_finding(console, finding, facts)
    if json_file:
        write_json(JSON_FILE, findings, facts)
        console.print(f"written: {JSON_FILE}")
    missed = [ratio.name for finding in findings for ratio in finding.ratios if ratio.is_met is False]
    if missed:
        console.print("[red]missed:[/] " + "; ".join(missed))


def measured(
    parts: list[Part], kinds: list[Kind], repetitions: int, messages: int, cache: Path = CACHE
) -> Iterator[Finding]:
    """The findings, each as soon as it is made."""
    for part in [part for part in Part if part in parts]:
        for work in _work(part, kinds, repetitions, messages, cache):
            yield work()


def _work(
    part: Part, kinds: list[Kind], repetitions: int, messages: int, cache: Path
) -> Iterator[Callable[[], Finding]]:
    if part is Part.MEMORY:
        yield partial(entity_memory, "routes")
        yield partial(entity_memory, "endpoints")
        yield partial(hour_memory, cache=cache)
        return
    if part is Part.VIEWERS:
        yield partial(viewers, messages, repetitions, cache=cache)
        return
    if part is Part.STORE_MYSQL:
        yield partial(storing, repetitions)
        return
    if part is Part.STORE_ELASTICSEARCH:
        yield partial(indexing, repetitions)
        return
    for kind in [kind for kind in Kind if kind in kinds]:
        if part is Part.END_TO_END:
            yield partial(end_to_end, messages, _runs(kind, repetitions), kind, cache=cache)
        elif kind is not Kind.NEW_PATHS:  # the other parts repeat a corpus, so that no path is new for long
            corpus = load_corpus(messages, churn_ports=kind is Kind.CHURN, cache=cache)
            yield partial(ON_A_CORPUS[part], corpus, repetitions)


def _runs(kind: Kind, repetitions: int) -> int:
    """How often to run end to end: it depends on how the system schedules three processes, so it takes more of them.

    With new paths fewer: after ten runs services have 3,000 names, and further ones are no names of their own.
    """
    return repetitions + 2 if kind is Kind.NEW_PATHS else 2 * repetitions + 1


if __name__ == "__main__":
    typer.run(bench)
