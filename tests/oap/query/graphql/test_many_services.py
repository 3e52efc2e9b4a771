"""Lists and drawings of a large cluster are whole (spec query 7)."""

from collections.abc import Iterator

import pytest

from oap.entity import ids
from oap.entity.components import HTTP, HTTPS
from oap.entity.layers import Layer
from oap.storage.contract import HandOver, ServiceRelationRow, ServiceTraffic
from tests.oap.query.client import RANGE, ask
from tests.oap.query.cluster import FIRST, LAST, dependencies, memory_store, serving

COUNT = 1000
IDS = [ids.service_id(f"service-{number:04}.large") for number in range(COUNT)]


def _relations() -> Iterator[ServiceRelationRow]:
    """Each service calls the next three; both sides see it."""
    for number, source in enumerate(IDS):
        for step in (1, 2, 3):
            dest = IDS[(number + step) % COUNT]
            relation = ids.service_relation_id(source, dest)
            yield ServiceRelationRow(LAST, False, relation, source, dest, (HTTP,))
            yield ServiceRelationRow(LAST, True, relation, source, dest, (HTTP, HTTPS))


@pytest.fixture(scope="module")
def large_url() -> Iterator[str]:
    services = [ServiceTraffic(one, ids.decode_service_id(one)[0], Layer.K8S_SERVICE, FIRST) for one in IDS]
    with memory_store() as storage:
        storage.write(HandOver(services=services, service_relations=list(_relations())))
        with serving(dependencies(storage)) as url:
            yield url


def test_a_thousand_services_are_listed(large_url: str) -> None:
    found = ask(large_url, '{ listServices(layer: "K8S_SERVICE") { id name layers } }')["listServices"]
    assert sorted(one["id"] for one in found) == sorted(IDS)


def test_calls_of_a_thousand_services_are_drawn(large_url: str) -> None:
    fields = "{ nodes { id type layers } calls { id sourceComponents targetComponents detectPoints } }"
    query = f"""query ($ids: [ID!]!, $d: Duration!) {{ page: getServicesTopology(serviceIds: $ids, duration: $d) {fields}
        layer: getGlobalTopology(layer: "K8S_SERVICE", duration: $d) {fields}
        all: getGlobalTopology(duration: $d) {fields} }}"""
    found = ask(large_url, query, ids=IDS, d=RANGE)
    assert found["page"] == found["layer"] == found["all"]
    assert {node["id"] for node in found["page"]["nodes"]} == set(IDS)
    assert {(node["type"], *node["layers"]) for node in found["page"]["nodes"]} == {("https", "K8S_SERVICE")}
    assert len({call["id"] for call in found["page"]["calls"]}) == len(found["page"]["calls"]) == 3 * COUNT
    call = {"sourceComponents": ["http"], "targetComponents": ["http", "https"], "detectPoints": ["CLIENT", "SERVER"]}
    assert all(call.items() <= one.items() for one in found["page"]["calls"])


def test_half_of_a_thousand_services_have_their_callers_typed(large_url: str) -> None:
    query = """query ($ids: [ID!]!, $d: Duration!) { getServicesTopology(serviceIds: $ids, duration: $d) {
        nodes { id type } calls { id } } }"""
    found = ask(large_url, query, ids=IDS[:500], d=RANGE)["getServicesTopology"]
    # Three callers before the first and three callees after the last lie outside.
    assert {node["id"] for node in found["nodes"]} == {*IDS[:503], *IDS[-3:]}
    assert len(found["calls"]) == 3 * 500 + 6
    types = {node["id"]: node["type"] for node in found["nodes"]}
    assert {types[one] for one in IDS[:503]} == {"https"}
    # What callers outside serve is learnt from the first component that servers saw.
    assert {types[one] for one in IDS[-3:]} == {"http"}
