"""Columns of a decoded table that are not plain numbers: syscalls, methods, paths, devices, times (spec entities 5)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oap.compiled import njit
from oap.entity import interning
from oap.entity.interning import intern_text
from oap.entity.names import http_method
from oap.entity.nodes import Node
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import LogBatch
from oap.timebucket import Precision, bucket_of

Coded = tuple[npt.NDArray[np.int32], Sequence[object]]

_UNRECOGNIZED = "UNRECOGNIZED"
_WRITE_SYSCALLS = ("Write", "Writev", "Send", "SendTo", "SendMsg", "SendMmsg", "SendFile", "SendFile64", _UNRECOGNIZED)
_READ_SYSCALLS = ("Read", "Readv", "Recv", "RecvFrom", "RecvMsg", "RecvMmsg", _UNRECOGNIZED)
_METHODS = tuple(http_method(number) for number in range(10))
_NAMES = {"write.syscall": _WRITE_SYSCALLS, "read.syscall": _READ_SYSCALLS, "protocol.http.method": _METHODS}


class TableColumns:
    """Coded columns of one operation's table, computed when a rule asks for them.

    ``minute`` int32[rows] is the minute index of each row, ``message_node`` int32[messages] the node of each message.
    """

    def __init__(
        self,
        operation: int,
        batch: LogBatch,
        minute: npt.NDArray[np.int32],
        message_node: npt.NDArray[np.int32],
        nodes: Sequence[Node],
    ) -> None:
        self._operation = operation
        self._batch = batch
        self._table = batch.tables[operation]
        self._minute = minute
        self._message_node = message_node
        self._nodes = nodes

    def coded(self, name: str) -> Coded:
        """Codes (int32[rows]) and values of a column by its attribute path. Raises KeyError for any other path."""
        if name == "time_bucket":
            minutes, codes = np.unique(self._minute, return_inverse=True)
            return codes.astype(np.int32), [bucket_of(max(int(m), 0), Precision.MINUTE) for m in minutes]
        if name in {"write.l2.networkDeviceName", "read.l2.netDeviceName"}:
            return self._device_names(name.partition(".")[0])
        if name == "protocol.http.url":
            return _texts(self._batch.payload, self._table[:, lay.HTTP_PATH], self._table[:, lay.HTTP_PATH + 1])
        values = _NAMES[name]
        numbers = self._table[:, lay.COLUMNS[self._operation].index(name)]
        known = (numbers >= 0) & (numbers < len(values) - 1)
        return np.where(known, numbers, len(values) - 1).astype(np.int32), values

    def _device_names(self, operation: str) -> Coded:
        column = lay.COLUMNS[self._operation].index(f"{operation}.l2.ifindex")
        order = self._batch.order
        message = order[order[:, lay.OPERATION] == self._operation, lay.MESSAGE]
        pairs = np.stack([self._message_node[message].astype(np.int64), self._table[:, column]], axis=1)
        distinct, codes = np.unique(pairs, axis=0, return_inverse=True)
        names = [self._nodes[node].interfaces.get(index) if node >= 0 else None for node, index in distinct.tolist()]
        return codes.reshape(-1).astype(np.int32), names


def _texts(payload: npt.NDArray[np.uint8], at: npt.NDArray[np.int64], size: npt.NDArray[np.int64]) -> Coded:
    table = interning.new_text_table()
    codes = np.empty(len(at), dtype=np.int32)
    done = 0
    while True:
        done = _intern_all(table, payload, at, size, codes, done)
        if done == len(at):
            return codes, [table.text(number) for number in range(int(table.size[0]))]
        table = interning.grown_texts(table)


@njit()
def _intern_all(
    table: interning.TextTable,
    payload: npt.NDArray[np.uint8],
    at: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int32],
    first: int,
) -> int:
    for row in range(first, len(at)):
        code = intern_text(table, payload, at[row], size[row])
        if code < 0:
            return row
        codes[row] = code
    return len(at)
