import httpx
import pytest

from tests.oap.query.client import RANGE, ask, post
from tests.oap.query.cluster import DETAILS, PAGE, SERVICES, endpoint, pod, sid

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


def test_layers_and_their_levels_are_listed(cluster_url: str) -> None:
    found = ask(cluster_url, "{ listLayers listLayerLevels { layer level } }")
    assert {"K8S_SERVICE", "MESH", "GENERAL"} <= set(found["listLayers"])
    assert "UNDEFINED" not in found["listLayers"]
    assert {"layer": "K8S_SERVICE", "level": 0} in found["listLayerLevels"]
    assert {"layer": "KONG", "level": 2} in found["listLayerLevels"]


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
