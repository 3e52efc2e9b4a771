"""Parser reductions to syntax tree nodes."""

from typing import Any

from lark import Transformer, v_args

from oal.span import Span
from oal.syntax import (
    Argument,
    Condition,
    Disable,
    EnumConstant,
    FunctionCall,
    Literal,
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
    return Name(token.value, _span(token, token))


def _cast(tokens: tuple[Any, ...]) -> str:
    return next((token.value[1:-1] for token in tokens if isinstance(token, Token) and token.type == "CAST"), "")


def _path(cast: str, steps: tuple[Step, ...]) -> Path:
    return Path(steps, cast, steps[0].span.until(steps[-1].span))


def _steps(children: tuple[Any, ...]) -> tuple[Step, ...]:
    return tuple(child for child in children if isinstance(child, Step))


@v_args(inline=True)
class TreeBuilder(Transformer[Token, Statement]):
    """One method per grammar rule; called while parsing, children first."""

    def statement(self, statement: Statement, _semicolon: Token | None = None) -> Statement:
        return statement

    def rule(self, name: Token, _equal: Token, source: Source, *rest: Any) -> Rule:
        filters = tuple(part for part in rest if isinstance(part, Condition))
        call = next(part for part in rest if isinstance(part, FunctionCall))
        decorator = rest[-1] if isinstance(rest[-1], Text) else None
        return Rule(_name(name), source, filters, call, decorator, _span(name, name))

    def disable(self, _keyword: Token, _open: Token, name: Token, _close: Token) -> Disable:
        return Disable(_name(name), _span(name, name))

    def source(self, keyword: Token, *rest: Any) -> Source:
        scope = next(token for token in rest if isinstance(token, Token) and token.type in {"SCOPE", "NAME"})
        cast, steps = _cast(rest), _steps(rest)
        span = _span(keyword, rest[-1])
        if not steps:
            return Source(_name(scope), None, cast, span)
        return Source(_name(scope), _path(cast, steps), "", span)

    def filter(self, _dot: Token, _keyword: Token, _open: Token, condition: Condition, _close: Token) -> Condition:
        return condition

    def call(self, name: Token, *rest: Any) -> FunctionCall:
        arguments: tuple[Argument, ...] = tuple(part for part in rest if part is not None and type(part) is not Token)
        return FunctionCall(_name(name), arguments, _span(name, rest[-1]))

    def decorator(self, _dot: Token, _keyword: Token, _open: Token, name: Token, _close: Token) -> Text:
        return self.text(name)

    def path(self, *children: Any) -> Path:
        return _path(_cast(children), _steps(children))

    def step(self, name: Token, *key: Token) -> Step:
        if not key:
            return Step(name.value, None, _span(name, name))
        return Step(name.value, key[1].value, _span(name, key[-1]))

    def condition(self, path: Path, operator: Token, literal: Literal) -> Condition:
        return Condition(path, operator.value, literal, path.span.until(literal.span))

    def list(self, opening: Token, *rest: Any) -> LiteralList:
        items = tuple(part for part in rest if type(part) is not Token)
        return LiteralList(items, _span(opening, rest[-1]))

    def truth(self, token: Token) -> Truth:
        return Truth(token.type == "TRUE", _span(token, token))

    def null(self, token: Token) -> Null:
        return Null(_span(token, token))

    def number(self, token: Token) -> Number:
        digits = token.value.rstrip("lL").replace("_", "").lstrip("0")
        return Number(digits or "0", _span(token, token))

    def text(self, token: Token) -> Text:
        return Text(token.value, _span(token, token))

    def enum(self, type_: Token, _dot: Token, constant: Token) -> EnumConstant:
        return EnumConstant(_name(type_), _name(constant), _span(type_, constant))
