"""``${NAME:default}`` in configuration values, with upstream's syntax.

Any number of placeholders may stand anywhere in a value and text around them is kept. The default reaches to the
matching brace, so it may hold balanced braces and further placeholders. A variable that is set counts even when it is
empty, and its text is taken as it is, without looking for placeholders in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class PlaceholderError(Exception):
    """A placeholder is malformed, or has neither a value nor a default."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value after substitution: its text, the variables it came from, and those that were not set (default taken)."""

    text: str
    variables: tuple[str, ...] = field(default=())
    unset: tuple[str, ...] = field(default=())


def resolve(text: str, environ: Mapping[str, str]) -> Resolved:
    """Substitute all placeholders of a value; raises PlaceholderError."""
    parts: list[str] = []
    variables: list[str] = []
    unset: list[str] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        end = _closing_brace(text, start)
        inner = _substitute(text[start + 2 : end], environ)
        parts += [text[at:start], inner.text]
        variables += inner.variables
        unset += inner.unset
        at = end + 1
    return Resolved("".join([*parts, text[at:]]), tuple(variables), tuple(unset))


def _substitute(inner: str, environ: Mapping[str, str]) -> Resolved:
    name, colon, default = inner.partition(":")
    if not _NAME.fullmatch(name):
        raise PlaceholderError(f"'{name}' in '${{{inner}}}' is not the name of an environment variable")
    if name in environ:
        return Resolved(environ[name], (name,))
    if not colon:
        raise PlaceholderError(f"environment variable {name} is not set and '${{{inner}}}' has no default")
    resolved = resolve(default, environ)
    return Resolved(resolved.text, resolved.variables, (name, *resolved.unset))


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    for at in range(start + 1, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    raise PlaceholderError(f"'{text[start:]}' lacks its closing brace")
