"""What is in force and where each value came from."""

from dataclasses import dataclass

MASK = "******"


@dataclass(frozen=True, slots=True)
class Origin:
    """Source of a value.

    ``variables`` are the environment variables it was taken from, ``unset`` those that could have set it but do not
    exist, ``line`` its line in the file, 0 when the file does not mention it.
    """

    line: int = 0
    variables: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.variables:
            return f"env {', '.join(self.variables)}"
        if not self.line:
            return "built-in default"
        return f"application.yml:{self.line}" + (f", env {', '.join(self.unset)} not set" if self.unset else "")


@dataclass(frozen=True, slots=True)
class EffectiveValue:
    """One value in force: its text as it may be shown (secrets masked), its unit ("" for none) and its origin."""

    text: str
    unit: str
    origin: Origin


def shown(text: str, *, is_secret: bool) -> str:
    """The text, or a mask of fixed length when it is a secret that is set."""
    return MASK if is_secret and text else text
