import re
from dataclasses import dataclass

import pytest

from oap.config.setting import Setting, Value, setting, settings_of


@dataclass(frozen=True, slots=True)
class Section:
    port: int = setting("thePort", 1, minimum=0, maximum=65535)
    days: int = setting("days", 7, unit="days", minimum=2)
    size: int = setting("size", 0, unit="bytes")
    share: float = setting("share", 0.5)
    is_on: bool = setting("isOn", default=False)
    name: str = setting("name", "x")
    colour: str = setting("colour", "red", choices=("red", "blue"))
    parts: tuple[str, ...] = setting("parts", ("a",), choices=("a", "b"))


SETTINGS = {found.attribute: found for found in settings_of(Section)}


def test_a_section_tells_its_settings() -> None:
    assert [(found.limits.key, found.kind, found.default) for found in SETTINGS.values()] == [
        ("thePort", int, 1),
        ("days", int, 7),
        ("size", int, 0),
        ("share", float, 0.5),
        ("isOn", bool, False),
        ("name", str, "x"),
        ("colour", str, "red"),
        ("parts", tuple, ("a",)),
    ]


@pytest.mark.parametrize(
    ("attribute", "text", "expected"),
    [
        ("port", "65535", 65535),
        ("port", '"80"', 80),
        ("size", "-1", -1),
        ("share", "0.25", 0.25),
        ("is_on", "TRUE", True),
        ("is_on", "off", False),
        ("name", "", ""),
        ("name", '""', ""),
        ("name", "'it''s'", "it's"),
        ("name", '"', '"'),
        ("name", '"a" and "b"', '"a" and "b"'),
        ("name", "123", "123"),
        ("colour", "blue", "blue"),
        ("parts", "b, a", ("b", "a")),
        ("parts", "", ()),
    ],
)
def test_text_becomes_a_value(attribute: str, text: str, expected: Value) -> None:
    assert SETTINGS[attribute].parse(text) == expected


@pytest.mark.parametrize(
    ("attribute", "text", "message"),
    [
        ("port", "-1", "an integer from 0 to 65535"),
        ("port", "65536", "an integer from 0 to 65535"),
        ("port", "", "an integer from 0 to 65535"),
        ("port", "1.5", "an integer from 0 to 65535"),
        ("days", "1", "an integer of at least 2 (days)"),
        ("size", "10MB", "an integer (bytes)"),
        ("share", "half", "a number"),
        ("share", "nan", "a number"),
        ("is_on", "maybe", "true or false"),
        ("colour", "green", "one of red, blue"),
        ("parts", "a,c", "a list of a, b"),
    ],
)
def test_text_that_does_not_fit_says_what_would(attribute: str, text: str, message: str) -> None:
    found: Setting = SETTINGS[attribute]
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        found.parse(text)
