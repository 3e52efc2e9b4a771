"""A connection cache with a registry of the test's own, fed with events, answering in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from oap.accounting import Accounts, Outcome
from oap.entity.addresses import ResolvedAddress
from oap.entity.connections import ConnectionCache
from oap.entity.errors import LookupFailed
from oap.entity.names import NameLimits
from oap.entity.nodes import NodeTable
from oap.entity.routes import DETECT_POINTS, RouteTable
from oap.receiver.decode.batch import Decoder
from tests.oap.pipeline_run import blocks
from tests.oracle.fixture import connection, ip, message, pod
from tests.oracle.model import Event, Mark

A, B, C = pod("a", "a-0"), pod("b", "b-0"), pod("c", "c-0")


def linked(local: str, remote: str, role: str = "client", *, more: str = "") -> bytes:
    """A message with nothing but a connection."""
    return message(connection(local, remote, role, more=more))


def calling(host: str) -> bytes:
    """A message with a connection from pod A to a host."""
    return linked(A, ip(host))


@dataclass(slots=True)
class HandRegistry:
    """Hosts by hand; ``asked`` lists what was resolved. A host whose answer is an exception raises it."""

    hosts: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    valid_for_s: int = 180
    version: int = 0

    def resolve(self, host: str) -> ResolvedAddress | None:
        self.asked.append(host)
        if host in self.failing:
            raise LookupFailed(host)
        found = self.hosts.get(host)
        return ResolvedAddress(*found) if found else None


@dataclass(slots=True)
class Rig:
    """Feeds blocks and says for each message which route its logs take, or why none."""

    limit: int = 200_000
    registry: HandRegistry = field(default_factory=HandRegistry)
    accounts: Accounts = field(default_factory=Accounts)
    nodes: NodeTable = field(default_factory=NodeTable)
    routes: RouteTable = field(default_factory=lambda: RouteTable(NameLimits()))
    cache: ConnectionCache = field(init=False)
    decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self.cache = ConnectionCache(self.routes, self.nodes, self.registry, self.accounts, self.limit)
        self.decoder = Decoder(rows=16)

    def feed(self, events: Sequence[Event], now: float = 0, batch: int = 1000) -> list[str]:
        """What becomes of each message's logs."""
        found: list[str] = []
        for block in blocks(events, batch):
            attribution = self.cache.attribute(self.decoder.decode(block), now)
            found += [self._in_words(route) for route in attribution.route.tolist()]
        return found

    def one(self, raw: bytes, now: float = 0) -> str:
        """What becomes of the logs of a message that is a stream of its own."""
        (found,) = self.feed(stream(raw), now)
        return found

    def _in_words(self, number: int) -> str:
        if number < 0:
            return Outcome(-number).name
        route = self.routes.routes[number]
        source, dest = (f"{side.service}/{side.pod}" for side in (route.source, route.dest))
        return f"{source} > {dest} {DETECT_POINTS[route.role]} {'|'.join(map(str, route.components))}"


def stream(*raws: bytes, slot: int = 0) -> list[Event]:
    """A whole stream."""
    return [(slot, Mark.BEGIN), *sent(slot, raws), (slot, Mark.END)]


def sent(slot: int, raws: Iterable[bytes]) -> list[Event]:
    """Messages of an open stream."""
    return [(slot, raw) for raw in raws]
