"""A problem in a configuration text, with its place, so that an operator can go straight to it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: ``line`` and ``column`` count from 1, line 0 means the whole file.

    ``source`` is the text of that line; ``hint`` says what to write instead, "" when nothing better is known.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""

    def render(self) -> str:
        """``file:line:column: message``, the line, a caret below the column, and the hint."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{place}: {self.message}"]
        if self.source:
            # Tabs are kept before the caret so that it lands below its character whatever the tab width.
            gap = "".join("\t" if char == "\t" else " " for char in self.source[: self.column - 1])
            lines += [f"    {self.source}", f"    {gap}^"]
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class ConfigError(Exception):
    """A configuration text is wrong; ``findings`` holds every problem of it, in the order of the text."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(finding.render() for finding in findings))
        self.findings = tuple(findings)


def near_match(word: str, known: Iterable[str]) -> str:
    """Return a hint for an unknown word: the nearest known one, else the list of all."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    return f"known: {', '.join(names)}" if names else ""
