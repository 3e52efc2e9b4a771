"""JSON values that know where they stand."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from oal.span import Span

Scalar = str | int | float | bool | None

_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value and its place.

    ``value`` is a scalar, a tuple of nodes or a mapping of nodes by key. ``key`` is the place of the key in front of it, or
    its own. ``raw`` is a text as written, quotes included. ``levels`` counts what is nested inside, ``repeated`` are
    entries whose key occurred before and that do not count.
    """

    value: "Scalar | tuple[JsonNode, ...] | Mapping[str, JsonNode]"
    span: Span
    key: Span
    raw: str = ""
    levels: int = 0
    repeated: "tuple[JsonNode, ...]" = ()

    @property
    def entries(self) -> "Mapping[str, JsonNode]":
        """Entries of an object, none for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "tuple[JsonNode, ...]":
        """Items of an array, none for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str:
        """The text, "" for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def is_true(self) -> bool:
        """Whether it is ``true``."""
        return self.value is True

    def at(self, *keys: str) -> "JsonNode":
        """The value below these keys, one that is null and stands here if there is none."""
        node = self
        for key in keys:
            found = node.entries.get(key)
            if found is None:
                return JsonNode(None, self.span, self.key)
            node = found
        return node

    def plain(self) -> object:
        """The value without places."""
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        if isinstance(self.value, Mapping):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def compact(self) -> str:
        """The value as JSON text without blanks."""
        return json.dumps(self.plain(), ensure_ascii=False, separators=(",", ":"))

    def inside(self, start: int, length: int = 1) -> Span:
        """Place of so many characters of a text, counted from 0 and behind escapes."""
        written = [found.group() for found in _CHARACTER.finditer(self.raw[1:-1])]
        column = self.span.column + 1 + sum(map(len, written[:start]))
        width = max(1, sum(map(len, written[start : start + length])))
        return Span(self.span.line, column, self.span.line, column + width)
