"""Parser reductions to syntax tree nodes."""

from collections.abc import Sequence
from typing import Any

from lark import Transformer

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
    Statement,
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


def _path(cast: str, steps: tuple[Step, ...]) -> Path:
    return Path(steps, cast, steps[0].span.until(steps[-1].span))


def _steps(children: Sequence[Any]) -> tuple[Step, ...]:
    return tuple(child for child in children if isinstance(child, Step))


class TreeBuilder(Transformer[Token, Statement]):
    """One method per grammar rule, given its parts; called while parsing, children first.

    The parts come as a list: lark's inlining of them took a third of the time of reading a file.
    """

    def statement(self, parts: Sequence[Any]) -> Statement:
        statement: Statement = parts[0]
        return statement

    def rule(self, parts: Sequence[Any]) -> Rule:
        name, _, source, *rest = parts
        filters = tuple(part for part in rest if isinstance(part, Condition))
        call = next(part for part in rest if isinstance(part, FunctionCall))
        decorator = rest[-1] if isinstance(rest[-1], Text) else None
        return Rule(_name(name), source, filters, call, decorator, name.span)

    def disable(self, parts: Sequence[Token]) -> Disable:
        name = parts[2]
        return Disable(_name(name), name.span)

    def source(self, parts: Sequence[Any]) -> Source:
        scope = next(token for token in parts if isinstance(token, Token) and token.type in {"SCOPE", "NAME"})
        cast, steps = _cast(parts), _steps(parts)
        span = _span(parts[0], parts[-1])
        if not steps:
            return Source(_name(scope), None, cast, span)
        return Source(_name(scope), _path(cast, steps), "", span)

    def filter(self, parts: Sequence[Any]) -> Condition:
        condition: Condition = parts[3]
        return condition

    def call(self, parts: Sequence[Any]) -> FunctionCall:
        arguments: tuple[Argument, ...] = tuple(part for part in parts if part is not None and type(part) is not Token)
        return FunctionCall(_name(parts[0]), arguments, _span(parts[0], parts[-1]))

    def decorator(self, parts: Sequence[Token]) -> Text:
        return self.text(parts[3:4])

    def path(self, parts: Sequence[Any]) -> Path:
        return _path(_cast(parts), _steps(parts))

    def step(self, parts: Sequence[Token]) -> Step:
        name = parts[0]
        if len(parts) == 1:
            return Step(name.value, None, name.span)
        return Step(name.value, parts[2].value, _span(name, parts[-1]))

    def condition(self, parts: Sequence[Any]) -> Condition:
        path, operator, literal = parts
        return Condition(path, operator.value, literal, path.span.until(literal.span))

    def list(self, parts: Sequence[Any]) -> LiteralList:
        items = tuple(part for part in parts if type(part) is not Token)
        return LiteralList(items, _span(parts[0], parts[-1]))

    def truth(self, parts: Sequence[Token]) -> Truth:
        return Truth(parts[0].type == "TRUE", parts[0].span)

    def null(self, parts: Sequence[Token]) -> Null:
        return Null(parts[0].span)

    def number(self, parts: Sequence[Token]) -> Number:
        digits = parts[0].value.rstrip("lL").replace("_", "").lstrip("0")
        return Number(digits or "0", parts[0].span)

    def text(self, parts: Sequence[Token]) -> Text:
        return Text(parts[0].value, parts[0].span)

    def enum(self, parts: Sequence[Token]) -> EnumConstant:
        type_, _, constant = parts
        return EnumConstant(_name(type_), _name(constant), _span(type_, constant))
