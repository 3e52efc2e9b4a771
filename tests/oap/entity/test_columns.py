"""Columns that are texts: devices by node, syscalls, methods, paths, minutes."""

import numpy as np
import pytest

from oap.entity.columns import TableColumns
from oap.entity.nodes import Node
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder
from tests.oap.receiver.decode.decoded import block_of
from tests.oracle.fixture import http, kernel, message

NODES = [Node("n", "", 0, {1: "lo", 2: "eth0"}), Node("m", "", 0, {2: "ens3"})]


def texts(name: str, operation: int, *raws: bytes, nodes: tuple[int, ...] = (), minutes: tuple[int, ...] = ()) -> list:
    """Value of every row of a column."""
    batch = Decoder().decode(block_of(raws))
    rows = len(batch.tables[operation])
    minute = np.array(minutes or (0,) * rows, np.int32)
    message_node = np.array(nodes or (-1,) * len(raws), np.int32)
    codes, values = TableColumns(operation, batch, minute, message_node, NODES).coded(name)
    assert codes.dtype == np.int32
    assert len(codes) == rows
    return [values[code] for code in codes.tolist()]


def write(ifindex: int) -> str:
    return kernel("write", more=f"l2Metrics {{ ifindex: {ifindex} }}")


def read(ifindex: int) -> str:
    return kernel("read", more=f"l2Metrics {{ ifindex: {ifindex} }}")


def test_device_is_that_of_the_messages_own_node() -> None:
    raws = [message(write(1), read(7), write(2)), message(write(2)), message(read(1), write(9)), message(write(2))]
    names = texts("write.l2.networkDeviceName", lay.WRITE, *raws, nodes=(0, 1, 1, -1))
    assert names == ["lo", "eth0", "ens3", None, None]


def test_read_has_a_device_too() -> None:
    raws = [message(read(2), write(1)), message(read(4294967295)), message(read(2))]
    assert texts("read.l2.netDeviceName", lay.READ, *raws, nodes=(0, 0, 1)) == ["eth0", None, "ens3"]


@pytest.mark.parametrize(
    ("operation", "table", "last"), [("write", lay.WRITE, "SendFile64"), ("read", lay.READ, "RecvMmsg")]
)
def test_syscalls_have_the_names_of_the_wire(operation: str, table: int, last: str) -> None:
    numbers = (0, 3, 7 if operation == "write" else 5, 8, -1, 2147483647)
    raw = message(*(kernel(operation, more=f"syscall: {number}") for number in numbers))
    first = operation.capitalize()
    fourth = "SendTo" if operation == "write" else "RecvFrom"
    expected = [first, fourth, last, *["UNRECOGNIZED"] * 3]
    assert texts(f"{operation}.syscall", table, raw) == expected


def test_methods_have_the_names_of_the_wire() -> None:
    raws = [message(http("/", 200, method=method)) for method in ("Get", "Connect", "9", "-5")]
    assert texts("protocol.http.method", lay.HTTP, *raws) == ["Get", "Connect", "UNRECOGNIZED", "UNRECOGNIZED"]


def test_url_is_the_path_as_sent() -> None:
    raws = [message(http(path, 200)) for path in ("/商品?a=1", "", "/x", "/商品?a=1")]
    assert texts("protocol.http.url", lay.HTTP, *raws) == ["/商品?a=1", "", "/x", "/商品?a=1"]


def test_many_long_urls_are_all_kept() -> None:
    paths = [f"/{number}/{'x' * 100}" for number in range(5000)]
    assert texts("protocol.http.url", lay.HTTP, *(message(http(path, 200)) for path in paths)) == paths


def test_time_bucket_is_that_of_the_minute() -> None:
    raw = message(kernel("accept"), kernel("accept"), kernel("accept"))
    minutes = (28575994, -1, 28575995)
    assert texts("time_bucket", lay.ACCEPT, raw, minutes=minutes) == [202405011034, 197001010000, 202405011035]


def test_other_paths_have_no_texts() -> None:
    with pytest.raises(KeyError):
        texts("write.duration", lay.WRITE, message(write(1)))
