"""Routes and the entities they add up to."""

import pytest

from oap.entity.names import NameLimits
from oap.entity.routes import (
    ABSENT,
    CLIENT,
    INSTANCE,
    INSTANCE_RELATION,
    PROXY,
    SERVER,
    SERVICE,
    SERVICE_RELATION,
    Entity,
    Route,
    RouteTable,
    Side,
)

UNKNOWN = Side("Unknown", "Unknown", is_unknown=True)
A, B = Side("a", "a-0"), Side("b", "b-0")
SERVICE_A, SERVICE_B, SERVICE_UNKNOWN = "YQ==.1", "Yg==.1", "VW5rbm93bg==.1"


def entities(local: Side, remote: Side, role: int = CLIENT, limits: NameLimits | None = None) -> dict[str, str | None]:
    """Entity id by scope of a single route, None where it has none."""
    table = RouteTable(limits or NameLimits())
    route = table.intern(local, remote, role, (110,), 0)
    numbers = {scope: int(column.view[route]) for scope, column in table.entity_of.items()}
    return {
        scope: None if number == ABSENT else table.entities[scope].entities[number].entity_id
        for scope, number in numbers.items()
    }


def test_route_adds_up_to_four_entities() -> None:
    assert entities(A, B) == {
        SERVICE: SERVICE_A,
        INSTANCE: f"{SERVICE_A}_YS0w",
        SERVICE_RELATION: f"{SERVICE_A}-{SERVICE_B}",
        INSTANCE_RELATION: f"{SERVICE_A}_YS0w-{SERVICE_B}_Yi0w",
    }


@pytest.mark.parametrize(
    ("role", "relation"),
    [
        (CLIENT, f"{SERVICE_A}-{SERVICE_B}"),
        (PROXY, f"{SERVICE_A}-{SERVICE_B}"),
        (SERVER, f"{SERVICE_B}-{SERVICE_A}"),
    ],
)
def test_only_servers_turn_the_relation_round(role: int, relation: str) -> None:
    found = entities(A, B, role)
    assert (found[SERVICE], found[SERVICE_RELATION]) == (SERVICE_A, relation)


def test_unknown_local_side_is_no_service_or_instance() -> None:
    assert entities(UNKNOWN, B, SERVER) == {
        SERVICE: None,
        INSTANCE: None,
        SERVICE_RELATION: f"{SERVICE_B}-{SERVICE_UNKNOWN}",
        INSTANCE_RELATION: f"{SERVICE_B}_Yi0w-{SERVICE_UNKNOWN}_VW5rbm93bg==",
    }


def test_unknown_peer_has_relations() -> None:
    found = entities(A, UNKNOWN)
    assert found[SERVICE_RELATION] == f"{SERVICE_A}-{SERVICE_UNKNOWN}"
    assert found[INSTANCE_RELATION] == f"{SERVICE_A}_YS0w-{SERVICE_UNKNOWN}_VW5rbm93bg=="


def test_service_that_only_bears_the_name_is_an_entity() -> None:
    found = entities(Side("Unknown", "x"), B)
    assert (found[SERVICE], found[INSTANCE]) == (SERVICE_UNKNOWN, f"{SERVICE_UNKNOWN}_eA==")
    assert entities(Side("Unknown", "Unknown"), B)[SERVICE] == SERVICE_UNKNOWN


@pytest.mark.parametrize(("local", "remote"), [(Side("a", ""), B), (A, Side("b", ""))])
def test_side_without_a_pod_has_no_instance_relation(local: Side, remote: Side) -> None:
    found = entities(local, remote)
    assert found[INSTANCE_RELATION] is None
    assert (found[INSTANCE] is None) == (local.pod == "")
    assert found[SERVICE_RELATION] is not None


def test_blank_service_name_is_replaced_in_ids_only() -> None:
    table = RouteTable(NameLimits())
    table.intern(Side("", "p"), B, CLIENT, (), 0)
    assert table.entities[SERVICE].entities == [Entity("X2JsYW5r.1", "X2JsYW5r.1", ("",))]


def test_names_equal_after_cutting_leave_only_the_service_relation_out() -> None:
    limits = NameLimits(service=3, instance=2)
    table = RouteTable(limits)
    route = table.intern(Side("abc1", "pod1"), Side("abc2", "pod2"), CLIENT, (), 0)
    cut = Side("abc", "po")
    assert table.routes[route] == Route(cut, cut, cut, CLIENT, (), 0)
    assert table.self_related == [route]
    found = entities(Side("abc1", "pod1"), Side("abc2", "pod2"), limits=limits)
    assert [scope for scope, entity in found.items() if entity is None] == [SERVICE_RELATION]


def test_equal_routes_share_a_number() -> None:
    table = RouteTable(NameLimits())
    numbers = [
        table.intern(A, B, CLIENT, (110,), 0),
        table.intern(A, B, SERVER, (110,), 0),
        table.intern(A, B, CLIENT, (130,), 1),
        table.intern(A, B, CLIENT, (110,), 0),
        table.intern(B, A, CLIENT, (110,), 0),
    ]
    assert numbers == [0, 1, 2, 0, 3]
    assert table.entity_of[SERVICE].view.tolist() == [0, 0, 0, 1]
    assert table.entity_of[SERVICE_RELATION].view.tolist() == [0, 1, 0, 1]
    assert table.local_service.view.tolist() == [0, 0, 0, 1]
    assert table.local_services == ["a", "b"]
    assert table.is_client.view.tolist() == [True, False, True, True]


def test_route_has_the_values_of_its_cell_columns() -> None:
    table = RouteTable(NameLimits())
    route = table.intern(A, Side("b", ""), SERVER, (142, 162), 1)
    values = {
        "detect_point": "SERVER",
        "local_service": "a",
        "local_instance": "a-0",
        "source_service": "b",
        "dest_service": "a",
        "source_instance": "",
        "dest_instance": "a-0",
        "local_service_id": SERVICE_A,
        "local_instance_id": f"{SERVICE_A}_YS0w",
        "source_service_id": SERVICE_B,
        "dest_service_id": SERVICE_A,
        "source_instance_id": None,
        "dest_instance_id": f"{SERVICE_A}_YS0w",
        "service_relation_id": f"{SERVICE_B}-{SERVICE_A}",
        "component_ids": ("142", "162"),
        "tls_mode": "TLS",
    }
    assert {column: table.value(column, route) for column in values} == values


@pytest.mark.parametrize("local", [A, UNKNOWN, Side("Unknown", "Unknown"), Side("c", "")])
@pytest.mark.parametrize("role", [CLIENT, SERVER, PROXY])
def test_described_route_is_the_same_elsewhere(local: Side, role: int) -> None:
    here, there = RouteTable(NameLimits()), RouteTable(NameLimits())
    route = here.intern(local, B, role, (49,), 1)
    assert there.routes[there.intern_described(here.describe(route))] == here.routes[route]
