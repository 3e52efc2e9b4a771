"""Findings about rule text, and how they are shown (spec oal 6)."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from oal.span import Span


class Severity(StrEnum):
    """An error refuses the whole rule set, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``hint`` says what to do about it and may be empty."""

    code: str
    message: str
    file: str
    span: Span
    hint: str = ""
    severity: Severity = Severity.ERROR


def render(diagnostic: Diagnostic, text: str) -> str:
    """The finding with its source line, a marker under the place and the hint, without a final newline.

    ``text`` is the whole text of the file.
    """
    span = diagnostic.span
    head = f"{diagnostic.file}:{span.line}:{span.column}: {diagnostic.severity} {diagnostic.code}: {diagnostic.message}"
    lines = text.removeprefix("\ufeff").split("\n")
    line = lines[span.line - 1].rstrip("\r") if span.line <= len(lines) else ""
    shown = [head, f"  {line}", f"  {_marker(line, span)}"]
    return "\n".join([*shown, f"  {diagnostic.hint}"] if diagnostic.hint else shown)


def render_all(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """All findings one after the other; ``sources`` gives the text of each file."""
    return "\n".join(render(diagnostic, sources[diagnostic.file]) for diagnostic in diagnostics)


def _marker(line: str, span: Span) -> str:
    before = line[: span.column - 1]
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    width = max(1, sum(map(_columns, line[span.column - 1 : end])))
    # Tabs are kept so that the marker stands under its text whatever the terminal makes of them.
    padding = "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
    return f"{padding}^{'~' * (width - 1)}"


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
