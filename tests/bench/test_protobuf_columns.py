"""The decoder's yardstick fills the columns that the decoder fills."""

from functools import cache

import numpy as np
import pytest

from bench.corpus import corpus
from bench.inputs import joined
from bench.protobuf_columns import ObjectColumns, fill_columns
from oap.protocol import accesslog_pb2 as pb
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch

SIDES = (
    (lay.L_KIND, lay.L_SERVICE, lay.L_POD, lay.L_HOST, lay.L_CONTAINER, lay.L_PROCESS, lay.L_PORT),
    (lay.R_KIND, lay.R_SERVICE, lay.R_POD, lay.R_HOST, lay.R_CONTAINER, lay.R_PROCESS, lay.R_PORT),
)


def odd_messages() -> list[bytes]:
    """No connection, no timestamps, no operation, no protocol, and bytes that are no message."""
    message = pb.EBPFAccessLogMessage()
    message.kernelLogs.add()
    message.kernelLogs.add().connect.startTime.offset.offset = 7
    message.kernelLogs.add().write.l3Metrics.totalResolveMACDuration = 5
    message.protocolLog.SetInParent()
    return [message.SerializeToString(), b"\x0a\xff", pb.EBPFAccessLogMessage().SerializeToString()]


@cache
def both(*, churn_ports: bool) -> tuple[LogBatch, ObjectColumns]:
    messages = corpus(400, 1, churn_ports=churn_ports) + odd_messages()
    (block,) = joined("", messages).blocks()
    return Decoder().decode(block), fill_columns(messages)


def text_of(batch: LogBatch, at: int, size: int) -> str:
    return batch.payload[at : at + size].tobytes().decode()


def number_of(columns: ObjectColumns, number: int) -> str:
    return list(columns.numbers)[number] if number >= 0 else ""


def decoded_connection(batch: LogBatch, row: list[int]) -> list[object]:
    values: list[object] = [*row[: lay.C_PROTOCOL + 1]]
    for kind, *texts, port in SIDES:
        values += [row[kind], *(text_of(batch, row[at], row[at + 1]) for at in texts), row[port]]
    return [*values, *row[lay.Z_SET : lay.Z_IP], text_of(batch, row[lay.Z_IP], row[lay.Z_IP + 1])]


def object_connection(columns: ObjectColumns, row: list[int]) -> list[object]:
    texts = {*range(5, 10), *range(12, 17), 21}
    return [number_of(columns, value) if at in texts else value for at, value in enumerate(row)]


@pytest.mark.parametrize("churn_ports", [False, True])
@pytest.mark.parametrize("operation", [lay.CONNECT, lay.ACCEPT, lay.CLOSE, lay.READ, lay.WRITE])
def test_tables_of_kernel_logs_are_equal(operation: int, churn_ports: bool) -> None:
    batch, columns = both(churn_ports=churn_ports)
    assert len(batch.tables[operation]) > 0
    assert columns.table(operation).tolist() == batch.tables[operation].tolist()


@pytest.mark.parametrize("churn_ports", [False, True])
def test_requests_are_equal(churn_ports: bool) -> None:
    batch, columns = both(churn_ports=churn_ports)
    decoded = [
        [*row[: lay.HTTP_PATH], text_of(batch, row[lay.HTTP_PATH], row[lay.HTTP_PATH + 1])]
        for row in batch.tables[lay.HTTP].tolist()
    ]
    filled = [[*row[:-1], number_of(columns, row[-1])] for row in columns.table(lay.HTTP).tolist()]
    assert filled == decoded


@pytest.mark.parametrize("churn_ports", [False, True])
def test_logs_arrive_in_the_same_order(churn_ports: bool) -> None:
    batch, columns = both(churn_ports=churn_ports)
    assert np.frombuffer(columns.order, np.int64).reshape(-1, lay.ORDER_WIDTH).tolist() == batch.order.tolist()


@pytest.mark.parametrize("churn_ports", [False, True])
def test_connections_are_equal(churn_ports: bool) -> None:
    batch, columns = both(churn_ports=churn_ports)
    filled = [object_connection(columns, row) for row in columns.all_tables()[-1].tolist()]
    assert filled == [decoded_connection(batch, row) for row in batch.connections.tolist()]


@pytest.mark.parametrize("churn_ports", [False, True])
def test_messages_find_the_same_connections_and_nodes(churn_ports: bool) -> None:
    batch, columns = both(churn_ports=churn_ports)
    rows = np.where(batch.malformed, -2, batch.connection_row)
    assert columns.connection_row.tolist() == rows.tolist()
    assert columns.node_messages.tolist() == batch.nodes[:, 0].tolist() == [0]
