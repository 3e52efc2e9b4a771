from collections.abc import Iterator

import httpx
import pytest

from oap.entity import ids
from oap.entity.layers import Layer
from oap.storage.contract import EndpointTraffic, HandOver, InstanceTraffic, ServiceTraffic
from tests.oap.query.client import RANGE, ask, post
from tests.oap.query.cluster import (
    DETAILS,
    FIRST,
    LAST,
    PAGE,
    SERVICES,
    dependencies,
    endpoint,
    memory_store,
    pod,
    serving,
    sid,
)

SERVICE = "{ id name group shortName layers normal }"
DETAILS_ROW = {
    "id": "ZGV0YWlscy5ib29raW5mbw==.1",
    "name": "details.bookinfo",
    "group": "",
    "shortName": "details.bookinfo",
    "layers": ["K8S_SERVICE"],
    "normal": True,
}


def test_clock_and_version_are_told(cluster_url: str) -> None:
    assert ask(cluster_url, "{ version getTimeInfo { timezone currentTimestamp } }") == {
        "version": "0.1.0-1a2b3c4",
        "getTimeInfo": {"timezone": "+0000", "currentTimestamp": 1767270640000},
    }


def test_health_and_days_of_life_are_told(cluster_url: str) -> None:
    query = "{ checkHealth { score details } getMetricsTTL { day coldDay } getRecordsTTL { log coldLog } }"
    assert ask(cluster_url, query) == {
        "checkHealth": {"score": 0, "details": ""},
        "getMetricsTTL": {"day": 7, "coldDay": -1},
        "getRecordsTTL": {"log": 3, "coldLog": -1},
    }


def test_swctl_service_list_has_every_service(cluster_url: str) -> None:
    query = f"query ($duration: Duration!) {{ result: getAllServices(duration: $duration) {SERVICE} }}"
    found = {service["name"]: service for service in ask(cluster_url, query, duration=RANGE)["result"]}
    assert set(found) == set(SERVICES)
    assert found[DETAILS] == DETAILS_ROW
    assert found[PAGE]["layers"] == ["MESH", "K8S_SERVICE"]


@pytest.mark.parametrize(("layer", "count"), [("K8S_SERVICE", 6), ("MESH", 1), ("GENERAL", 0), ("", 6), (None, 6)])
def test_services_are_listed_by_layer(layer: str | None, count: int, cluster_url: str) -> None:
    query = "query queryServices($layer: String) { services: listServices(layer: $layer) { value: id label: name } }"
    assert len(ask(cluster_url, query, layer=layer)["services"]) == count


def test_service_is_found_by_id_and_by_exact_name(cluster_url: str) -> None:
    query = f"""query ($id: String!, $name: String!) {{
        id: getService(serviceId: $id) {SERVICE} name: findService(serviceName: $name) {SERVICE} }}"""
    found = {"id": DETAILS_ROW, "name": DETAILS_ROW}
    assert ask(cluster_url, query, id=sid(DETAILS), name=DETAILS) == found
    assert ask(cluster_url, query, id="no id", name="details") == {"id": None, "name": None}


def test_swctl_instance_list_has_the_pod(cluster_url: str) -> None:
    query = """query ($duration: Duration!, $serviceId: ID!) { result: listInstances(duration: $duration,
        serviceId: $serviceId) { id name language instanceUUID attributes { name value } } }"""
    assert ask(cluster_url, query, duration=RANGE, serviceId=sid(PAGE))["result"] == [
        {
            "id": pod(PAGE),
            "name": "productpage-v1-0",
            "language": "UNKNOWN",
            "instanceUUID": pod(PAGE),
            "attributes": [],
        }
    ]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-01-01 1230", "2026-01-01 1240", 1),  # last seen exactly at the start
        ("2026-01-01 1231", "2026-01-01 1240", 0),
        ("2026-01-01 1100", "2026-01-01 1159", 1),  # first seen one step after the end
        ("2026-01-01 1100", "2026-01-01 1158", 0),
        ("2026-01-01 1230", "2026-01-01 1200", 0),
    ],
)
def test_instances_are_those_alive_in_the_range(start: str, end: str, count: int, cluster_url: str) -> None:
    query = "query ($d: Duration!, $id: ID!) { listInstances(duration: $d, serviceId: $id) { id } }"
    duration = {"start": start, "end": end, "step": "MINUTE", "coldStage": False}
    assert len(ask(cluster_url, query, d=duration, id=sid(PAGE))["listInstances"]) == count


def test_instance_is_found_by_id(cluster_url: str) -> None:
    query = "query ($id: String!) { getInstance(instanceId: $id) { name } }"
    assert ask(cluster_url, query, id=pod(PAGE)) == {"getInstance": {"name": "productpage-v1-0"}}
    assert ask(cluster_url, query, id="nothing") == {"getInstance": None}


@pytest.mark.parametrize(
    ("keyword", "limit", "names"),
    [
        ("", 20, ["GET:/api/v1/products", "POST:/login", "GET:/productpage"]),
        ("", 1, ["GET:/api/v1/products"]),
        ("", 0, []),
        ("page", 20, ["GET:/productpage"]),
        (None, 2, ["GET:/api/v1/products", "POST:/login"]),
    ],
)
def test_endpoints_are_found_newest_first(keyword: str | None, limit: int, names: list[str], cluster_url: str) -> None:
    query = """query queryEndpoints($serviceId: ID!, $keyword: String, $limit: Int!, $duration: Duration) {
        pods: findEndpoint(serviceId: $serviceId, keyword: $keyword, limit: $limit, duration: $duration)
        { id value: name label: name } }"""
    for duration in (None, RANGE):
        found = ask(cluster_url, query, serviceId=sid(PAGE), keyword=keyword, limit=limit, duration=duration)
        assert [one["label"] for one in found["pods"]] == names


def test_endpoint_id_is_read_without_looking_it_up(cluster_url: str) -> None:
    query = "query ($id: ID!) { getEndpointInfo(endpointId: $id) { id name serviceId serviceName } }"
    assert ask(cluster_url, query, id=endpoint("a", "GET:/nowhere"))["getEndpointInfo"] == {
        "id": endpoint("a", "GET:/nowhere"),
        "name": "GET:/nowhere",
        "serviceId": "YQ==.1",
        "serviceName": "a",
    }


def test_older_names_and_conditions_by_name_lead_to_the_same(cluster_url: str) -> None:
    query = """query ($d: Duration!, $id: ID!, $service: ServiceCondition!) {
        a: getServiceInstances(duration: $d, serviceId: $id) { name }
        b: listInstancesByName(duration: $d, service: $service) { name }
        c: searchEndpoint(keyword: "login", serviceId: $id, limit: 5) { name }
        d: findEndpointByName(keyword: "login", service: $service, limit: 5) { name }
        e: searchServices(duration: $d, keyword: "product") { name }
        f: searchService(serviceCode: "productpage.bookinfo") { name } }"""
    service = {"serviceName": PAGE, "layer": "K8S_SERVICE"}
    pods, logins = [{"name": "productpage-v1-0"}], [{"name": "POST:/login"}]
    found = ask(cluster_url, query, d=RANGE, id=sid(PAGE), service=service)
    assert found == {"a": pods, "b": pods, "c": logins, "d": logins, "e": [{"name": PAGE}], "f": {"name": PAGE}}


def test_every_layer_but_the_undefined_one_is_listed(cluster_url: str) -> None:
    found = ask(cluster_url, "{ listLayers }")["listLayers"]
    assert len(found) == len(set(found)) == 46
    assert {"K8S_SERVICE", "MESH", "GENERAL", "CILIUM_SERVICE", "ENVOY_AI_GATEWAY"} <= set(found)
    assert "UNDEFINED" not in found


def test_levels_of_layers_are_listed(cluster_url: str) -> None:
    levels: dict[int, list[str]] = {}
    for one in ask(cluster_url, "{ listLayerLevels { layer level } }")["listLayerLevels"]:
        levels.setdefault(one["level"], []).append(one["layer"])
    assert {level: " ".join(sorted(layers)) for level, layers in levels.items()} == {
        3: "GENERAL MESH SO11Y_OAP VIRTUAL_DATABASE VIRTUAL_MQ",
        2: "ACTIVEMQ APISIX CLICKHOUSE KAFKA KONG MYSQL NGINX POSTGRESQL PULSAR RABBITMQ ROCKETMQ",
        1: "CILIUM_SERVICE MESH_DP",
        0: "K8S_SERVICE",
    }


def test_what_is_not_kept_answers_empty(cluster_url: str) -> None:
    query = """query ($d: Duration!) {
        listProcesses(duration: $d, instanceId: "a") { id }
        getProcess(processId: "a") { id }
        estimateProcessScale(serviceId: "a", labels: [])
        getServiceHierarchy(serviceId: "a", layer: "K8S_SERVICE") { relations { upperService { id } } }
        getInstanceHierarchy(instanceId: "a", layer: "K8S_SERVICE") { relations { lowerInstance { id } } } }"""
    assert ask(cluster_url, query, d=RANGE) == {
        "listProcesses": [],
        "getProcess": None,
        "estimateProcessScale": 0,
        "getServiceHierarchy": {"relations": []},
        "getInstanceHierarchy": {"relations": []},
    }


def test_malformed_range_is_an_error_of_the_field(cluster_url: str) -> None:
    query = 'query ($d: Duration!) { result: listInstances(duration: $d, serviceId: "a") { id } }'
    answer = post(cluster_url, query, d={"start": "2026-01-01", "end": "2026-01-01", "step": "MINUTE"})
    assert isinstance(answer, httpx.Response)
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert answer.json()["errors"][0]["path"] == ["result"]


def test_ids_that_are_none_find_nothing_and_break_nothing(cluster_url: str) -> None:
    query = """query ($d: Duration!) {
        a: getService(serviceId: "") { id }
        b: getService(serviceId: "%%%.1") { id }
        c: getInstance(instanceId: "%%%") { id }
        d: listInstances(duration: $d, serviceId: "no id") { id }
        e: findEndpoint(serviceId: "no id", limit: 5, duration: $d) { id }
        f: findService(serviceName: "") { id }
        g: listServices(layer: "NO_LAYER") { id }
        h: getServicesTopology(serviceIds: ["no id"], duration: $d) { nodes { id } }
        i: getServiceInstanceTopology(clientServiceId: "no", serverServiceId: "id", duration: $d) { nodes { id } } }"""
    nodes: dict[str, list[str]] = {"nodes": []}
    assert ask(cluster_url, query, d=RANGE) == {
        "a": None,
        "b": None,
        "c": None,
        "d": [],
        "e": [],
        "f": None,
        "g": [],
        "h": nodes,
        "i": nodes,
    }


@pytest.mark.parametrize("text", ["no id", "YQ==.1", "YQ==.1_", "YQ==.1_%%%", "YQ==.2_YQ==", "YQ==.1_YQ==_YQ=="])
def test_endpoint_id_that_is_none_is_an_error(text: str, cluster_url: str) -> None:
    answer = post(cluster_url, "query ($id: ID!) { getEndpointInfo(endpointId: $id) { id } }", id=text)
    assert isinstance(answer, httpx.Response)
    assert (answer.status_code, answer.json()["data"]) == (200, {"getEndpointInfo": None})
    [error] = answer.json()["errors"]
    assert text in error["message"]


def test_whatever_range_is_given_all_services_are_listed(cluster_url: str) -> None:
    query = (
        'query ($d: Duration!) { getAllServices(duration: $d) { id } searchServices(duration: $d, keyword: "") { id } }'
    )
    found = ask(cluster_url, query, d={"start": "?", "end": "2001-01-01", "step": "SECOND"})
    assert [len(services) for services in found.values()] == [len(SERVICES)] * 2


VIRTUAL = ids.service_id("db:3306", is_normal=False)


@pytest.fixture(scope="module")
def odd_url() -> Iterator[str]:
    """A store with a service in a group and one that is only known from calls to it."""
    names = {ids.service_id(name): name for name in ("prod::web.shop", "test::web.shop", "web.shop", "::web.shop")}
    services = [ServiceTraffic(one, name, Layer.K8S_SERVICE, FIRST) for one, name in names.items()]
    services.append(ServiceTraffic(VIRTUAL, "db:3306", Layer.VIRTUAL_DATABASE, FIRST))
    instances = [InstanceTraffic(ids.instance_id(VIRTUAL, "db-0"), VIRTUAL, "db-0", FIRST, LAST)]
    endpoints = [EndpointTraffic(ids.endpoint_id(VIRTUAL, "SELECT"), VIRTUAL, "SELECT", FIRST, LAST)]
    with memory_store() as storage:
        storage.write(HandOver(services=services, instances=instances, endpoints=endpoints))
        with serving(dependencies(storage)) as url:
            yield url


def test_services_have_the_group_before_the_colons(odd_url: str) -> None:
    query = """query ($d: Duration!, $g: String) { listServices { name group shortName }
        all: getAllServices(duration: $d) { name } prod: getAllServices(duration: $d, group: $g) { name } }"""
    found = ask(odd_url, query, d=RANGE, g="prod")
    assert {one["name"]: (one["group"], one["shortName"]) for one in found["listServices"]} == {
        "prod::web.shop": ("prod", "web.shop"),
        "test::web.shop": ("test", "web.shop"),
        "web.shop": ("", "web.shop"),
        "::web.shop": ("", "::web.shop"),
        "db:3306": ("", "db:3306"),
    }
    assert len(found["all"]) == 5
    assert found["prod"] == [{"name": "prod::web.shop"}]


def test_service_that_is_not_normal_is_found_by_id_only(odd_url: str) -> None:
    query = """query ($id: String!, $name: String!) {
        getService(serviceId: $id) { name normal layers } findService(serviceName: $name) { name } }"""
    assert ask(odd_url, query, id=VIRTUAL, name="db:3306") == {
        "getService": {"name": "db:3306", "normal": False, "layers": ["VIRTUAL_DATABASE"]},
        "findService": None,
    }


@pytest.mark.parametrize(
    ("layer", "count"), [("VIRTUAL_DATABASE", 1), ("VIRTUAL_GENAI", 1), ("UNDEFINED", 1), ("K8S_SERVICE", 0), (None, 0)]
)
def test_layer_of_a_condition_decides_whether_the_service_is_normal(
    layer: str | None, count: int, odd_url: str
) -> None:
    query = """query ($d: Duration!, $s: ServiceCondition!) {
        listInstancesByName(duration: $d, service: $s) { name }
        findEndpointByName(service: $s, limit: 9, duration: $d, keyword: "SEL") { name } }"""
    found = ask(odd_url, query, d=RANGE, s={"serviceName": "db:3306", "layer": layer})
    assert [len(rows) for rows in found.values()] == [count, count]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("K8S_SERVCE", "there is no layer 'K8S_SERVCE', did you mean 'K8S_SERVICE'?"),
        ("virtual_database", "there is no layer 'virtual_database', did you mean 'VIRTUAL_DATABASE'?"),
        ("everything", "there is no layer 'everything', see listLayers"),
    ],
)
def test_layer_of_a_condition_must_be_one(layer: str, message: str, cluster_url: str) -> None:
    query = """query ($d: Duration!, $s: ServiceCondition!) {
        pods: listInstancesByName(duration: $d, service: $s) { name }
        paths: findEndpointByName(service: $s, limit: 9) { name }
        calls: getServiceTopologyByName(service: $s, duration: $d) { nodes { name } } }"""
    answer = post(cluster_url, query, d=RANGE, s={"serviceName": PAGE, "layer": layer})
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert {error["message"] for error in answer.json()["errors"]} == {message}


@pytest.mark.parametrize(
    ("start", "end", "limit"), [("2026-01-01 1230", "2026-01-01 1200", 5), ("2026-01-01 1200", "2026-01-01 1230", -1)]
)
def test_endpoints_of_no_time_or_no_number_are_none(start: str, end: str, limit: int, cluster_url: str) -> None:
    query = "query ($id: ID!, $n: Int!, $d: Duration) { findEndpoint(serviceId: $id, limit: $n, duration: $d) { id } }"
    duration = {"start": start, "end": end, "step": "MINUTE"}
    assert ask(cluster_url, query, id=sid(PAGE), n=limit, d=duration)["findEndpoint"] == []


@pytest.mark.parametrize(
    ("start", "end", "step", "count"),
    [
        ("2026-01-01 12", "2026-01-01 12", "HOUR", 1),
        ("2026-01-01 11", "2026-01-01 11", "HOUR", 1),  # first seen one step after the end
        ("2026-01-01 10", "2026-01-01 10", "HOUR", 0),
        ("2026-01-01 13", "2026-01-01 14", "HOUR", 0),
        ("2026-01-01", "2026-01-01", "DAY", 1),
        ("2025-12-31", "2025-12-31", "DAY", 0),
        ("2026-01-01 123000", "2026-01-01 123001", "SECOND", 1),
    ],
)
def test_instances_and_endpoints_are_found_at_every_step(
    start: str, end: str, step: str, count: int, cluster_url: str
) -> None:
    query = """query ($d: Duration!, $id: ID!) { listInstances(duration: $d, serviceId: $id) { id }
        findEndpoint(duration: $d, serviceId: $id, limit: 1) { id } }"""
    found = ask(cluster_url, query, d={"start": start, "end": end, "step": step}, id=sid(PAGE))
    assert [len(rows) for rows in found.values()] == [count, count]


ODD_TEXTS = ["%", "_", "*", ".*", "[", "'", '"', "\\", "\x00", "LOGIN", "'; DROP TABLE x; --", "x" * 100_000]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: text[:9])
def test_texts_are_taken_as_they_are(text: str, cluster_url: str) -> None:
    query = """query ($d: Duration!, $id: ID!, $t: String!, $t_id: ID!) {
        findEndpoint(keyword: $t, serviceId: $id, limit: 9) { name }
        searchServices(duration: $d, keyword: $t) { name }
        findService(serviceName: $t) { name }
        listServices(layer: $t) { name }
        listInstances(duration: $d, serviceId: $t_id) { name }
        getServicesTopology(duration: $d, serviceIds: [$t_id, $t_id]) { nodes { name } } }"""
    assert ask(cluster_url, query, d=RANGE, id=sid(PAGE), t=text, t_id=text) == {
        "findEndpoint": [],
        "searchServices": [],
        "findService": None,
        "listServices": [],
        "listInstances": [],
        "getServicesTopology": {"nodes": []},
    }
