"""Drawings of who calls whom, from relation rows (spec query 4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from oap.entity import ids
from oap.entity.components import Component, component
from oap.storage.contract import InstanceRelationRow, ServiceRelationRow

_USER = "User"
_USER_TYPE = "USER"
_UNKNOWN_LAYERS = ("UNDEFINED",)

CLIENT = "CLIENT"
SERVER = "SERVER"


@dataclass(slots=True)
class Node:
    """A service. ``type`` is the component that serves its calls, None if it was only ever seen calling."""

    id: str
    name: str
    is_real: bool
    layers: tuple[str, ...]
    type: str | None = None


@dataclass(slots=True)
class InstanceNode:
    """An instance."""

    id: str
    name: str
    service_id: str
    service_name: str
    is_real: bool
    type: str = ""


@dataclass(slots=True)
class Call:
    """A directed edge; lists are in order of first appearance and free of repetition."""

    id: str
    source: str
    target: str
    source_components: list[str] = field(default_factory=list)
    target_components: list[str] = field(default_factory=list)
    detect_points: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Topology:
    """Services and calls."""

    nodes: Sequence[Node] = ()
    calls: Sequence[Call] = ()


@dataclass(frozen=True, slots=True)
class InstanceTopology:
    """Instances and calls."""

    nodes: Sequence[InstanceNode] = ()
    calls: Sequence[Call] = ()


ServerRows = Callable[[Sequence[str]], Iterable[ServiceRelationRow]]


def service_topology(
    rows: Iterable[ServiceRelationRow],
    layers: Mapping[str, tuple[str, ...]],
    asked: frozenset[str] | None,
    relations_of: ServerRows,
) -> Topology:
    """Topology of edges, client side first.

    ``layers``: layers by service id. ``asked``: the services whose edges these are, None for all services;
    ``relations_of`` loads edges of services outside it, to learn what they serve. Raises EntityError for an id that is
    none.
    """
    drawing = _Drawing(layers)
    callers = [row.source_service_id for row in rows if drawing.add(row)]
    outside = [] if asked is None else [one for one in dict.fromkeys(callers) if one not in asked]
    untyped = [one for one in outside if drawing.nodes[one].type is None]
    if untyped:
        drawing.name_servers(untyped, relations_of(untyped))
    return Topology(tuple(drawing.nodes.values()), tuple(drawing.calls.values()))


class _Drawing:
    """A service topology under construction."""

    def __init__(self, layers: Mapping[str, tuple[str, ...]]) -> None:
        self.nodes: dict[str, Node] = {}
        self.calls: dict[str, Call] = {}
        self._layers = layers
        self._served: dict[str, Component] = {}

    def add(self, row: ServiceRelationRow) -> bool:
        """Take in an edge, once for each of its components; return whether it is one of the client side."""
        for component_id in row.component_ids:
            self._add(row, component(component_id))
        return not row.is_server_side and bool(row.component_ids)

    def name_servers(self, service_ids: Sequence[str], rows: Iterable[ServiceRelationRow]) -> None:
        """Give these services the first component that they serve in the rows."""
        for row in rows:
            if row.is_server_side and row.dest_service_id in service_ids and row.component_ids:
                node = self.nodes[row.dest_service_id]
                node.type = node.type or component(row.component_ids[0]).name

    def _add(self, row: ServiceRelationRow, spoken: Component) -> None:
        dest, source = self._node(row.dest_service_id), self._node(row.source_service_id)
        call = self.calls.setdefault(row.entity_id, Call(row.entity_id, source.id, dest.id))
        _append(call.detect_points, SERVER if row.is_server_side else CLIENT)
        if row.is_server_side:
            _append(call.target_components, spoken.name)
            self._type_conjectured(source, spoken)
            self._type_server(dest, spoken)
        else:
            _append(call.source_components, spoken.name)
            self._type_conjectured(dest, spoken)

    def _node(self, service_id: str) -> Node:
        node = self.nodes.get(service_id)
        if node is None:
            name, is_real = ids.decode_service_id(service_id)
            node = Node(service_id, name, is_real, self._layers.get(service_id, _UNKNOWN_LAYERS))
            self.nodes[service_id] = node
        return node

    def _type_conjectured(self, node: Node, spoken: Component) -> None:
        if not node.is_real:
            node.type = _USER_TYPE if node.name == _USER else spoken.name

    def _type_server(self, node: Node, spoken: Component) -> None:
        known = self._served.get(node.id)
        if known is None or spoken.priority > known.priority:
            self._served[node.id] = spoken
            node.type = spoken.name


def instance_topology(rows: Iterable[InstanceRelationRow]) -> InstanceTopology:
    """Topology of edges between instances. Raises EntityError for an id that is none."""
    nodes: dict[str, InstanceNode] = {}
    calls: dict[str, Call] = {}
    for row in rows:
        source, dest = row.source_service_instance_id, row.dest_service_instance_id
        for one in (source, dest):
            if one not in nodes:
                nodes[one] = _instance_node(one)
        call = calls.setdefault(row.entity_id, Call(row.entity_id, source, dest))
        _append(call.detect_points, SERVER if row.is_server_side else CLIENT)
    return InstanceTopology(tuple(nodes.values()), tuple(calls.values()))


def _instance_node(instance_id: str) -> InstanceNode:
    service_id, name = ids.decode_instance_id(instance_id)
    service_name, is_real = ids.decode_service_id(service_id)
    return InstanceNode(instance_id, name, service_id, service_name, is_real)


def _append(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
