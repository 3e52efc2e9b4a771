"""What a text is cut into: tokens, and the comments between them."""

from dataclasses import dataclass

from oal.span import Span

ILLEGAL = "ILLEGAL"
"""Type of the token that stands for text with a lexical finding."""

END = "$END"
"""Type of the token behind the last one of a file."""


@dataclass(slots=True, eq=False)
class Token:
    """A piece of text with a meaning; it lies on one line. ``value`` is its text, of a string what it stands for."""

    type: str
    value: str
    start_pos: int
    end_pos: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return self.value

    @property
    def span(self) -> Span:
        """The place of the whole token."""
        return Span(self.line, self.column, self.end_line, self.end_column)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its delimiters; ``first`` and ``last`` are its lines, positions count characters."""

    text: str
    start: int
    end: int
    first: int
    last: int

    @property
    def is_block(self) -> bool:
        """Whether it is a ``/* */``."""
        return self.text.startswith("/*")
