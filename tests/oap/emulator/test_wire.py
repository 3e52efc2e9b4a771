"""Bytes written by hand equal those of the protobuf classes."""

import pytest

from oap.emulator.wire import bytes_field, number_field, text_field, time_span, varint
from oap.protocol import accesslog_pb2 as pb

EDGES = [0, 1, 127, 128, 16_383, 16_384, 2**21 - 1, 2**21, 2**28, 2**42 - 1, 2**42, 2**49 - 1, 2**49, 2**63, 2**64 - 1]


@pytest.mark.parametrize("value", EDGES)
def test_varint_reads_back_as_the_number(value: int) -> None:
    assert pb.EBPFOffsetTimestamp.FromString(b"\x08" + varint(value)).offset == value


@pytest.mark.parametrize("value", EDGES)
def test_span_equals_the_protobuf_encoding(value: int) -> None:
    accept = pb.AccessLogKernelAcceptOperation()
    accept.startTime.offset.offset, accept.endTime.offset.offset = value, 7
    assert time_span(value, 7) == accept.SerializeToString()


def test_zero_and_empty_are_left_out() -> None:
    assert number_field(3, 0) + text_field(1, "") == b""


def test_sub_message_stays_even_when_empty() -> None:
    assert bytes_field(2, b"") == b"\x12\x00"


def test_field_numbers_above_fifteen_take_two_bytes() -> None:
    assert number_field(1000, 7) == b"\xc0\x3e\x07"
