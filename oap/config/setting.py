"""One setting of a section: its key, its limits, and how its text becomes a value."""

import dataclasses
import math
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_type_hints

import yaml

T = TypeVar("T")
Value = int | float | bool | str | tuple[str, ...]

_METADATA = "setting"
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a setting is called in the file and which values it takes.

    ``minimum`` and ``maximum`` are inclusive, ``choices`` lists all texts allowed when not empty.
    """

    key: str
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of a section class: the attribute, its type and default, and its limits."""

    attribute: str
    kind: type
    default: Value
    limits: Limits

    def parse(self, text: str) -> Value:
        """Turn a value's text into a value of the setting's type; raises ValueError saying what is expected."""
        value = self._typed(_unquoted(text))
        limits = self.limits
        if isinstance(value, int | float) and not limits.minimum <= value <= limits.maximum:
            raise ValueError(self._expected())
        texts = value if isinstance(value, tuple) else (value,)
        if limits.choices and any(item not in limits.choices for item in texts):
            raise ValueError(self._expected())
        return value

    def _typed(self, text: str) -> Value:
        if self.kind is str:
            return text
        if self.kind is tuple:
            return tuple(item.strip() for item in text.split(",") if item.strip())
        if self.kind is bool:
            if text.strip().lower() not in _WORDS:
                raise ValueError(self._expected())
            return _WORDS[text.strip().lower()]
        try:
            number = int(text) if self.kind is int else float(text)
        except ValueError:
            raise ValueError(self._expected()) from None
        if not math.isfinite(number):
            raise ValueError(self._expected())
        return number

    def _expected(self) -> str:
        limits = self.limits
        if limits.choices:
            several = "a list of " if self.kind is tuple else "one of "
            return several + ", ".join(limits.choices)
        words = {int: "an integer", float: "a number", bool: "true or false"}
        lower, upper = (_bound(limits.minimum), _bound(limits.maximum))
        reach = f" from {lower} to {upper}" if lower and upper else f" of at least {lower}" if lower else ""
        return words[self.kind] + reach + (f" ({limits.unit})" if limits.unit else "")


def setting(
    key: str,
    default: T,
    *,
    unit: str = "",
    minimum: float = -math.inf,
    maximum: float = math.inf,
    choices: tuple[str, ...] = (),
    is_secret: bool = False,
) -> T:
    """Declare a field of a section class together with its limits."""
    limits = Limits(key, unit, minimum, maximum, choices, is_secret)
    return dataclasses.field(default=default, metadata={_METADATA: limits})


def settings_of(section: type[Any]) -> Iterator[Setting]:
    """The settings of a section class in declared order."""
    hints = get_type_hints(section)
    for declared in dataclasses.fields(section):
        hint = hints[declared.name]
        kind = tuple if isinstance(hint, types.GenericAlias) else hint
        yield Setting(declared.name, kind, cast("Value", declared.default), declared.metadata[_METADATA])


def refused_of(section: type[Any]) -> Mapping[str, str]:
    """Upstream's keys that a section class does not take, each with the reason."""
    refused: Mapping[str, str] = getattr(section, "refused", {})
    return refused


def value_text(value: Value) -> str:
    """A value as one would write it into the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _unquoted(text: str) -> str:
    # Upstream reads the substituted text as YAML once more, and its file relies on it: ${SW_AUTHENTICATION:""} is
    # empty.
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        try:
            return str(yaml.safe_load(text))
        except yaml.YAMLError:
            return text
    return text


def _bound(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else "" if math.isinf(value) else str(int(value))
