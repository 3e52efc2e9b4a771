"""Words of a PromQL text and where they are: the parser tells no places."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<text>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*`)
      | (?P<number>\.?[0-9][0-9A-Za-z_.]*)
      | (?P<name>[A-Za-z_:][A-Za-z0-9_:.]*)
      | (?P<sign>=~|!~|==|!=|<=|>=|[^\w\s])""",
    re.VERBOSE,
)
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = frozenset(_OPENING.values())


@dataclass(frozen=True, slots=True)
class Token:
    """A word; ``kind`` is text, number, name or sign."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next one may begin."""
        return self.start + len(self.text)


def tokens_of(text: str) -> tuple[Token, ...]:
    """All words but blanks and comments."""
    found = (Token(match.lastgroup or "", match[0], match.start()) for match in _TOKEN.finditer(text))
    return tuple(token for token in found if token.kind != "space")


def open_brackets(tokens: Sequence[Token]) -> str:
    """What is still to be closed after these words, innermost first."""
    stack: list[str] = []
    for token in tokens:
        if token.text in _OPENING:
            stack.append(_OPENING[token.text])
        elif stack and token.text == stack[-1]:
            stack.pop()
    return "".join(reversed(stack))


def place_of(text: str, at: int) -> str:
    """Line and column of an index, both from 1."""
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"
