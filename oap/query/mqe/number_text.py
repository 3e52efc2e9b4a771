"""Numbers as clients read them: plain decimals with at most three fraction digits (spec query 2.3)."""

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext

_EXACT = float(2**53)
_LONG = float(2**63)
_INDISTINCT = (0, 0, 0, 0, 1, 1, 1, 2, 2)
# Upstream prints 0 for this single value, though the double next to one in two thousands lies above it.
_HALF_THOUSANDTH = 0.0005
_DIGITS = 400


def number_text(value: float) -> str:
    """Text of a double: half-even on its exact binary value; ``NaN``, ``∞``, ``-∞``; ``-0`` keeps its sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    size = abs(float(value))  # a float of numpy shows itself differently
    if size == _HALF_THOUSANDTH:
        return sign + "0"
    if size > _EXACT:
        return sign + _large(size)
    if size.is_integer():
        return sign + str(int(size))
    # The format rounds the exact binary value half-even, as a decimal would.
    return sign + f"{size:.3f}".rstrip("0").rstrip(".")


def _large(size: float) -> str:
    if size >= _LONG:
        return format(Decimal(repr(size)), "f").removesuffix(".0")
    # Java cuts a long by the digits that its low bits cannot tell apart, which is not always the shortest decimal.
    digits = _INDISTINCT[max(0, int(size).bit_length() - 55)]
    power = 10**digits
    return str((int(size) + power // 2) // power * power)


def rounded(value: float, places: int) -> float:
    """Half away from zero on the shortest decimal form; non-finite values stay as they are."""
    if not math.isfinite(value):
        return value
    with localcontext(prec=_DIGITS):
        shortest = Decimal(repr(float(value)))
        # A number has no digits to lose beyond this many places.
        return float(shortest.quantize(Decimal(1).scaleb(-min(places, _DIGITS - 30)), ROUND_HALF_UP))
