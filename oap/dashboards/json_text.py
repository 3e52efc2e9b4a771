"""Text of a template file to JSON values with places; comments are allowed (spec query 5.1)."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from oal.span import Span
from oap.dashboards.json_node import JsonNode

_LEVELS: Final = 64
_LITERALS: Final = {"true": True, "false": False, "null": None}
_BYTE_ORDER_MARK: Final = "\ufeff"


class JsonTextError(Exception):
    """The text is no JSON; ``span`` is where reading ended, ``hint`` what may help, "" for nothing."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.span = span
        self.hint = hint


def parse_json(text: str) -> JsonNode:
    """The value that a text holds. Raises JsonTextError."""
    try:
        found: Any = _parser().parse(text.removeprefix(_BYTE_ORDER_MARK))
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    node: JsonNode = found
    if node.levels > _LEVELS:
        raise JsonTextError(f"values are nested more than {_LEVELS} levels deep", node.span)
    return node


@cache
def _parser() -> Lark:
    grammar = files("oap.dashboards").joinpath("json.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=_ToNodes())


class _ToNodes(Transformer[Token, JsonNode]):
    """Grammar rules to nodes; each method is named after its rule."""

    def object(self, items: list[Any]) -> JsonNode:
        opening, *pairs, closing = items
        entries: dict[str, JsonNode] = {}
        repeated: list[JsonNode] = []
        for key, node in pairs:
            if key in entries:
                repeated.append(node)
            else:
                entries[key] = node
        span = _between(opening, closing)
        return JsonNode(entries, span, span, levels=_levels(entries.values()), repeated=tuple(repeated))

    def array(self, items: list[Any]) -> JsonNode:
        opening, *nodes, closing = items
        span = _between(opening, closing)
        return JsonNode(tuple(nodes), span, span, levels=_levels(nodes))

    def pair(self, items: list[Any]) -> tuple[str, JsonNode]:
        key, node = items
        named = JsonNode(node.value, node.span, _span(key), node.raw, node.levels, node.repeated)
        return _text(key), named

    def string(self, items: list[Any]) -> JsonNode:
        [token] = items
        return JsonNode(_text(token), _span(token), _span(token), str(token))

    def number(self, items: list[Any]) -> JsonNode:
        [token] = items
        return JsonNode(json.loads(token), _span(token), _span(token))

    def literal(self, items: list[Any]) -> JsonNode:
        [token] = items
        return JsonNode(_LITERALS[token], _span(token), _span(token))


def _text(token: Token) -> str:
    if "\\" not in token:
        return str(token[1:-1])
    text = str(json.loads(token))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonTextError("half of a character: \\uD800 to \\uDFFF only stand in pairs", _span(token)) from None
    return text


def _levels(nodes: Any) -> int:
    return 1 + max((node.levels for node in nodes), default=0)


def _span(token: Token) -> Span:
    # Terminals know all four once they come from a text.
    return Span(token.line or 1, token.column or 1, token.end_line or 1, token.end_column or 1)


def _between(first: Token, last: Token) -> Span:
    return _span(first).until(_span(last))


def _explained(error: UnexpectedInput, text: str) -> JsonTextError:
    if isinstance(error, UnexpectedCharacters):
        at = Span(error.line, error.column, error.line, error.column + 1)
        found = text.removeprefix(_BYTE_ORDER_MARK)[error.pos_in_stream or 0]
        return JsonTextError(f"unexpected character {_shown(found)}", at, _character_hint(found))
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return JsonTextError(f"unexpected {error.token}", _span(error.token), _token_hint(error))
    lines = text.split("\n")
    end = Span(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
    return JsonTextError("the text ends too early" if text.strip() else "the file is empty", end)


def _shown(character: str) -> str:
    return f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"


def _character_hint(found: str) -> str:
    if found == "'":
        return 'texts stand between double quotes: "'
    if found == '"':
        return 'a text ends on its line with "; write \\n for a line break and \\\\ for a backslash'
    return ""


def _token_hint(error: UnexpectedToken) -> str:
    expected: Sequence[str] = sorted(error.expected)
    if error.token in {"}", "]"}:
        return "no comma stands in front of it, nor a value that is missing"
    if "COMMA" in expected:
        return "is a comma missing in front of it?"
    if "COLON" in expected:
        return "is a colon missing in front of it?"
    return ""
