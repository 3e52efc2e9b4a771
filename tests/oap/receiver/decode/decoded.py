"""Reads a decoded batch back in the form of ``expected``, and checks that its parts refer to each other."""

from collections.abc import Sequence

import numpy as np

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage, EBPFAccessLogNodeInfo
from oap.receiver.block import Block
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder, LogBatch
from tests.oap.receiver.decode.expected import Address, Connection, Log, Message


def block_of(messages: Sequence[bytes], before: bytes = b"", after: bytes = b"") -> Block:
    """The messages as a block whose payload has other bytes on both sides."""
    offsets = np.full(len(messages) + 1, len(before), dtype=np.int64)
    offsets[1:] += np.cumsum([len(message) for message in messages], dtype=np.int64)
    payload = np.frombuffer(b"".join((before, *messages, after)), dtype=np.uint8)
    return Block(payload, offsets, np.zeros(len(messages), dtype=np.int32))


def decoded(messages: Sequence[bytes], decoder: Decoder) -> list[Message | None]:
    """What the decoder makes of a block of these messages."""
    return contents(decoder.decode(block_of(messages)))


def contents(batch: LogBatch) -> list[Message | None]:
    """The messages of a batch, None for malformed ones."""
    logs = _logs(batch)
    nodes = {message: _node(batch, message, *rest) for message, *rest in batch.nodes.tolist()}
    result: list[Message | None] = []
    connections = 0
    for number in range(len(batch.block)):
        row = int(batch.connection_row[number])
        connection = None
        if row >= 0:
            assert row == connections
            assert batch.connections[row, lay.C_SET] == number
            connections += 1
            connection = _connection(batch, row)
        message = Message(connection, nodes.pop(number, None), logs.pop(number, []))
        if batch.malformed[number]:
            assert message == Message(None, None, [])
        result.append(None if batch.malformed[number] else message)
    assert (connections, nodes, logs) == (len(batch.connections), {}, {})
    return result


def _logs(batch: LogBatch) -> dict[int, list[Log]]:
    rows = dict.fromkeys(batch.tables, 0)
    messages = batch.order[:, lay.MESSAGE].tolist()
    assert messages == sorted(messages)
    found: dict[int, list[Log]] = {}
    for message, operation, row, offset, flags in batch.order.tolist():
        columns: dict[str, int | str] = {}
        if operation in rows:
            assert row == rows[operation]
            rows[operation] += 1
            columns = _columns(batch, operation, row)
        found.setdefault(message, []).append(Log(operation, offset, bool(flags & lay.TIMESTAMP_MISSING), columns))
    assert rows == {operation: len(table) for operation, table in batch.tables.items()}
    return found


def _columns(batch: LogBatch, operation: int, row: int) -> dict[str, int | str]:
    columns: dict[str, int | str] = dict(
        zip(lay.COLUMNS[operation], batch.tables[operation][row].tolist(), strict=True)
    )
    if operation == lay.HTTP:
        columns["path"] = _text(batch, int(columns.pop("path.offset")), int(columns.pop("path.length")))
    return columns


def _node(batch: LogBatch, message: int, occurrences: int, at: int, size: int) -> bytes:
    offsets = batch.block.offsets
    last = batch.payload[at : at + size].tobytes()
    assert offsets[message] <= at <= at + size <= offsets[message + 1]
    node = EBPFAccessLogNodeInfo.FromString(last)
    if occurrences > 1:
        whole = EBPFAccessLogMessage.FromString(batch.payload[offsets[message] : offsets[message + 1]].tobytes())
        node = whole.node
    return node.SerializeToString(deterministic=True)


def _connection(batch: LogBatch, row: int) -> Connection:
    register = batch.connections[row].tolist()
    tunnel = None
    if register[lay.Z_SET]:
        tunnel = (register[lay.Z_BY], register[lay.Z_POLICY], _text(batch, *register[lay.Z_IP : lay.Z_IP + 2]))
    return Connection(
        register[lay.C_ROLE],
        register[lay.C_TLS],
        register[lay.C_PROTOCOL],
        _address(batch, register, lay.L_KIND),
        _address(batch, register, lay.R_KIND),
        tunnel,
    )


def _address(batch: LogBatch, register: Sequence[int], kind: int) -> Address:
    service, pod, host, *rest = (_text(batch, *register[kind + at : kind + at + 2]) for at in range(1, 11, 2))
    names, port = (service, pod, *rest), register[kind + 11]
    match register[kind]:
        case lay.KUBERNETES:
            assert host == ""
            return ("kubernetes", *names, port)
        case lay.IP:
            assert (*names, port) == ("", "", "", "", 0)
            return ("ip", host)
        case unset:
            assert (unset, *names, host, port) == (0, "", "", "", "", "", 0)
            return ()


def _text(batch: LogBatch, at: int, size: int) -> str:
    return batch.payload[at : at + size].tobytes().decode()
