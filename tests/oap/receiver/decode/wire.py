"""Random wire bytes along a message descriptor: everything a protobuf writer may do, and what only a broken one does."""

from collections.abc import Sequence
from functools import cache

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

VARINT, FIXED64, DELIMITED, GROUP, END_GROUP, FIXED32 = range(6)
_INTEGERS = frozenset(
    {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64}
)
_EXTREMES = (0, 1, 127, 128, 499, 500, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 2**31, 2**64 - 1)

varints = st.sampled_from(_EXTREMES) | st.integers(0, 2**64 - 1)
enum_numbers = st.integers(0, 9) | varints
texts = st.text(max_size=8) | st.sampled_from(("", "GET", "商品/1", "😀", "é\x00", "a" * 200))


def varint(number: int, length: int = 1) -> bytes:
    """The number, padded with empty groups of seven bits to at least ``length`` bytes."""
    raw = bytearray()
    while number > 0x7F or len(raw) + 1 < length:
        raw.append(0x80 | number & 0x7F)
        number >>= 7
    raw.append(number)
    return bytes(raw)


def tag(number: int, wire: int) -> bytes:
    """The start of a field."""
    return varint(number << 3 | wire)


def delimited(number: int, content: bytes) -> bytes:
    """A field with a length."""
    return tag(number, DELIMITED) + varint(len(content)) + content


def group(number: int, content: bytes) -> bytes:
    """A field between two tags."""
    return tag(number, GROUP) + content + tag(number, END_GROUP)


def _joined(parts: Sequence[bytes]) -> bytes:
    return b"".join(parts)


def _values(wire: int) -> st.SearchStrategy[bytes]:
    match wire:
        case 0:
            return st.builds(varint, varints, st.integers(1, 10))
        case 1:
            return st.binary(min_size=8, max_size=8)
        case 5:
            return st.binary(min_size=4, max_size=4)
        case _:
            return st.binary(max_size=12).map(lambda raw: varint(len(raw)) + raw)


_flat_unknown = st.one_of(
    [
        st.builds(
            lambda number, raw, wire=wire: tag(number, wire) + raw,
            st.integers(1, 40) | st.just(2**29 - 1),
            _values(wire),
        )
        for wire in (VARINT, FIXED64, DELIMITED, FIXED32)
    ]
)
_groups: st.SearchStrategy[bytes] = st.builds(
    group,
    st.integers(1, 20),
    st.recursive(
        st.lists(_flat_unknown, max_size=3).map(_joined),
        lambda inner: st.builds(group, st.integers(1, 20), inner),
        max_leaves=6,
    ),
)
unknown_fields = _flat_unknown | _groups
"""Fields of every wire type, some with numbers that the message knows under another type."""


@cache
def field_of(field: FieldDescriptor) -> st.SearchStrategy[bytes]:
    """One occurrence of a known field."""
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return st.builds(delimited, st.just(field.number), fields_of(field.message_type))
    if field.type == FieldDescriptor.TYPE_STRING:
        return st.builds(delimited, st.just(field.number), texts.map(str.encode))
    numbers = varints if field.type in _INTEGERS else enum_numbers
    return st.builds(
        lambda number, length: tag(field.number, VARINT) + varint(number, length), numbers, st.integers(1, 2)
    )


@cache
def fields_of(message: Descriptor, most: int = 7) -> st.SearchStrategy[bytes]:
    """Up to so many fields in any order, known ones and a few unknown: repeated, split and with switching oneofs."""
    known = st.one_of([field_of(field) for field in message.fields])
    one = st.one_of(known, known, known, known, unknown_fields)
    return st.lists(one, max_size=most).map(_joined)
