"""Text of a file to its syntax tree and all syntax findings (spec oal 1.2, 6: E101-E104)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oal.automaton import Refusal, accepted_kinds, read
from oal.diagnostic import Diagnostic
from oal.expectation import explain
from oal.lexis import tokenize
from oal.mistake import Mistake
from oal.repair import find_repair
from oal.syntax import Script, Statement
from oal.token import END, ILLEGAL, Token


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


def _starts_statement(tokens: Sequence[Token], at: int) -> bool:
    first = tokens[at].type
    if first == "NAME":
        return [token.type for token in tokens[at + 1 : at + 3]] == ["EQUAL", "FROM"]
    return first == "DISABLE" and at + 1 < len(tokens) and tokens[at + 1].type == "LPAR"


def _parse_statement(file: str, tokens: Sequence[Token]) -> Statement | Diagnostic:
    written = tokens[:-1] if tokens[-1].type == END else tokens
    outcome = read(written)
    if not isinstance(outcome, Refusal):
        return outcome
    at = min(outcome.at, len(tokens) - 1)
    accepted = accepted_kinds(outcome.states)
    repair = find_repair(outcome.states, tokens, at, accepted)
    return explain(Mistake(file, tuple(tokens[:at]), tokens[at], tuple(tokens[at + 1 :]), accepted, repair))
