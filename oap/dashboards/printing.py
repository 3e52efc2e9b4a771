"""The text of a template file, as the shipped ones are laid out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_WIDTH: Final = 118
_INDENT: Final = "  "
_SHARING_A_LINE: Final = frozenset({"y", "w", "h", "i", "type"})


def template_text(template_id: str, configuration: object) -> str:
    """A file that holds one template: values that fit stand on one line, places on the grid and associations together."""
    return f"{_text([{'id': template_id, 'configuration': configuration}], 0, 0)}\n"


def ordered_like(value: object, model: object) -> object:
    """An equal value whose members stand in the order of those of a model; others follow in their own order."""
    if isinstance(value, Mapping) and isinstance(model, Mapping):
        names = [*(name for name in model if name in value), *(name for name in value if name not in model)]
        return {name: ordered_like(value[name], model.get(name)) for name in names}
    if isinstance(value, list) and isinstance(model, list):
        models = [*model, *[None] * max(0, len(value) - len(model))]
        return [ordered_like(item, other) for item, other in zip(value, models, strict=False)]
    return value


def _text(value: Any, depth: int, used: int) -> str:
    """``used``: characters that stand on the line before the value, besides the indent."""
    flat = json.dumps(value, ensure_ascii=False)
    fits = len(_INDENT) * depth + used + len(flat) < _WIDTH
    if not value or not isinstance(value, Mapping | list) or (fits and not _stands_alone(value)):
        return flat
    inner = _INDENT * (depth + 1)
    lines = _members(value, depth) if isinstance(value, Mapping) else _items(value, depth)
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    body = ",\n".join(f"{inner}{line}" for line in lines)
    return f"{opening}\n{body}\n{_INDENT * depth}{closing}"


def _stands_alone(value: object) -> bool:
    """Whether it is a widget, or something that holds widgets."""
    return isinstance(value, Mapping) and ("children" in value or "x" in value)


def _members(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    parts = [(name, f"{json.dumps(name)}: {_text(member, depth + 1, len(name) + 4)}") for name, member in value.items()]
    return _joined(((text, name in _SHARING_A_LINE) for name, text in parts), depth)


def _items(value: list[Any], depth: int) -> Iterator[str]:
    associations = all(isinstance(item, Mapping) and list(item) == ["widgetId"] for item in value)
    return _joined(((_text(item, depth + 1, 0), associations) for item in value), depth)


def _joined(parts: Iterable[tuple[str, bool]], depth: int) -> Iterator[str]:
    """Parts as lines; those that may share a line do, while it is not too long."""
    line = ""
    for text, may_share in parts:
        together = f"{line}, {text}"
        if line and may_share and "\n" not in text and len(_INDENT) * (depth + 1) + len(together) < _WIDTH:
            line = together
        else:
            if line:
                yield line
            line = text
    yield line
