"""Places in source text."""

from typing import NamedTuple


class Span(NamedTuple):
    """From a character to just behind another one; lines and columns count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int

    def until(self, other: "Span") -> "Span":
        """From the start of this one to the end of the other."""
        return Span(self.line, self.column, other.end_line, other.end_column)


NOWHERE = Span(1, 1, 1, 1)
