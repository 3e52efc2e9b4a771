"""Source text to tokens, with every lexical finding (spec oal 1.1)."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from lark import Token

from oal.comments import CommentEnds
from oal.diagnostic import Diagnostic
from oal.reserved import KEYWORDS, SCOPE_NAMES
from oal.span import Span

ILLEGAL = "ILLEGAL"
"""Type of the token that stands for text with a lexical finding."""

END = "$END"

_SYMBOLS = {
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

_WORD_TYPES = {**KEYWORDS, **dict.fromkeys(SCOPE_NAMES, "SCOPE")}

# Any character outside ASCII belongs to names, except the two invisible ones that editors and web pages slip in.
_START = r"A-Za-z$_\x80-\x9f\xa1-\ufefe\uff00-\U0010ffff"

_TOKEN = re.compile(
    rf"""
      (?P<blank>[ \t\r\n]+ | //[^\r\n]*)
    | (?P<comment>/\*)
    | (?P<CAST>\((?:str->long|long|str->int|int)\))
    | (?P<NOT_CONTAIN>not\ contain(?![{_START}0-9]))
    | (?P<name>[{_START}][{_START}0-9]*)
    | (?P<NUMBER>[0-9](?:[0-9_]*[0-9])?[lL]?)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*")
    | (?P<symbol>[=!<>]=|[.,;*()\[\]=<>])
    | (?P<unclosed>"[^\r\n]*)
    | (?P<quoted>'[^'\r\n]*'?)
    | (?P<illegal>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\(?:([btnfr\"'\\])|([0-3]?[0-7]?[0-7])|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_ILLEGAL_HINTS = {
    "-": "there are no negative literals and no arithmetic; names hold letters, digits, _ and $",
    "&": "one condition per filter: chain .filter()",
    "|": "there is no 'or'; chained .filter() means 'and'",
    "!": "there is no negation: compare with == false or !=",
    "\u00a0": "this is a no-break space: use a plain blank",
    "\ufeff": "this is a byte order mark: it may only start the file",
}


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a file, an END token last, and its lexical findings."""

    tokens: tuple[Token, ...]
    findings: tuple[Diagnostic, ...]


def tokenize(file: str, text: str) -> Lexed:
    """All tokens of a file's text. Text with a finding becomes an ILLEGAL token; never raises."""
    scanner = _Scanner(file, text.removeprefix("\ufeff"))
    scanner.run()
    return Lexed(tuple(scanner.tokens), tuple(scanner.findings))


class _Scanner:
    """One pass over a text. Positions in, tokens and findings out."""

    def __init__(self, file: str, text: str) -> None:
        self.tokens: list[Token] = []
        self.findings: list[Diagnostic] = []
        self._file = file
        self._text = text
        self._comment_ends = CommentEnds(text)
        self._line_starts = [0, *(newline.end() for newline in re.finditer("\n", text))]

    def run(self) -> None:
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:  # pragma: no cover  (the last alternative takes any character)
                break
            at = self._take(match.lastgroup or "", match.group(), at)
        self._add(END, "", len(self._text), len(self._text))

    def _take(self, group: str, found: str, at: int) -> int:
        """Handle one match and return where to go on."""
        end = at + len(found)
        if group == "blank":
            return end
        if group == "comment":
            return self._comment(at)
        if group == "name":
            self._add(_WORD_TYPES.get(found, "NAME"), found, at, end)
        elif group == "symbol":
            self._add(_SYMBOLS[found], found, at, end)
        elif group == "string":
            self._string(found, at)
        elif group in {"NUMBER", "CAST", "NOT_CONTAIN"}:
            self._add(group, found, at, end)
        elif group == "unclosed":
            self._reject(at, end, 'the string is not closed: no second " on its line')
        elif group == "quoted":
            self._reject(at, end, "illegal character '", 'strings stand in double quotes: "..."')
        else:
            end = self._illegal(at)
        return end

    def _comment(self, at: int) -> int:
        end = self._comment_ends.of(at)
        if end is None:
            self._reject(
                at, at + 2, "the comment /* is not closed", "everything after it would be lost: end it with */"
            )
            return len(self._text)
        return end

    def _illegal(self, at: int) -> int:
        end = at + 1
        while end < len(self._text) and self._text[end] == self._text[at]:
            end += 1
        char = self._text[at]
        shown = f"'{self._text[at:end]}'" if char.isprintable() else f"U+{ord(char):04X}"
        plural = "s" if end - at > 1 else ""
        self._reject(at, end, f"illegal character{plural} {shown}", _ILLEGAL_HINTS.get(char, ""))
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
        (line, column), (end_line, end_column) = self._place(start), self._place(end)
        span = Span(line, column, end_line, end_column)
        self.findings.append(Diagnostic("E101", message, self._file, span, hint))

    def _add(self, kind: str, value: str, start: int, end: int) -> None:
        (line, column), (end_line, end_column) = self._place(start), self._place(end)
        self.tokens.append(Token(kind, value, start, line, column, end_line, end_column, end))

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, at)
        return line, at - self._line_starts[line - 1] + 1


def _decoded(escape: re.Match[str]) -> str:
    simple, octal, code, _ = escape.groups()
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    return chr(int(octal, 8)) if octal is not None else chr(int(code, 16))


def _joined(text: str) -> str:
    """The text with two escapes that are halves of one character put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
