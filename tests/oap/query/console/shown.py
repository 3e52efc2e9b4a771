"""What pages show, as numbers: the reverse of how the console writes them for people."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_AMOUNT = re.compile(r"(-?[\d,]+(?:\.\d+)?)\s*(.*)")
# Amounts in the smallest unit: nanoseconds, bytes, hundredths stay as they are.
_SCALES: Mapping[str, float] = {
    "ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9,
    "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3,
    "k": 1e3, "M": 1e6, "G": 1e9,
}  # fmt: skip
_UNITS: Mapping[str, float] = {"ns": 1, "ms": 1e6, "bytes": 1, "KB": 1024, "bytes / s": 1}


def same_amount(text: str, value: str | None, unit: str = "") -> bool:
    """Whether a text says what the server answered, but for what rounding to three digits takes away."""
    if value is None:
        return text == "–"
    if value in {"NaN", "∞", "-∞"}:
        return text == value
    match = _AMOUNT.match(text)
    if match is None:
        return False
    word = match[2].removesuffix("/ s").split(" ")[0]
    shown = float(match[1].replace(",", "")) * _SCALES.get(word, 1)
    expected = float(value) * _UNITS.get(unit, 1)
    rounding = 0.5 if unit not in _UNITS else 0.5 * _SCALES.get(word, 1)
    return math.isclose(shown, expected, rel_tol=0.006, abs_tol=rounding if abs(shown) >= 100 else 0.006)


def last_value(series: Mapping[str, Any]) -> str | None:
    """The newest value of a series."""
    values: Sequence[str | None] = [point["value"] for point in series["values"] if point["value"] is not None]
    return values[-1] if values else None
