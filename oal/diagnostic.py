"""Findings about rule text, and how they are shown (spec oal 6)."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from oal.span import Span

LIMIT = 50
"""How many findings are shown unless someone asks for another number."""


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


@dataclass(frozen=True, slots=True)
class Palette:
    """What to write before each part of a rendered finding, and behind it (``reset``). Empty texts: no colours."""

    place: str = ""
    error: str = ""
    warning: str = ""
    marker: str = ""
    hint: str = ""
    reset: str = ""


PLAIN = Palette()
COLOURS = Palette(
    place="\x1b[1m", error="\x1b[1;31m", warning="\x1b[1;33m", marker="\x1b[1;32m", hint="\x1b[36m", reset="\x1b[0m"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The findings to show, in their order, and how many errors and warnings are left out."""

    shown: tuple[Diagnostic, ...]
    errors_left_out: int
    warnings_left_out: int

    @property
    def rest(self) -> str:
        """What is left out in words, empty for nothing."""
        counts = ((self.errors_left_out, "error"), (self.warnings_left_out, "warning"))
        words = [f"{count} more {noun}{'s' if count > 1 else ''}" for count, noun in counts if count]
        return f"... and {' and '.join(words)}" if words else ""


def select(diagnostics: Sequence[Diagnostic], limit: int = LIMIT) -> Selection:
    """At most so many findings (0: all). Errors come before warnings when not all can be shown."""
    errors = [at for at, finding in enumerate(diagnostics) if finding.severity is Severity.ERROR]
    warnings = [at for at, finding in enumerate(diagnostics) if finding.severity is Severity.WARNING]
    room = limit or len(diagnostics)
    chosen = sorted([*errors, *warnings][:room])
    left_out = max(0, len(errors) - room)
    return Selection(tuple(diagnostics[at] for at in chosen), left_out, len(diagnostics) - len(chosen) - left_out)


def render(diagnostic: Diagnostic, text: str, palette: Palette = PLAIN) -> str:
    """The finding with its source line, a marker under the place and the hint, without a final newline.

    ``text`` is the whole text of the file.
    """
    span, reset = diagnostic.span, palette.reset
    accent = palette.error if diagnostic.severity is Severity.ERROR else palette.warning
    place = f"{palette.place}{diagnostic.file}:{span.line}:{span.column}:{reset}"
    line = source_line(diagnostic, text)
    shown = [
        f"{place} {accent}{diagnostic.severity} {diagnostic.code}:{reset} {diagnostic.message}",
        f"  {line}",
        f"  {_marker(line, span, palette)}",
    ]
    return "\n".join([*shown, f"  {palette.hint}{diagnostic.hint}{reset}"] if diagnostic.hint else shown)


def render_all(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, str], palette: Palette = PLAIN, limit: int = LIMIT
) -> str:
    """The findings one after the other, and a line that counts those left out; ``sources``: text of each file."""
    selection = select(diagnostics, limit)
    shown = [render(diagnostic, sources[diagnostic.file], palette) for diagnostic in selection.shown]
    return "\n".join([*shown, selection.rest] if selection.rest else shown)


def records(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> list[dict[str, str | int]]:
    """The findings for programs: flat mappings of texts and numbers; lines and columns count from 1."""
    return [
        {
            "code": found.code,
            "severity": str(found.severity),
            "message": found.message,
            "hint": found.hint,
            "file": found.file,
            "line": found.span.line,
            "column": found.span.column,
            "end_line": found.span.end_line,
            "end_column": found.span.end_column,
            "source_line": source_line(found, sources[found.file]),
        }
        for found in diagnostics
    ]


def source_line(diagnostic: Diagnostic, text: str) -> str:
    """The line of the file's text on which a finding begins, without its end."""
    lines = text.removeprefix("\ufeff").split("\n")
    line = diagnostic.span.line
    return lines[line - 1].rstrip("\r") if line <= len(lines) else ""


def _marker(line: str, span: Span, palette: Palette) -> str:
    before = line[: span.column - 1]
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    width = max(1, sum(map(_columns, line[span.column - 1 : end])))
    # Tabs are kept so that the marker stands under its text whatever the terminal makes of them.
    padding = "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
    return f"{padding}{palette.marker}^{'~' * (width - 1)}{palette.reset}"


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
