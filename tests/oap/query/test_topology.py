import itertools

from oap.entity import ids
from oap.query.topology import Topology, service_topology
from oap.storage.contract import ServiceRelationRow


def row(source: str, dest: str, *components: int, is_server_side: bool = True) -> ServiceRelationRow:
    return ServiceRelationRow(202601011230, is_server_side, f"{source}-{dest}", source, dest, components)


A, B = ids.service_id("a"), ids.service_id("b")
USER, PEER = ids.service_id("User", is_normal=False), ids.service_id("db:3306", is_normal=False)


def types(topology: Topology) -> dict[str, str | None]:
    return {node.name: node.type for node in topology.nodes}


def test_server_type_is_the_component_of_highest_priority_in_any_order() -> None:
    for order in itertools.permutations((110, 130, 142, 49, 129)):
        rows = [row(A, B, component) for component in order]
        assert types(service_topology(rows, {}, None, lambda _: ())) == {"a": None, "b": "https"}


def test_component_outside_the_catalogue_outranks_all() -> None:
    rows = [row(A, B, 129), row(A, B, 7777)]
    assert types(service_topology(rows, {}, None, lambda _: ())) == {"a": None, "b": "Unknown"}


def test_client_row_types_only_what_is_not_real() -> None:
    rows = [row(A, B, 49, is_server_side=False), row(A, PEER, 110, is_server_side=False)]
    assert types(service_topology(rows, {}, None, lambda _: ())) == {"a": None, "b": None, "db:3306": "tcp"}


def test_user_is_typed_as_such() -> None:
    assert types(service_topology([row(USER, A, 49)], {}, None, lambda _: ())) == {"User": "USER", "a": "http"}


def test_call_of_a_service_to_itself_is_one_node() -> None:
    topology = service_topology([row(A, A, 49)], {A: ("K8S_SERVICE",)}, None, lambda _: ())
    assert [(node.name, node.layers) for node in topology.nodes] == [("a", ("K8S_SERVICE",))]
    assert [(call.source, call.target) for call in topology.calls] == [(A, A)]


def test_row_without_components_is_no_call() -> None:
    assert service_topology([row(A, B)], {}, None, lambda _: ()) == Topology()


def test_caller_outside_what_was_asked_is_typed_by_its_own_edges() -> None:
    own = [row(B, A, 110, is_server_side=False), row(B, A, 49), row(B, A, 129)]
    asked: list[list[str]] = []

    def edges_of(service_ids: object) -> list[ServiceRelationRow]:
        asked.append(list(service_ids))  # type: ignore[call-overload]
        return own

    topology = service_topology([row(A, B, 49, is_server_side=False)], {}, frozenset({B}), edges_of)
    assert (types(topology), asked) == ({"b": None, "a": "http"}, [[A]])
