"""The syntax tree: what is written, with its place, before any name is looked up.

Trees are equal when they say the same; places do not count.
"""

from dataclasses import dataclass, field

from oal.span import NOWHERE, Span

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer literal: its decimal digits without leading zeros, of any length."""

    digits: str
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def fits(self) -> bool:
        """Whether the value has at most 63 bits."""
        return len(self.digits) <= len(str(LARGEST)) and int(self.digits) <= LARGEST

    @property
    def value(self) -> int:
        """The value, if it fits."""
        return int(self.digits)


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal, escapes resolved."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Null:
    """``null``."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class EnumConstant:
    """``Type.CONSTANT``."""

    type: Name
    constant: Name
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LiteralList:
    """``[a, b]``: at least one literal, all of one kind."""

    items: tuple[Number, ...] | tuple[Text, ...] | tuple[EnumConstant, ...]
    span: Span = field(default=NOWHERE, compare=False)


Literal = Number | Text | Truth | Null | EnumConstant | LiteralList


@dataclass(frozen=True, slots=True)
class Step:
    """One segment of a path: ``name`` or ``name["key"]``."""

    name: str
    key: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute of the rule's scope. ``cast`` is its text without parentheses (``str->long``) or empty."""

    steps: tuple[Step, ...]
    cast: str = ""
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def dotted(self) -> str:
        """The names of all steps, without keys."""
        return ".".join(step.name for step in self.steps)


@dataclass(frozen=True, slots=True)
class Condition:
    """``path operator literal``; the operator is one of ``== != > < >= <= like contain in`` and ``not contain``."""

    path: Path
    operator: str
    literal: Literal
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """``from(Scope.path)``; no path stands for ``*``. The cast is the path's, or ``cast`` when there is none."""

    scope: Name
    path: Path | None
    cast: str = ""
    span: Span = field(default=NOWHERE, compare=False)


Argument = Condition | Truth | Number | Text | Path


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """``name(argument, ...)``."""

    name: Name
    arguments: tuple[Argument, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """``name = from(...).filter(...).function(...).decorator("...");``."""

    name: Name
    source: Source
    filters: tuple[Condition, ...]
    call: FunctionCall
    decorator: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Disable:
    """``disable(name);``."""

    name: Name
    span: Span = field(default=NOWHERE, compare=False)


Statement = Rule | Disable


@dataclass(frozen=True, slots=True)
class Script:
    """All statements of a file in order."""

    statements: tuple[Statement, ...]
