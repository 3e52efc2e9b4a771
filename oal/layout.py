"""The canonical layout of rule files: same statements, same comments, blanks and line breaks by rule.

A statement stands on one line when it fits into ``WIDTH`` columns; a longer rule is broken before each filter and
before its function, with four blanks. Comments stay where they are: before a statement, between its clauses, behind a
line. One blank line at most separates what was separated. Literals are left as they are written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from oal.diagnostic import Diagnostic
from oal.lexis import Lexed, tokenize
from oal.parser import parse, statement_tokens
from oal.token import END, Comment, Token

WIDTH = 120

_CLAUSE = " " * 4
_INSIDE = " " * 8
_NO_BLANK_AFTER = frozenset({"LPAR", "LSQB", "DOT", "CAST"})
_NO_BLANK_BEFORE = frozenset({"DOT", "COMMA", "SEMICOLON", "RPAR", "RSQB"})
_OPENING = frozenset({"LPAR", "LSQB"})
_SOURCE = 2
"""Where ``from`` stands in a rule."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A text in canonical layout, None if and only if it has syntax errors, which are then the findings."""

    text: str | None
    findings: tuple[Diagnostic, ...]


def lay_out(file: str, text: str) -> Laid:
    """The text of a rule file in canonical layout; laying it out again changes nothing. Never raises."""
    findings = parse(file, text).findings
    if findings:
        return Laid(None, findings)
    blocks = list(_blocks(tokenize(file, text)))
    lines = [block.text for block in blocks[:1]]
    for before, block in pairwise(blocks):
        lines += ["", block.text] if block.first - before.last > 1 else [block.text]
    return Laid("".join(f"{line}\n" for line in lines), ())


@dataclass(frozen=True, slots=True)
class _Block:
    """A statement with what trails it, or a comment of its own; ``first`` and ``last`` are its lines in the source."""

    text: str
    first: int
    last: int


def _blocks(lexed: Lexed) -> Iterator[_Block]:
    comments = _Queue(lexed.comments)
    statements = [_Statement(lexed.text, tokens) for tokens in statement_tokens(lexed.tokens)]
    for at, statement in enumerate(statements):
        following = statements[at + 1].tokens[0] if at + 1 < len(statements) else None
        for comment in comments.until(statement.tokens[0].start_pos):
            yield _own_block(comment)
        text = statement.laid_out(comments)
        last = statement.tokens[-1].line
        for comment in comments.trailing(last, following):
            text, last = f"{text}  {_stripped(comment)}", comment.last
        yield _Block(text, statement.tokens[0].line, last)
    for comment in comments.until(len(lexed.text)):
        yield _own_block(comment)


def _own_block(comment: Comment) -> _Block:
    return _Block(_stripped(comment), comment.first, comment.last)


def _stripped(comment: Comment) -> str:
    """The comment without blanks at the ends of its lines."""
    return "\n".join(line.rstrip() for line in comment.text.split("\n"))


class _Queue:
    """The comments of a file that are not written yet, in order."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        self._comments = list(reversed(comments))

    def until(self, position: int) -> Iterator[Comment]:
        """Take all that start before a position."""
        while self._comments and self._comments[-1].start < position:
            yield self._comments.pop()

    def trailing(self, line: int, following: Token | None) -> Iterator[Comment]:
        """Take those that start on the line where a statement or the comment before ends.

        One that ends where the following statement starts belongs to that one.
        """
        while self._comments and self._comments[-1].first == line:
            comment = self._comments[-1]
            if following is not None and (comment.start > following.start_pos or comment.last == following.line):
                return
            line = comment.last
            yield self._comments.pop()


class _Statement:
    """The tokens of one statement, a ``;`` last."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self.tokens = list(tokens)
        if tokens[-1].type == END:
            end = tokens[-2]
            semicolon = Token("SEMICOLON", ";", end.end_pos, end.end_pos, end.line, end.column, end.line, end.column)
            self.tokens = [*tokens[:-1], semicolon]

    def laid_out(self, comments: _Queue) -> str:
        """On one line if that is possible, else broken; takes the comments inside."""
        inner = [list(comments.until(token.start_pos)) for token in self.tokens]
        if self._fits_one_line(inner):
            flat = self._written(inner, frozenset())
            if len(flat) <= WIDTH:
                return flat
        return self._written(inner, frozenset(self._clauses()))

    def _fits_one_line(self, inner: Sequence[Sequence[Comment]]) -> bool:
        """Whether no comment inside needs a line end: all are blocks on the line of what stands before them."""
        line = self.tokens[0].line
        for comments, token in zip(inner, self.tokens, strict=True):
            for comment in comments:
                if not comment.is_block or comment.first != line or comment.last != line:
                    return False
            line = token.line
        return True

    def _clauses(self) -> list[int]:
        """Where the lines of a broken rule start: at the dots before filters and before the function.

        The source, too, gets a line of its own when it does not fit behind the name.
        """
        depth, dots = 0, []
        for at, token in enumerate(self.tokens):
            depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
            if depth == 0 and token.type == "DOT" and self.tokens[at + 1].type != "DECORATOR":
                dots.append(at)
        if dots and sum(token.end_pos - token.start_pos for token in self.tokens[: dots[0]]) + len("  ") > WIDTH:
            dots.append(_SOURCE)
        return dots

    def _written(self, inner: Sequence[Sequence[Comment]], clauses: frozenset[int]) -> str:
        writer = _Writer(self.tokens[0].line)
        for at, token in enumerate(self.tokens):
            indent = _CLAUSE if at in clauses else _INSIDE
            for comment in inner[at]:
                writer.comment(comment, indent)
            shown = ";" if token.type == "SEMICOLON" else self._text[token.start_pos : token.end_pos]
            writer.token(token, shown, indent, breaks=at in clauses)
        return writer.text


class _Writer:
    """Puts tokens and comments behind each other. ``line`` is the source line of what was written last."""

    def __init__(self, line: int) -> None:
        self.text = ""
        self._line = line
        self._before = ""
        self._must_break = False

    def token(self, token: Token, shown: str, indent: str, *, breaks: bool) -> None:
        if self._must_break or breaks:
            self.text += f"\n{indent}{shown}"
        else:
            self.text += f"{self._separator(token.type)}{shown}"
        self._line, self._before, self._must_break = token.line, token.type, False

    def comment(self, comment: Comment, indent: str) -> None:
        is_own_line = comment.first > self._line
        if is_own_line or self._must_break:
            self.text += f"\n{indent}{_stripped(comment)}"
        else:
            blank = "" if self._before in _OPENING else " " if comment.is_block else "  "
            self.text += f"{blank}{_stripped(comment)}"
        self._must_break = is_own_line or self._must_break or not comment.is_block
        self._line, self._before = comment.last, "COMMENT"

    def _separator(self, kind: str) -> str:
        before = self._before
        if not before or before in _NO_BLANK_AFTER or kind in _NO_BLANK_BEFORE:
            return ""
        if kind == "LPAR" or (kind == "LSQB" and before == "NAME"):
            return ""
        return " "
