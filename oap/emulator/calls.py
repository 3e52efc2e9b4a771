"""Draws the calls of one pair of peers in one flush period: a pure function of seed, call and period."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oap.emulator.cluster import Peer
from oap.emulator.logs import POOL
from oap.emulator.scenario import STATUS_CODES, Call, Distribution

_EPHEMERAL_PORTS = (32_768, 61_000)
_LARGEST_BODY = 1 << 26
_SHORTEST_CALL_NS = 50_000
_CODES_PER_CLASS = 140
"""A multiple of the length of every list in STATUS_CODES, so that one draw picks from any of them evenly."""

PICKS = 12
"""Small random numbers below logs.POOL that each call brings along."""


class Drawn(NamedTuple):
    """One call. Times are ns since the start of the simulation; ``late_*`` are flush periods; sizes are bytes.

    ``delay_ns`` is the way from one pod to the other. ``trace`` is 32 random bytes; ``trace_kind`` is a number from 0
    to 1 to be held against the shares of the call.
    """

    start_ns: int
    latency_ns: int
    delay_ns: int
    client: int
    server: int
    slot: int
    opens: bool
    fails: bool
    by_cluster_ip: bool
    client_port: int
    late_client: int
    late_server: int
    status: int
    path: int
    request_bytes: int
    response_bytes: int
    trace_kind: float
    picks: tuple[int, ...]
    trace: bytes


@dataclass(frozen=True, slots=True)
class Lane:
    """A call of the scenario with everything about it that never changes."""

    number: int
    call: Call
    client: Peer
    server: Peer

    def draw(self, seed: int, period: int, period_ns: int) -> Iterator[Drawn]:
        """Yield the calls that start in a period, in order of time."""
        call = self.call
        random = np.random.Generator(np.random.PCG64([seed, 0, self.number, period]))
        count = int(random.poisson(call.rate * period_ns / 1e9))
        starts = np.sort(random.integers(0, period_ns, count)) + period * period_ns
        latencies = np.maximum(_lognormal(random, call.latency_ms, count, 1e6), _SHORTEST_CALL_NS)
        columns = (
            starts,
            latencies,
            np.minimum(random.integers(60_000, 400_000, count), latencies // 5),
            random.integers(0, len(self.client.endpoints), count),
            random.integers(0, len(self.server.endpoints), count),
            random.integers(0, call.pool, count),
            random.random(count) < call.new_connection_share,
            random.random(count) < call.failed_connect_share,
            random.random(count) < call.cluster_ip_share,
            random.integers(*_EPHEMERAL_PORTS, count),
            _lateness(random, call.late_share, count),
            _lateness(random, call.late_share, count),
            _statuses(random, call, count),
            random.integers(0, 1 << 40, count),
            _lognormal(random, call.request_bytes, count, 1.0),
            _lognormal(random, call.response_bytes, count, 1.0),
            random.random(count),
        )
        picks = random.integers(0, POOL, (count, PICKS)).tolist()
        words = random.bytes(32 * count)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for at, row in enumerate(rows):
            yield Drawn._make((*row, tuple(picks[at]), words[32 * at : 32 * at + 32]))


def _lognormal(
    random: np.random.Generator, distribution: Distribution, count: int, unit: float
) -> npt.NDArray[np.int64]:
    values = np.exp(distribution.mu + distribution.sigma * random.standard_normal(count)) * unit
    return np.clip(values, 1, _LARGEST_BODY * max(unit / 1e3, 1.0)).astype(np.int64)


def _lateness(random: np.random.Generator, share: float, count: int) -> npt.NDArray[np.int64]:
    return np.where(random.random(count) < share, random.integers(1, 3, count), 0)


def _statuses(random: np.random.Generator, call: Call, count: int) -> npt.NDArray[np.int64]:
    codes = np.array([np.resize(codes, _CODES_PER_CLASS) for codes in STATUS_CODES])
    edges = np.cumsum(call.status_shares)[:-1]
    classes = np.searchsorted(edges, random.random(count), side="right")
    return codes[classes, random.integers(0, _CODES_PER_CLASS, count)]
