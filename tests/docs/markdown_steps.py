"""Reads what a page tells its reader to do: commands to run, answers to them, files to write."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = "sh"
ANSWER = "text"

_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<title>\S+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One fenced block: ``language`` and ``title`` are what stands behind the fence.

    A block of commands has as ``answer`` the text block behind it, None when what they print is not shown. Any other
    block with a title is a file of that name.
    """

    language: str
    title: str
    text: str
    line: int
    answer: str | None = None

    @property
    def is_file(self) -> bool:
        return self.language not in {COMMANDS, ANSWER} and bool(self.title)


def steps(page: Path) -> list[Step]:
    """All steps of a page in the reader's order."""
    found: list[Step] = []
    for step in _blocks(page.read_text(encoding="utf-8")):
        if step.language == ANSWER and found and found[-1].language == COMMANDS and found[-1].answer is None:
            asked = found[-1]
            found[-1] = Step(asked.language, asked.title, asked.text, asked.line, step.text)
        else:
            found.append(step)
    return found


def take(step: Step, folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """Do in a folder what the step says, and return what its commands print, standard error included."""
    if step.is_file:
        (folder / step.title).write_text(step.text, encoding="utf-8")
        return ""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", step.text],
        cwd=folder,
        env={**os.environ, **(environ or {}), "PATH": path, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.stdout


def _blocks(text: str) -> Iterator[Step]:
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Step(found["language"], found["title"] or "", found["text"], line)
