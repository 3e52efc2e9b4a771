"""Text of a file to its syntax tree and all syntax findings (spec oal 1.2, 6: E101-E104)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from oal.diagnostic import Diagnostic
from oal.expectation import explain
from oal.lexis import tokenize
from oal.mistake import Mistake
from oal.repair import find_repair
from oal.syntax import Script, Statement
from oal.token import END, ILLEGAL, Token
from oal.tree import TreeBuilder


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file: its statements as far as they could be read, and its syntax findings in order of place."""

    file: str
    script: Script
    findings: tuple[Diagnostic, ...]


def parse(file: str, text: str) -> Parsed:
    """Read a whole file. Never raises: a statement with a mistake becomes a finding, reading goes on behind it."""
    lexed = tokenize(file, text)
    statements: list[Statement] = []
    findings = list(lexed.findings)
    for tokens in statement_tokens(lexed.tokens):
        if any(token.type == ILLEGAL for token in tokens):
            continue
        outcome = _parse_statement(file, tokens)
        if isinstance(outcome, Diagnostic):
            findings.append(outcome)
        else:
            statements.append(outcome)
    findings.sort(key=lambda finding: (finding.span.line, finding.span.column))
    return Parsed(file, Script(tuple(statements)), tuple(findings))


def statement_tokens(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Cut a file behind each ``;`` and before each text that surely starts a statement.

    A part that lacks its ``;`` carries the token behind it as its last one, so that parsing stops there.
    """
    start = 0
    for at, token in enumerate(tokens):
        if token.type == END:
            if start < at:
                yield tokens[start : at + 1]
        elif token.type == "SEMICOLON":
            yield tokens[start : at + 1]
            start = at + 1
        elif start < at and _starts_statement(tokens, at):
            yield tokens[start : at + 1]
            start = at


class _TokenList(Lexer):
    """Hands tokens that exist already to the parser."""

    def __init__(self, _: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object = None) -> Iterator[Token]:  # type: ignore[override]  # noqa: ARG002
        return iter(cast("Sequence[Token]", lexer_state))


@cache
def _parser() -> Lark:
    grammar = files("oal").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_TokenList, start="statement", transformer=TreeBuilder())


def _starts_statement(tokens: Sequence[Token], at: int) -> bool:
    first = tokens[at].type
    if first == "NAME":
        return [token.type for token in tokens[at + 1 : at + 3]] == ["EQUAL", "FROM"]
    return first == "DISABLE" and at + 1 < len(tokens) and tokens[at + 1].type == "LPAR"


def _parse_statement(file: str, tokens: Sequence[Token]) -> Statement | Diagnostic:
    written = tokens[:-1] if tokens[-1].type == END else tokens
    try:
        return cast("Statement", _parser().parse(cast("str", written)))
    except UnexpectedToken as error:
        token = tokens[-1] if error.token.type == END else cast("Token", error.token)
        at = next(index for index, candidate in enumerate(tokens) if candidate is token)
        state = error.interactive_parser
        # ``error.expected`` alone names lookaheads that a pending reduction would refuse.
        accepted = frozenset(state.accepts())  # type: ignore[no-untyped-call]
        repair = find_repair(state, tokens, at, accepted)
        return explain(Mistake(file, tuple(tokens[:at]), token, tuple(tokens[at + 1 :]), accepted, repair))
