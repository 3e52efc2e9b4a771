"""Parts that the parser puts together to syntax tree nodes."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from oal.span import Span
from oal.syntax import (
    Argument,
    Condition,
    Disable,
    EnumConstant,
    FunctionCall,
    LiteralList,
    Name,
    Null,
    Number,
    Path,
    Rule,
    Source,
    Step,
    Text,
    Truth,
)
from oal.token import Token


def _span(first: Token, last: Token) -> Span:
    return Span(first.line, first.column, last.end_line, last.end_column)


def _name(token: Token) -> Name:
    return Name(token.value, token.span)


def _cast(tokens: Sequence[Any]) -> str:
    return next((token.value[1:-1] for token in tokens if isinstance(token, Token) and token.type == "CAST"), "")


def _path_of(cast: str, steps: tuple[Step, ...]) -> Path:
    return Path(steps, cast, steps[0].span.until(steps[-1].span))


def _steps(children: Sequence[Any]) -> tuple[Step, ...]:
    return tuple(child for child in children if isinstance(child, Step))


def _only(parts: Sequence[Any]) -> Any:
    return parts[0]


def _rule(parts: Sequence[Any]) -> Rule:
    name, _, source, *rest = parts
    filters = tuple(part for part in rest if isinstance(part, Condition))
    call = next(part for part in rest if isinstance(part, FunctionCall))
    decorator = rest[-1] if isinstance(rest[-1], Text) else None
    return Rule(_name(name), source, filters, call, decorator, name.span)


def _disable(parts: Sequence[Token]) -> Disable:
    name = parts[2]
    return Disable(_name(name), name.span)


def _source(parts: Sequence[Any]) -> Source:
    scope = next(token for token in parts if isinstance(token, Token) and token.type in {"SCOPE", "NAME"})
    cast, steps = _cast(parts), _steps(parts)
    span = _span(parts[0], parts[-1])
    if not steps:
        return Source(_name(scope), None, cast, span)
    return Source(_name(scope), _path_of(cast, steps), "", span)


def _filter(parts: Sequence[Any]) -> Condition:
    condition: Condition = parts[3]
    return condition


def _call(parts: Sequence[Any]) -> FunctionCall:
    arguments: tuple[Argument, ...] = tuple(part for part in parts if type(part) is not Token)
    return FunctionCall(_name(parts[0]), arguments, _span(parts[0], parts[-1]))


def _decorator(parts: Sequence[Token]) -> Text:
    return _text(parts[3:4])


def _path(parts: Sequence[Any]) -> Path:
    return _path_of(_cast(parts), _steps(parts))


def _step(parts: Sequence[Token]) -> Step:
    name = parts[0]
    if len(parts) == 1:
        return Step(name.value, None, name.span)
    return Step(name.value, parts[2].value, _span(name, parts[-1]))


def _condition(parts: Sequence[Any]) -> Condition:
    path, operator, literal = parts
    return Condition(path, operator.value, literal, path.span.until(literal.span))


def _list(parts: Sequence[Any]) -> LiteralList:
    items = tuple(part for part in parts if type(part) is not Token)
    return LiteralList(items, _span(parts[0], parts[-1]))


def _truth(parts: Sequence[Token]) -> Truth:
    return Truth(parts[0].type == "TRUE", parts[0].span)


def _null(parts: Sequence[Token]) -> Null:
    return Null(parts[0].span)


def _number(parts: Sequence[Token]) -> Number:
    digits = parts[0].value.rstrip("lL").replace("_", "").lstrip("0")
    return Number(digits or "0", parts[0].span)


def _text(parts: Sequence[Token]) -> Text:
    return Text(parts[0].value, parts[0].span)


def _enum(parts: Sequence[Token]) -> EnumConstant:
    type_, _, constant = parts
    return EnumConstant(_name(type_), _name(constant), _span(type_, constant))


BUILDERS: Mapping[str, Callable[[Sequence[Any]], Any]] = MappingProxyType(
    {
        "statement": _only,
        "rule": _rule,
        "disable": _disable,
        "source": _source,
        "filter": _filter,
        "call": _call,
        "decorator": _decorator,
        "argument": _only,
        "path": _path,
        "step": _step,
        "condition": _condition,
        "list": _list,
        "truth": _truth,
        "null": _null,
        "number": _number,
        "text": _text,
        "enum": _enum,
    }
)
"""Rule of the grammar -> what makes a node of its parts, children first. What stands for a repetition has none."""
