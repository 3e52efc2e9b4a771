"""Source text to tokens and comments, with every lexical finding (spec oal 1.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oal.comments import CommentEnds
from oal.diagnostic import Diagnostic
from oal.lookalikes import LOOKALIKES, NO_LETTERS, QUOTES
from oal.reserved import KEYWORDS, SCOPE_NAMES
from oal.span import Span
from oal.token import END, ILLEGAL, Comment, Token

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        ".": "DOT",
        ",": "COMMA",
        ";": "SEMICOLON",
        "*": "STAR",
        "(": "LPAR",
        ")": "RPAR",
        "[": "LSQB",
        "]": "RSQB",
        "=": "EQUAL",
        "==": "EQ",
        "!=": "NE",
        ">": "GT",
        "<": "LT",
        ">=": "GE",
        "<=": "LE",
    }
)
"""Text of each symbol -> its token type."""

_WORD_TYPES = {**KEYWORDS, **dict.fromkeys(SCOPE_NAMES, "SCOPE")}

# What names do not hold; the ranges of what they do hold take ten times as long to compile.
_FOREIGN = rf"\x00-#%-/:-@\[-^`{{-\x7f{NO_LETTERS}"

_TOKEN = re.compile(
    rf"""
    [ \t\r]*(?:
      (?P<newline>\n[ \t\r\n]*)
    | (?P<CAST>\((?:str->long|long|str->int|int)\))
    | (?P<symbol>[=!<>]=|[.,;*()\[\]=<>])
    | (?P<NOT_CONTAIN>not\ contain(?![^{_FOREIGN}]))
    | (?P<name>[^0-9{_FOREIGN}][^{_FOREIGN}]*)
    | (?P<NUMBER>[0-9](?:[0-9_]*[0-9])?[lL]?)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*")
    | (?P<line_comment>//[^\r\n]*)
    | (?P<comment>/\*)
    | (?P<unclosed>"[^\r\n]*)
    | (?P<quoted>['{QUOTES}](?:[^'"{QUOTES}\r\n]*['"{QUOTES}])?)
    | (?P<braces>\{{[^{{}}\r\n]*\}}?)
    | (?P<illegal>.)
    | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\(?:([btnfr\"'\\])|([0-3]?[0-7]?[0-7])|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}

_NO_ARITHMETIC = "there is no arithmetic: compute where the value is shown"
_ILLEGAL_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "--": "comments start with //",
        "-": "there are no negative literals and no arithmetic; names hold letters, digits, _ and $",
        "&": "one condition per filter: chain .filter(...).filter(...)",
        "|": 'there is no \'or\': list the values of one attribute, name in ["a", "b"], or write two rules',
        "!": "there is no negation: compare with == false or !=",
        "~": "there are no regular expressions: use like with % at an end of the text",
        "#": "comments start with //",
        ":": "name and rule are joined by =",
        **dict.fromkeys("/+%^", _NO_ARITHMETIC),
        **LOOKALIKES,
    }
)
_BRACES_HINT = 'labels in braces are PromQL: OAL selects rows with .filter(name == "a")'
_QUOTES_HINT = 'strings stand in double quotes: "..."'
_CURLY_HINT = "a typographic quote does not end a string"


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a file, an END token last, the comments between them, and the lexical findings.

    Positions count characters of ``text``, which is the file's without a leading byte order mark.
    """

    text: str
    tokens: tuple[Token, ...]
    comments: tuple[Comment, ...]
    findings: tuple[Diagnostic, ...]


def tokenize(file: str, text: str) -> Lexed:
    """All tokens and comments of a file's text. Text with a finding becomes an ILLEGAL token; never raises."""
    scanner = _Scanner(file, text.removeprefix("\ufeff"))
    return scanner.run()


class _Scanner:
    """One pass over a text. Positions in; tokens, comments and findings out."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._tokens: list[Token] = []
        self._comments: list[Comment] = []
        self._findings: list[Diagnostic] = []
        self._comment_ends = CommentEnds(text)
        self._line = 1
        self._line_start = 0

    def run(self) -> Lexed:
        at, size = 0, len(self._text)
        match = _TOKEN.match
        while at < size:
            found = match(self._text, at)
            if found is None or found.lastgroup is None:  # pragma: no cover  (the last alternatives take anything)
                break
            group = found.lastgroup
            at = self._take(group, found[group], found.start(group))
        self._add(END, "", size, size)
        return Lexed(self._text, tuple(self._tokens), tuple(self._comments), tuple(self._findings))

    def _take(self, group: str, found: str, at: int) -> int:
        """Handle one match and return where to go on."""
        end = at + len(found)
        if group == "symbol":
            self._add(SYMBOLS[found], found, at, end)
        elif group == "name":
            self._add(_WORD_TYPES.get(found, "NAME"), found, at, end)
        elif group == "newline":
            self._count_lines(found, at)
        elif group == "string":
            self._string(found, at)
        elif group in {"NUMBER", "CAST", "NOT_CONTAIN"}:
            self._add(group, found, at, end)
        elif group == "line_comment":
            self._comments.append(Comment(found, at, end, self._line, self._line))
        elif group == "comment":
            end = self._block_comment(at)
        elif group != "end":
            end = self._fault(group, found, at)
        return end

    def _fault(self, group: str, found: str, at: int) -> int:
        end = at + len(found)
        if group == "unclosed":
            hint = _CURLY_HINT if any(quote in found for quote in QUOTES) else ""
            self._reject(at, end, 'the string is not closed: no second " on its line', hint)
        elif group == "quoted":
            closed = len(found) > 1
            hint = _QUOTES_HINT.replace("...", found[1:-1]) if closed and "\\" not in found else _QUOTES_HINT
            self._reject(at, end, f"illegal character {found[0]}", hint)
        elif group == "braces":
            self._reject(at, end, f"illegal character '{found[0]}'", _BRACES_HINT)
        else:
            end = self._illegal(at)
        return end

    def _count_lines(self, found: str, at: int) -> None:
        self._line += found.count("\n")
        self._line_start = at + found.rindex("\n") + 1

    def _block_comment(self, at: int) -> int:
        end = self._comment_ends.of(at)
        if end is None:
            self._reject(
                at, at + 2, "the comment /* is not closed", "everything after it would be lost: end it with */"
            )
            end = len(self._text)
        found, first = self._text[at:end], self._line
        if "\n" in found:
            self._count_lines(found, at)
        self._comments.append(Comment(found, at, end, first, self._line))
        return end

    def _illegal(self, at: int) -> int:
        end = at + 1
        while end < len(self._text) and self._text[end] == self._text[at]:
            end += 1
        char, run = self._text[at], self._text[at:end]
        shown = f"'{run}'" if char.isprintable() else f"U+{ord(char):04X}"
        plural = "s" if end - at > 1 else ""
        hint = _ILLEGAL_HINTS.get(run, _ILLEGAL_HINTS.get(char, ""))
        self._reject(at, end, f"illegal character{plural} {shown}", hint)
        return end

    def _string(self, found: str, at: int) -> None:
        if "\\" not in found:
            self._add("STRING", found[1:-1], at, at + len(found))
            return
        bad = next((escape for escape in _ESCAPE.finditer(found) if escape.group(4) is not None), None)
        if bad is None:
            self._add("STRING", _joined(_ESCAPE.sub(_decoded, found[1:-1])), at, at + len(found))
            return
        start = at + bad.start()
        message = f"unknown escape {bad.group()} in a string"
        self._report(start, start + len(bad.group()), message, r"""known are \b \t \n \f \r \" \' \\ \0-\377 \uXXXX""")
        self._add(ILLEGAL, found, at, at + len(found))

    def _reject(self, start: int, end: int, message: str, hint: str = "") -> None:
        self._report(start, end, message, hint)
        self._add(ILLEGAL, self._text[start:end], start, end)

    def _report(self, start: int, end: int, message: str, hint: str) -> None:
        line, before = self._line, self._line_start - 1
        span = Span(line, start - before, line, end - before)
        self._findings.append(Diagnostic("E101", message, self._file, span, hint))

    def _add(self, kind: str, value: str, start: int, end: int) -> None:
        line, before = self._line, self._line_start - 1
        self._tokens.append(Token(kind, value, start, end, line, start - before, line, end - before))


def _decoded(escape: re.Match[str]) -> str:
    simple, octal, code, _ = escape.groups()
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    return chr(int(octal, 8)) if octal is not None else chr(int(code, 16))


def _joined(text: str) -> str:
    """The text with two escapes that are halves of one character put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
