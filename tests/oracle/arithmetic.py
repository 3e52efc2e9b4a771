"""Integer and float arithmetic with the widths the specs ask for."""

import struct


def signed64(number: int) -> int:
    """The number as a signed 64-bit integer that wraps around (spec entities 5.3)."""
    return (number + 2**63) % 2**64 - 2**63


def signed32(number: int) -> int:
    """The number as a signed 32-bit integer that wraps around (spec entities 5.3)."""
    return (number + 2**31) % 2**32 - 2**31


def divide(dividend: int, divisor: int) -> int:
    """Integer division that truncates toward zero (spec oal 3.1)."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def float32(number: float) -> float:
    """The nearest 32-bit float."""
    return float(struct.unpack("<f", struct.pack("<f", number))[0])
