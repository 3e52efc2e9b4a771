"""What the commands that fold read besides rules: recordings, registries, thresholds; and the progress they show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from oap.config.finding import ConfigError
from oap.emulator.recording import Recording, RecordingError, load
from oap.entity.registries import FirstKnown
from oap.entity.static_registry import StaticRegistry
from oap.rule_files import grouping_of, read_rule_texts, thresholds_of
from oap.rules.records import Surroundings


def loaded_recording(file: Path) -> Recording:
    """A recording; says what is wrong with it and exits with 2 when it cannot be read."""
    try:
        return load(file)
    except RecordingError as error:
        _wrong(str(error))


def surroundings_of(config: Path, registry: Path | None) -> Surroundings:
    """Thresholds and grouping of a configuration folder and a registry file; prints findings and exits with 2."""
    texts = read_rule_texts(config)
    try:
        return Surroundings(
            FirstKnown([StaticRegistry(registry)] if registry is not None else []),
            grouping_of(texts),
            thresholds_of(texts),
        )
    except ConfigError as error:
        _wrong(str(error))


@contextmanager
def progress(title: str, messages: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while the block runs, on terminals only; call what it gives with counts of messages."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(f"{title} (the first time after an installation compiles)", total=messages)

        def advance(count: int) -> None:
            bar.update(task, advance=count, description=title)

        yield advance


def _wrong(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(2)
