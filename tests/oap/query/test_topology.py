"""Drawings are made from rows as the specification says, whatever their order (spec query 4)."""

import itertools
from collections.abc import Sequence

import pytest

from oap.entity import ids
from oap.entity.errors import EntityError
from oap.query.topology import Call, InstanceNode, Topology, instance_topology, service_topology
from oap.storage.contract import InstanceRelationRow, ServiceRelationRow


def row(source: str, dest: str, *components: int, is_server_side: bool = True) -> ServiceRelationRow:
    return ServiceRelationRow(202601011230, is_server_side, f"{source}-{dest}", source, dest, components)


A, B = ids.service_id("a"), ids.service_id("b")
USER, PEER = ids.service_id("User", is_normal=False), ids.service_id("db:3306", is_normal=False)


def drawn(*rows: ServiceRelationRow) -> Topology:
    """Topology of all services."""
    return service_topology(rows, {}, None, lambda _: ())


def calls(topology: Topology) -> Sequence[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Components of both sides and detect points of each call."""
    return [(one.source_components, one.target_components, one.detect_points) for one in topology.calls]


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


def test_call_seen_from_both_sides_has_the_components_of_each() -> None:
    topology = drawn(row(A, B, 49, is_server_side=False), row(A, B, 49, 142))
    assert calls(topology) == [(["http"], ["http", "mtls"], ["CLIENT", "SERVER"])]
    assert types(topology) == {"a": None, "b": "http"}


def test_call_seen_from_one_side_says_nothing_of_the_other() -> None:
    topology = drawn(row(A, B, 110, is_server_side=False), row(B, A, 130))
    assert calls(topology) == [(["tcp"], [], ["CLIENT"]), ([], ["tls"], ["SERVER"])]
    assert types(topology) == {"a": "tls", "b": None}


def test_component_is_named_once_however_many_rows_have_it() -> None:
    topology = drawn(row(A, B, 49), row(A, B, 49, 110), row(A, B, 110), row(A, B, 5, 6))
    assert calls(topology) == [([], ["http", "tcp", "Unknown"], ["SERVER"])]


def test_caller_that_is_not_real_is_typed_by_what_it_speaks() -> None:
    assert types(drawn(row(PEER, A, 110), row(A, PEER, 49, is_server_side=False))) == {"a": "tcp", "db:3306": "http"}


def test_service_of_which_there_is_no_row_is_in_no_layer() -> None:
    topology = service_topology([row(A, B, 49)], {A: ("MESH", "K8S_SERVICE")}, None, lambda _: ())
    assert {node.name: node.layers for node in topology.nodes} == {"a": ("MESH", "K8S_SERVICE"), "b": ("UNDEFINED",)}


def test_only_callers_of_the_client_side_that_have_no_type_are_looked_up() -> None:
    def never(service_ids: object) -> list[ServiceRelationRow]:
        raise AssertionError(service_ids)

    typed = [row(B, A, 49, is_server_side=False), row(A, B, 110)]
    assert types(service_topology(typed, {}, frozenset({A}), never)) == {"a": None, "b": "tcp"}
    assert types(service_topology([row(B, A, 49)], {}, frozenset({A}), never)) == {"a": "http", "b": None}


def test_calls_stand_in_the_order_in_which_they_are_first_seen() -> None:
    c = ids.service_id("c")
    topology = drawn(
        row(B, c, 49, is_server_side=False), row(A, B, 49, is_server_side=False), row(A, c, 49), row(A, B, 49)
    )
    assert [(one.source, one.target) for one in topology.calls] == [(B, c), (A, B), (A, c)]


def test_id_that_is_none_cannot_be_drawn() -> None:
    with pytest.raises(EntityError):
        drawn(row("no id", A, 49))


POD_A, POD_B = ids.instance_id(A, "a-0"), ids.instance_id(PEER, "b-0")


def pods(source: ids.InstanceId, dest: ids.InstanceId, *, is_server_side: bool) -> InstanceRelationRow:
    services = [ids.decode_instance_id(one)[0] for one in (source, dest)]
    return InstanceRelationRow(
        202601011230, is_server_side, ids.instance_relation_id(source, dest), services[0], source, services[1], dest
    )


def test_instances_call_each_other_in_both_directions() -> None:
    rows = [
        pods(POD_A, POD_B, is_server_side=False),
        pods(POD_B, POD_A, is_server_side=False),
        pods(POD_A, POD_B, is_server_side=True),
    ]
    topology = instance_topology(rows)
    assert topology.nodes == (
        InstanceNode(POD_A, "a-0", A, "a", is_real=True, type=""),
        InstanceNode(POD_B, "b-0", PEER, "db:3306", is_real=False, type=""),
    )
    assert topology.calls == (
        Call(f"{POD_A}-{POD_B}", POD_A, POD_B, [], [], ["CLIENT", "SERVER"]),
        Call(f"{POD_B}-{POD_A}", POD_B, POD_A, [], [], ["CLIENT"]),
    )
