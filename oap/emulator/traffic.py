"""The streams that the Rovers of a scenario send (spec protocol 3.1 and 3.2): a pure function of its arguments."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from operator import attrgetter, itemgetter

import numpy as np

from oap.emulator.cluster import Cluster, place
from oap.emulator.connection import Side
from oap.emulator.logs import LAST_INTERFACE, LogWriter
from oap.emulator.malformed import Spoiler
from oap.emulator.scenario import Scenario
from oap.emulator.simulation import Entry, Exchanges, lanes_of
from oap.emulator.wire import bytes_field
from oap.protocol import accesslog_pb2 as pb

MOST_CONNECTIONS = 10_000
"""Connections per stream; Rover splits a larger flush."""

_UPTIME_S = (7_200, 400_000)
_NODE_FIELD = 1
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Flush:
    """What one node sends at one moment: its streams, one after the other, each a tuple of encoded messages.

    ``due_ns`` is the moment in ns since the start of the simulation; ``logs`` counts the well-formed kernel and
    protocol logs in all streams.
    """

    node: str
    due_ns: int
    streams: tuple[tuple[bytes, ...], ...]
    logs: int


def traffic(scenario: Scenario, seed: int, start_s: int, node: str, periods: int | None = None) -> Iterator[Flush]:
    """Yield one node's flushes in order of time; a flush without data has no stream and is left out.

    ``start_s`` is the wall time (epoch seconds) at which the simulation starts. With ``periods``, calls begin in that
    many flush periods only and the flushes after them bring what is still queued; without, there is no end.
    """
    return cluster_traffic(scenario, seed, start_s, periods, only=[node])


def cluster_traffic(
    scenario: Scenario, seed: int, start_s: int, periods: int | None = None, only: Collection[str] | None = None
) -> Iterator[Flush]:
    """Yield the flushes of all nodes (or those named), period after period, each with the bytes of ``traffic``."""
    cluster = place(scenario)
    names = [node.name for node in scenario.nodes]
    wanted = [number for number, name in enumerate(names) if only is None or name in only]
    uptimes_ns = [_uptime_ns(seed, number) for number in range(len(names))]
    logs = LogWriter(seed)
    exchanges = [Exchanges(lane, logs, uptimes_ns, wanted) for lane in lanes_of(cluster)]
    queues = {number: _Rover(cluster, number, seed, start_s, uptimes_ns[number]) for number in wanted}
    period_ns = scenario.flush_period_ns
    for period in count():
        is_over = periods is not None and period >= periods
        if is_over and all(rover.is_drained for rover in queues.values()):
            return
        if not is_over:
            for exchange in exchanges:
                exchange.run(seed, period, period_ns, lambda entry: queues[entry.side.node].offer(entry))
        yield from sorted(
            (flush for rover in queues.values() for flush in rover.flushes(period)), key=attrgetter("due_ns")
        )


class _Rover:
    """Queues, flush and stream layout of one node."""

    def __init__(self, cluster: Cluster, number: int, seed: int, start_s: int, uptime_ns: int) -> None:
        self._scenario = cluster.scenario
        self._number = number
        self._seed = seed
        self._uptime_ns = uptime_ns
        self._node = bytes_field(_NODE_FIELD, node_info(cluster, number, start_s, uptime_ns).SerializeToString())
        self._queues: dict[int, list[Entry]] = defaultdict(list)
        self._spoiler = Spoiler(cluster.scenario.malformed, self._node)
        self._next_period = 0

    @property
    def is_drained(self) -> bool:
        """Nothing is left to send."""
        return not self._queues

    def offer(self, entry: Entry) -> None:
        """Queue an entry for the flush that comes after it is ready; one that is due already goes with the next."""
        period = entry.ready_ns // self._scenario.flush_period_ns + entry.late
        self._queues[max(period, self._next_period)].append(entry)

    def flushes(self, period: int) -> Iterator[Flush]:
        """Yield the flushes of a period: those forced by a full queue, then the one at its end."""
        self._next_period = period + 1
        entries = sorted(self._queues.pop(period, []), key=itemgetter(0))
        period_ns, most = self._scenario.flush_period_ns, self._scenario.max_count
        random = np.random.Generator(np.random.PCG64([self._seed, 2, self._number, period]))
        name = self._scenario.nodes[self._number].name
        for first in range(0, len(entries), most):
            part = entries[first : first + most]
            is_last = first + most >= len(entries)
            due_ns = self._due_ns(period) if is_last else max(part[-1].ready_ns, period * period_ns)
            streams = self._spoiler.spoil(self._streams(part, random), random, self._uptime_ns + due_ns)
            yield Flush(name, due_ns, streams, sum(entry.logs for entry in part))

    def _due_ns(self, period: int) -> int:
        """Rovers were not started at the same moment: their flushes are spread over a period."""
        period_ns = self._scenario.flush_period_ns
        return (period + 1) * period_ns + self._number * period_ns // len(self._scenario.nodes)

    def _streams(self, entries: list[Entry], random: np.random.Generator) -> list[list[list[bytes]]]:
        """Streams of blocks of messages; the blocks of a flush stand in no particular order."""
        blocks: dict[Side, list[Entry]] = defaultdict(list)
        for entry in entries:
            blocks[entry.side].append(entry)
        sides = list(blocks)
        order = random.permutation(len(sides)).tolist()
        streams = []
        for first in range(0, len(order), MOST_CONNECTIONS):
            stream = [_block(sides[at], blocks[sides[at]]) for at in order[first : first + MOST_CONNECTIONS]]
            stream[0][0] = self._node + stream[0][0]
            streams.append(stream)
        return streams


def _block(side: Side, entries: list[Entry]) -> list[bytes]:
    """Messages of one connection: all plain logs in one, then one per exchange; only the first names the connection."""
    side.is_detected = side.is_detected or any(entry.has_data for entry in entries)
    plain = b"".join(entry.body for entry in entries if not entry.is_exchange)
    messages = [plain] if plain else []
    messages += [entry.body for entry in entries if entry.is_exchange]
    messages[0] = side.encoded() + messages[0]
    return messages


def node_info(cluster: Cluster, number: int, start_s: int, uptime_ns: int) -> pb.EBPFAccessLogNodeInfo:
    """Return what a Rover says of its node; its boot time is its own wall clock, skew included, less the uptime."""
    scenario = cluster.scenario
    node = scenario.nodes[number]
    boot_ns = start_s * _SECOND_NS + node.clock_skew_ns - uptime_ns
    info = pb.EBPFAccessLogNodeInfo(name=node.name, clusterName=scenario.cluster)
    info.bootTime.seconds, info.bootTime.nanos = divmod(boot_ns, _SECOND_NS)
    # An empty setting is sent as one empty name.
    info.policy.excludeNamespaces.extend(scenario.exclude_namespaces or ("",))
    info.netInterfaces.add(index=1, mtu=65536, name="lo")
    info.netInterfaces.add(index=2, mtu=1500, name="eth0")
    info.netInterfaces.add(index=3, mtu=1450, name="cni0")
    for index in range(4, max(LAST_INTERFACE, 3 + len(cluster.pods_of(number))) + 1):
        info.netInterfaces.add(index=index, mtu=1450, name=f"veth{(number << 12 | index) * 0x9E37 & 0xFFFFFFFF:08x}")
    return info


def _uptime_ns(seed: int, number: int) -> int:
    random = np.random.Generator(np.random.PCG64([seed, 3, number]))
    return int(random.integers(*_UPTIME_S)) * _SECOND_NS + int(random.integers(_SECOND_NS))
