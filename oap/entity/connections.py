"""From messages to routes: the state of streams and a cache of connections by what decides their entities.

Ports decide nothing, so they are no part of a connection's key: a peer that opens a new connection for every call is
one entry here. The cache is bounded: when it is full it starts anew. Streams remember routes and not entries, so they
keep the addresses that their connection was built with (spec entities 1, 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oap.accounting import Accounts, Outcome
from oap.compiled import njit
from oap.entity import interning
from oap.entity.addresses import UNKNOWN_NAME, AddressRegistry, service_and_pod
from oap.entity.components import component_ids
from oap.entity.errors import LookupFailed
from oap.entity.interning import intern_text, intern_tuple
from oap.entity.nodes import NodeTable
from oap.entity.routes import PROXY, RouteTable, Side
from oap.growing import GrowingArray
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import LogBatch
from oap.renumbering import Kept, renumbered

# Columns of a connection's key. An address is its kind and two texts: service and pod, or host and nothing.
CLUSTER, LOCAL, REMOTE, ROLE, TLS, PROTOCOL, ZTUNNEL = 0, 1, 4, 7, 8, 9, 10
KEY_WIDTH = 11
BARE_KUBERNETES = 3  # kind of an address that has nothing but service and pod; the others are those of the decoder
ZTUNNEL_NONE, ZTUNNEL_MTLS, ZTUNNEL_OTHER = 0, 1, 2

_NONE = -1
_UNCONNECTED = -int(Outcome.NO_CONNECTION)
_NEVER = float("inf")
_NOBODY = Side(UNKNOWN_NAME, UNKNOWN_NAME, is_unknown=True)


class _Followed(NamedTuple):
    """int32 arrays by message: node, route the stream had before this batch, its connection, and the one just built."""

    node: npt.NDArray[np.int32]
    route: npt.NDArray[np.int32]
    connection: npt.NDArray[np.int32]
    built: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Per message: ``route`` int32, or minus the ``Outcome`` that its logs share; ``node`` int32, -1 without one."""

    route: npt.NDArray[np.int32]
    node: npt.NDArray[np.int32]


class _Refused(Exception):  # noqa: N818  (a verdict on a connection, caught where it is asked for)
    """Why a connection is invalid; ``who`` is the service in question, None where the addresses say it."""

    def __init__(self, reason: Outcome, who: str | None = None) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.who = who


@njit(boundscheck=False)
def _walk(  # noqa: C901, PLR0912, PLR0915  (one compiled loop)
    first: int,
    payload: npt.NDArray[np.uint8],
    streams: npt.NDArray[np.int32],
    events: npt.NDArray[np.int64],
    malformed: npt.NDArray[np.bool_],
    node_of_message: npt.NDArray[np.int32],
    connection_row: npt.NDArray[np.int32],
    connections: npt.NDArray[np.int64],
    cluster_of_node: npt.NDArray[np.int64],
    stream_node: npt.NDArray[np.int32],
    stream_route: npt.NDArray[np.int32],
    stream_built: npt.NDArray[np.int32],
    texts: interning.TextTable,
    keys: interning.TupleTable,
    message_node: npt.NDArray[np.int32],
    message_route: npt.NDArray[np.int32],
    message_connection: npt.NDArray[np.int32],
    built: npt.NDArray[np.int32],
) -> int:
    """Follow all streams through the messages from ``first`` on; return the one that found a table full, or the end.

    A message gets the connection that its stream built in this batch, else the route its stream had before. Applying
    the events of a position twice is harmless, so a message can be repeated from its start.
    """
    key = np.empty(KEY_WIDTH, dtype=np.int64)
    event = 0
    while event < len(events) and events[event, 0] < first:
        event += 1
    for number in range(first, len(streams) + 1):
        while event < len(events) and events[event, 0] == number:
            stream_node[events[event, 1]] = _NONE
            stream_route[events[event, 1]] = _UNCONNECTED
            stream_built[events[event, 1]] = _NONE
            event += 1
        if number == len(streams):
            break
        stream = streams[number]
        if malformed[number]:
            # What the message would have said is lost, and the logs behind it may belong to another connection.
            stream_route[stream] = _UNCONNECTED
            stream_built[stream] = _NONE
            message_route[number] = _UNCONNECTED
            message_connection[number] = _NONE
            message_node[number] = _NONE
            continue
        if node_of_message[number] >= 0:
            stream_node[stream] = node_of_message[number]
        node = stream_node[stream]
        row = connection_row[number]
        if row >= 0:
            source = connections[row]
            key[CLUSTER] = cluster_of_node[node] if node >= 0 else -1
            for side in range(2):
                base = LOCAL if side == 0 else REMOTE
                kind = source[lay.L_KIND if side == 0 else lay.R_KIND]
                service = lay.L_SERVICE if side == 0 else lay.R_SERVICE
                key[base] = kind
                key[base + 1] = -1
                key[base + 2] = -1
                if kind == lay.KUBERNETES:
                    # container name, process name and port follow the host
                    if source[service + 7] == 0 and source[service + 9] == 0 and source[service + 10] == 0:
                        key[base] = BARE_KUBERNETES
                    key[base + 1] = intern_text(texts, payload, source[service], source[service + 1])
                    key[base + 2] = intern_text(texts, payload, source[service + 2], source[service + 3])
                    if key[base + 1] < 0 or key[base + 2] < 0:
                        return number
                elif kind == lay.IP:
                    host = service + 4
                    if side == 1 and source[lay.Z_SET] != 0 and source[lay.Z_BY] == 0:
                        host = lay.Z_IP
                    key[base + 1] = intern_text(texts, payload, source[host], source[host + 1])
                    if key[base + 1] < 0:
                        return number
            role = source[lay.C_ROLE]
            key[ROLE] = role if 0 <= role <= PROXY else PROXY + 1
            key[TLS] = source[lay.C_TLS] == 1
            protocol = source[lay.C_PROTOCOL]
            key[PROTOCOL] = protocol if 0 <= protocol <= 2 else 3
            key[ZTUNNEL] = ZTUNNEL_NONE
            if source[lay.Z_SET] != 0:
                key[ZTUNNEL] = ZTUNNEL_MTLS if source[lay.Z_POLICY] == 0 else ZTUNNEL_OTHER
            connection = intern_tuple(keys, key)
            if connection < 0:
                return number
            stream_built[stream] = connection
            built[number] = connection
        message_node[number] = node
        message_route[number] = stream_route[stream]
        message_connection[number] = stream_built[stream]
    return len(streams)


class ConnectionCache:
    """Streams, connections and their routes. One thread at a time.

    ``limit`` bounds how many connections and distinct texts are remembered between two batches.
    """

    _texts: interning.TextTable
    _keys: interning.TupleTable
    _route: GrowingArray
    _valid_until: GrowingArray
    _refusals: dict[int, _Refused]

    def __init__(
        self,
        routes: RouteTable,
        nodes: NodeTable,
        registry: AddressRegistry,
        accounts: Accounts,
        limit: int = 200_000,
    ) -> None:
        self._routes = routes
        self._nodes = nodes
        self._registry = registry
        self._version = registry.version
        self._accounts = accounts
        self._limit = limit
        self._stream_node = GrowingArray(np.int32, fill=_NONE)
        self._stream_route = GrowingArray(np.int32, fill=_UNCONNECTED)
        self._stream_built = GrowingArray(np.int32, fill=_NONE)
        self._start_over()

    def __len__(self) -> int:
        return len(self._route)

    def attribute(self, batch: LogBatch, now_s: float) -> Attribution:
        """Routes and nodes of a batch's messages; streams, nodes and connections are followed in order of arrival."""
        if interning.exceeds(self._texts, self._keys, self._limit):
            self._start_over()
        followed = self._follow(batch)
        self._resolve(followed.built, now_s)
        route = followed.route
        is_built_now = followed.connection >= 0
        route[is_built_now] = self._route.view[followed.connection[is_built_now]]
        self._settle_streams()
        self._note_refused(batch, followed.built)
        return Attribution(route, followed.node)

    def routes_in_use(self) -> npt.NDArray[np.int32]:
        """Routes of the connections that open streams are at."""
        routes = np.unique(self._stream_route.view)
        return routes[routes >= 0]

    def keep_routes(self, routes: Kept) -> None:
        """Follow the renumbering of the routes, those in use being kept; connections are forgotten and resolved anew."""
        self._start_over()
        self._stream_route.view[:] = renumbered(self._stream_route.view, routes)

    def _follow(self, batch: LogBatch) -> _Followed:
        block = batch.block
        total = len(block)
        node_of_message = self._nodes_of(batch)
        events = np.array(block.events, dtype=np.int64).reshape(-1, 3)
        highest = max(int(block.streams.max(initial=-1)), int(events[:, 1].max(initial=-1)))
        for column in (self._stream_node, self._stream_route, self._stream_built):
            column.resize(highest + 1)
        followed = _Followed(*np.full((4, total), _NONE, dtype=np.int32))
        done = 0
        while True:
            done = _walk(
                done,
                block.payload,
                block.streams,
                events,
                batch.malformed,
                node_of_message,
                batch.connection_row,
                batch.connections,
                self._nodes.cluster.view,
                self._stream_node.view,
                self._stream_route.view,
                self._stream_built.view,
                self._texts,
                self._keys,
                followed.node,
                followed.route,
                followed.connection,
                followed.built,
            )
            if done == total:
                return followed
            self._texts = interning.grown_texts(self._texts)
            self._keys = interning.grown_tuples(self._keys)

    def _nodes_of(self, batch: LogBatch) -> npt.NDArray[np.int32]:
        """int32[messages]: number of the node that a message announces, -1 for most of them."""
        found = np.full(len(batch.block), _NONE, dtype=np.int32)
        offsets = batch.block.offsets
        for message, occurrences, at, size in batch.nodes.tolist():
            if occurrences == 1:
                found[message] = self._nodes.intern(batch.payload[at : at + size].tobytes())
            else:
                whole = batch.payload[offsets[message] : offsets[message + 1]].tobytes()
                found[message] = self._nodes.intern_repeated(whole)
        return found

    def _resolve(self, built: npt.NDArray[np.int32], now_s: float) -> None:
        """Find routes for connections that are new, or were built again after their answer's validity had ended."""
        first = len(self._route)
        total = int(self._keys.size[0])
        self._route.resize(total)
        self._valid_until.resize(total)
        if self._version != self._registry.version:
            self._version = self._registry.version
            self._valid_until.view[:first] = np.minimum(self._valid_until.view[:first], now_s)
        used = np.unique(built[built >= 0])
        stale = used[(used < first) & (self._valid_until.view[used] <= now_s)]
        for number in (*stale.tolist(), *range(first, total)):
            self._resolve_one(number, now_s)

    def _resolve_one(self, number: int, now_s: float) -> None:
        key = self._keys.rows[number].tolist()
        valid_for: float = self._registry.valid_for_s if lay.IP in {key[LOCAL], key[REMOTE]} else _NEVER
        try:
            self._route.view[number] = self._route_of(key)
        except _Refused as refusal:
            self._route.view[number] = -int(refusal.reason)
            self._refusals[number] = refusal
        except LookupFailed:
            self._route.view[number] = -int(Outcome.LOOKUP_FAILED)
            self._refusals[number] = _Refused(Outcome.LOOKUP_FAILED)
            valid_for = 0.0
        self._valid_until.view[number] = now_s + valid_for

    def _route_of(self, key: Sequence[int]) -> int:
        """Route of a connection's key. Raises _Refused for an invalid one, LookupFailed if the registry cannot tell."""
        if key[LOCAL] == 0 or key[REMOTE] == 0:
            raise _Refused(Outcome.CONNECTION_LOSS)
        cluster = self._nodes.clusters[key[CLUSTER]] if key[CLUSTER] >= 0 else ""
        remote = self._side(key, REMOTE, cluster)
        if key[LOCAL] == lay.IP:
            return self._route_between(key, self._side(key, LOCAL, cluster), remote)
        # A public service sees ever-new peers, and all that nothing is known of have one route: half the time is saved.
        alike: tuple[int | Side, ...] = (*key[LOCAL:REMOTE], *key[ROLE:], remote)
        route = self._routes_alike.get(alike)
        if route is None:
            route = self._routes_alike[alike] = self._route_between(key, self._side(key, LOCAL, cluster), remote)
        return route

    def _route_between(self, key: Sequence[int], local: Side, remote: Side) -> int:
        if local.service == remote.service:
            raise _Refused(Outcome.SAME_SERVICE, local.service)
        if key[ROLE] > PROXY:
            raise _Refused(Outcome.UNKNOWN_ROLE)
        policy = None if key[ZTUNNEL] == ZTUNNEL_NONE else key[ZTUNNEL] - ZTUNNEL_MTLS
        components = component_ids(key[PROTOCOL], key[TLS], policy)
        return self._routes.intern(local, remote, key[ROLE], components, key[TLS])

    def _side(self, key: Sequence[int], at: int, cluster: str) -> Side:
        text = self._texts.text(key[at + 1])
        if key[at] == lay.IP:
            found = self._registry.resolve(text)
            return _NOBODY if found is None else Side(*service_and_pod(cluster, found), is_unknown=False)
        pod = self._texts.text(key[at + 2])
        is_unknown = key[at] == BARE_KUBERNETES and text == pod == UNKNOWN_NAME
        return Side(text, pod, is_unknown=is_unknown)

    def _settle_streams(self) -> None:
        """Let streams remember the route instead of the connection, which may be resolved anew for others."""
        built, route = self._stream_built.view, self._stream_route.view
        changed = np.flatnonzero(built >= 0)
        route[changed] = self._route.view[built[changed]]
        built[changed] = _NONE

    def _note_refused(self, batch: LogBatch, built: npt.NDArray[np.int32]) -> None:
        messages = np.flatnonzero(built >= 0)
        messages = messages[self._route.view[built[messages]] < 0]
        numbers, times = np.unique(built[messages], return_counts=True)
        for number, count in zip(numbers.tolist(), times.tolist(), strict=True):
            refusal = self._refusals[number]
            if refusal.who is not None:
                self._accounts.note(refusal.reason, refusal.who, count)
                continue
            for row in batch.connection_row[messages[built[messages] == number]].tolist():
                self._accounts.note(refusal.reason, _addresses(batch, row))

    def _start_over(self) -> None:
        self._texts = interning.new_text_table()
        self._keys = interning.new_tuple_table(KEY_WIDTH)
        self._route = GrowingArray(np.int32)
        self._valid_until = GrowingArray(np.float64)
        self._refusals = {}
        self._routes_alike: dict[tuple[int | Side, ...], int] = {}


def _addresses(batch: LogBatch, row: int) -> str:
    """Both addresses of a connection as drop reasons show them (spec entities 11)."""
    connection = batch.connections[row].tolist()

    def address(kind: int) -> str:
        service, pod, host, container, process = (
            batch.payload[connection[at] : connection[at] + connection[at + 1]].tobytes().decode()
            for at in range(kind + 1, kind + 11, 2)
        )
        return {lay.KUBERNETES: f"{service}-{pod}-{container}-{process}", lay.IP: host}.get(connection[kind], "null")

    return f"{address(lay.L_KIND)}_{address(lay.R_KIND)}"
