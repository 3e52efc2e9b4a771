"""The few pieces of protobuf wire format that the generator writes by hand (spec protocol 1.2).

Building a message from protobuf objects costs some 60 us; joining prepared pieces of bytes costs a tenth. Everything
that does not differ from log to log is made once with the protobuf classes and joined here with the parts that do.
"""

from functools import lru_cache

_SMALL = tuple(bytes([n]) for n in range(128))


def varint(value: int) -> bytes:
    """Return an unsigned integer of up to 64 bits as a base-128 varint."""
    if value < 1 << 7:
        return _SMALL[value]
    # Sizes take two or three bytes, times of a machine up for over 73 minutes seven: a third of the loop's time.
    if value < 1 << 14:
        return bytes((value & 127 | 128, value >> 7))
    if value < 1 << 21:
        return bytes((value & 127 | 128, value >> 7 & 127 | 128, value >> 14))
    if 1 << 42 <= value < 1 << 49:
        high = value >> 28
        return bytes(
            (
                value & 127 | 128,
                value >> 7 & 127 | 128,
                value >> 14 & 127 | 128,
                value >> 21 & 127 | 128,
                high & 127 | 128,
                high >> 7 & 127 | 128,
                high >> 14,
            )
        )
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


@lru_cache(maxsize=256)
def _tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def number_field(number: int, value: int) -> bytes:
    """Return a varint field; the zero value is left out, as proto3 does."""
    return _tag(number, 0) + varint(value) if value else b""


def bytes_field(number: int, body: bytes) -> bytes:
    """Return a length-delimited field: a sub-message, present even when empty."""
    return _tag(number, 2) + varint(len(body)) + body


def text_field(number: int, text: str) -> bytes:
    """Return a string field; the empty string is left out, as proto3 does."""
    return bytes_field(number, text.encode()) if text else b""


def _time_prefixes(number: int) -> tuple[bytes, ...]:
    """Head of an EBPFTimestamp field by the length of its offset varint (0 to 10 bytes)."""
    tag = _tag(number, 2)
    zero = tag + b"\x02\x0a\x00"
    return (zero, *(tag + bytes([length + 3, 0x0A, length + 1, 0x08]) for length in range(1, 11)))


_START = _time_prefixes(1)
_END = _time_prefixes(2)


def time_span(start_ns: int, end_ns: int) -> bytes:
    """Return the fields startTime (1) and endTime (2) that all operations and HTTP logs begin with.

    Both are nanoseconds since boot, not negative; of an offset of zero only the sub-messages around it remain.
    """
    start, end = varint(start_ns) if start_ns else b"", varint(end_ns) if end_ns else b""
    return b"".join((_START[len(start)], start, _END[len(end)], end))
