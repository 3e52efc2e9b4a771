"""Calls between pods as blocks of messages: rows for the pipeline without a sender."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oap.receiver.block import Block, StreamEvent
from oap.timebucket import Precision, bucket_of
from tests.oracle.fixture import connection, http, kernel, message, node, pod

BOOT_S = 1714521600
"""2024-05-01 00:00:00 UTC."""
FIRST_MINUTE = BOOT_S // 60
DAY = 1440


@dataclass(frozen=True, slots=True)
class Call:
    """One log of the pod ``server``, called by ``client``, ``minute`` minutes after the first; ``ms`` is its duration.

    ``kind`` is "http" or an operation of the kernel; pods of equal tens belong to one service.
    """

    minute: int
    ms: int = 10
    kind: str = "http"
    client: int = 0
    server: int = 10
    code: int = 200
    method: str = "Get"
    path: str = "/"
    role: str = "server"

    def message(self) -> bytes:
        """The log with its connection and node."""
        start = (self.minute * 60 + 5) * 1_000_000_000
        duration = self.ms * 1_000_000
        log = kernel(self.kind, start, duration)
        if self.kind == "http":
            log = http(self.path, self.code, start, duration, method=self.method)
        local, remote = (self.server, self.client) if self.role == "server" else (self.client, self.server)
        ends = (_pod(local), _pod(remote))
        return message(node(boot=f"bootTime {{ seconds: {BOOT_S} }}"), connection(*ends, self.role), log)


def block_of(calls: Sequence[Call]) -> Block:
    """The calls in one block, each batch a stream of its own."""
    messages = [call.message() for call in calls]
    offsets = np.cumsum([0, *map(len, messages)], dtype=np.int64)
    payload = np.frombuffer(b"".join(messages), dtype=np.uint8)
    events = ((0, 0, StreamEvent.BEGIN), (len(messages), 0, StreamEvent.END))
    return Block(payload, offsets, np.zeros(len(messages), dtype=np.int32), events)


def minute(number: int) -> int:
    """Bucket of a minute."""
    return bucket_of(FIRST_MINUTE + number, Precision.MINUTE)


def hour(number: int) -> int:
    """Bucket of the hour that a minute is in."""
    return minute(number) // 100


def day(number: int) -> int:
    """Bucket of the day that a minute is in."""
    return minute(number) // 10000


def _pod(number: int) -> str:
    return pod(f"s{number // 10}.shop", f"p{number}")
