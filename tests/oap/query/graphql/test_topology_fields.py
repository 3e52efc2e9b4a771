from collections.abc import Mapping, Sequence
from typing import Any

from tests.oap.query.client import RANGE, ask
from tests.oap.query.cluster import DETAILS, GATEWAY, PAGE, RATINGS, REVIEWS, STORE, pod, sid

TOPOLOGY = """{ nodes { id name type isReal layers }
    calls { id source target sourceComponents targetComponents detectPoints } debuggingTrace { traceId } }"""


def by_name(topology: Mapping[str, Any]) -> Mapping[str, Any]:
    return {node["name"]: node for node in topology["nodes"]}


def edges(topology: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    names = {node["id"]: node["name"] for node in topology["nodes"]}
    return [(names[call["source"]], names[call["target"]]) for call in topology["calls"]]


def test_swctl_global_topology_shows_the_layer(cluster_url: str) -> None:
    query = f"""query ($layer: String, $duration: Duration!) {{
        result: getGlobalTopology(layer: $layer, duration: $duration) {TOPOLOGY} }}"""
    found = ask(cluster_url, query, layer="K8S_SERVICE", duration=RANGE)["result"]
    nodes = by_name(found)
    assert {name: node["type"] for name, node in nodes.items()} == {
        "Unknown": None,
        GATEWAY: "https",
        PAGE: "https",
        DETAILS: "http",
        REVIEWS: "http",
        RATINGS: "http",
        STORE: None,
    }
    assert nodes["Unknown"]["layers"] == ["UNDEFINED"]
    assert (nodes[DETAILS]["isReal"], nodes[DETAILS]["layers"]) == (True, ["K8S_SERVICE"])
    assert found["debuggingTrace"] is None
    calls = {call["id"]: call for call in found["calls"]}
    assert calls[f"{sid(PAGE)}-{sid(DETAILS)}"] == {
        "id": f"{sid(PAGE)}-{sid(DETAILS)}",
        "source": sid(PAGE),
        "target": sid(DETAILS),
        "sourceComponents": ["http"],
        "targetComponents": ["http", "mtls"],
        "detectPoints": ["CLIENT", "SERVER"],
    }


def test_layer_without_services_has_an_empty_topology(cluster_url: str) -> None:
    query = f'query ($d: Duration!) {{ getGlobalTopology(layer: "GENERAL", duration: $d) {TOPOLOGY} }}'
    assert ask(cluster_url, query, d=RANGE)["getGlobalTopology"] == {"nodes": [], "calls": [], "debuggingTrace": None}


def test_topology_of_a_service_has_its_neighbours_and_their_types(cluster_url: str) -> None:
    query = f"query ($id: ID!, $d: Duration!) {{ getServiceTopology(serviceId: $id, duration: $d) {TOPOLOGY} }}"
    found = ask(cluster_url, query, id=sid(REVIEWS), d=RANGE)["getServiceTopology"]
    assert edges(found) == [(PAGE, REVIEWS), (REVIEWS, RATINGS)]
    # The caller lies outside what was asked for; what it serves is learnt from its own edges.
    assert by_name(found)[PAGE]["type"] == "https"


def test_topology_of_services_unites_theirs(cluster_url: str) -> None:
    query = f"query ($ids: [ID!]!, $d: Duration!) {{ getServicesTopology(serviceIds: $ids, duration: $d) {TOPOLOGY} }}"
    found = ask(cluster_url, query, ids=[sid(DETAILS), sid(RATINGS)], d=RANGE)["getServicesTopology"]
    assert set(edges(found)) == {(PAGE, DETAILS), (REVIEWS, RATINGS), (RATINGS, STORE)}
    assert ask(cluster_url, query, ids=[], d=RANGE)["getServicesTopology"]["nodes"] == []


def test_instance_topology_is_the_same_asked_from_either_side(cluster_url: str) -> None:
    query = """query ($client: ID!, $server: ID!, $d: Duration!) { getServiceInstanceTopology(
        clientServiceId: $client, serverServiceId: $server, duration: $d)
        { nodes { id name type isReal serviceName } calls { id sourceComponents targetComponents detectPoints } } }"""
    found = ask(cluster_url, query, client=sid(PAGE), server=sid(DETAILS), d=RANGE)["getServiceInstanceTopology"]
    assert found == {
        "nodes": [
            {"id": pod(PAGE), "name": "productpage-v1-0", "type": "", "isReal": True, "serviceName": PAGE},
            {"id": pod(DETAILS), "name": "details-v1-0", "type": "", "isReal": True, "serviceName": DETAILS},
        ],
        "calls": [
            {
                "id": f"{pod(PAGE)}-{pod(DETAILS)}",
                "sourceComponents": [],
                "targetComponents": [],
                "detectPoints": ["CLIENT", "SERVER"],
            }
        ],
    }
    swapped = ask(cluster_url, query, client=sid(DETAILS), server=sid(PAGE), d=RANGE)
    assert swapped["getServiceInstanceTopology"] == found


def test_topologies_by_name_equal_those_by_id(cluster_url: str) -> None:
    query = """query ($d: Duration!, $a: ServiceCondition!, $b: ServiceCondition!) {
        one: getServiceTopologyByName(service: $a, duration: $d) { calls { id } }
        two: getServicesTopologyByNames(services: [$a, $b], duration: $d) { calls { id } }
        pods: getServiceInstanceTopologyByName(clientService: $a, serverService: $b, duration: $d) { calls { id } } }"""
    found = ask(cluster_url, query, d=RANGE, a={"serviceName": PAGE}, b={"serviceName": DETAILS})
    assert [len(topology["calls"]) for topology in found.values()] == [3, 3, 1]


def test_endpoints_and_processes_have_no_topology(cluster_url: str) -> None:
    query = """query ($d: Duration!) {
        getEndpointDependencies(endpointId: "a", duration: $d) { nodes { id } calls { id } }
        getProcessTopology(serviceInstanceId: "a", duration: $d) { nodes { id } calls { id } } }"""
    nothing: Mapping[str, Sequence[object]] = {"nodes": [], "calls": []}
    assert ask(cluster_url, query, d=RANGE) == {"getEndpointDependencies": nothing, "getProcessTopology": nothing}


def test_debugging_is_accepted_and_not_done(cluster_url: str) -> None:
    selected = "{ calls { id } debuggingTrace { traceId spans { spanId msg } } }"
    query = f"""query ($id: ID!, $d: Duration!, $s: ServiceCondition!, $e: EndpointCondition!, $i: InstanceCondition!) {{
        a: getGlobalTopology(duration: $d, debug: true) {selected}
        b: getServiceTopology(serviceId: $id, duration: $d, debug: true) {selected}
        c: getServicesTopology(serviceIds: [$id], duration: $d, debug: true) {selected}
        d: getServiceInstanceTopology(clientServiceId: $id, serverServiceId: $id, duration: $d, debug: true) {selected}
        e: getEndpointDependencies(endpointId: $id, duration: $d, debug: true) {selected}
        f: getEndpointTopology(endpointId: $id, duration: $d, debug: true) {selected}
        g: getProcessTopology(serviceInstanceId: $id, duration: $d, debug: true) {selected}
        h: getServiceTopologyByName(service: $s, duration: $d, debug: true) {selected}
        i: getServicesTopologyByNames(services: [$s], duration: $d, debug: true) {selected}
        j: getServiceInstanceTopologyByName(clientService: $s, serverService: $s, duration: $d, debug: true) {selected}
        k: getEndpointDependenciesByName(endpoint: $e, duration: $d, debug: true) {selected}
        l: getProcessTopologyByName(instance: $i, duration: $d, debug: true) {selected} }}"""
    service = {"serviceName": DETAILS}
    pods, paths = service | {"instanceName": "details-v1-0"}, service | {"endpointName": "GET:/details/0"}
    found = ask(cluster_url, query, id=sid(DETAILS), d=RANGE, s=service, e=paths, i=pods)
    assert [topology["debuggingTrace"] for topology in found.values()] == [None] * 12
    assert [len(topology["calls"]) for topology in found.values()] == [6, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0]


def test_rows_of_other_minutes_hours_and_days_are_not_drawn(cluster_url: str) -> None:
    query = "query ($d: Duration!) { getGlobalTopology(duration: $d) { calls { id } } }"

    def count(start: str, end: str, step: str) -> int:
        found = ask(cluster_url, query, d={"start": start, "end": end, "step": step})
        return len(found["getGlobalTopology"]["calls"])

    assert count("2026-01-01 1230", "2026-01-01 1230", "MINUTE") == 6
    assert count("2026-01-01 1200", "2026-01-01 1229", "MINUTE") == 0
    # Copies by hour and day are rows of their own, and this cluster has none; by second there never are any.
    assert count("2026-01-01 12", "2026-01-01 12", "HOUR") == 0
    assert count("2026-01-01 123000", "2026-01-01 123059", "SECOND") == 0


def test_a_service_of_another_layer_is_drawn_where_it_is_called(cluster_url: str) -> None:
    query = 'query ($d: Duration!) { getGlobalTopology(duration: $d, layer: "MESH") { nodes { name layers } } }'
    found = ask(cluster_url, query, d=RANGE)["getGlobalTopology"]["nodes"]
    assert {node["name"]: node["layers"] for node in found} == {
        GATEWAY: ["K8S_SERVICE"],
        PAGE: ["MESH", "K8S_SERVICE"],
        DETAILS: ["K8S_SERVICE"],
        REVIEWS: ["K8S_SERVICE"],
    }
