"""What can be wrong with an expression, and where."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    """A character of an expression; both count from 1."""

    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, where, and what may have been meant ("" when nobody can guess)."""

    message: str
    place: Place | None = None
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}; {self.hint}" if self.hint else f"{where}{self.message}"


class MqeError(Exception):
    """The expression cannot be parsed or evaluated; the text, a line for each finding, is what the client reads."""

    def __init__(self, *findings: Finding | str) -> None:
        self.findings = tuple(Finding(one) if isinstance(one, str) else one for one in findings)
        super().__init__(*self.findings)

    def __str__(self) -> str:
        return "\n".join(dict.fromkeys(map(str, self.findings)))

    def locate(self, place: Place) -> None:
        """Set the place of the findings that have none yet."""
        self.findings = tuple(one if one.place else replace(one, place=place) for one in self.findings)
