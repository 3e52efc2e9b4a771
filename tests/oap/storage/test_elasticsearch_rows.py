"""The documents of the spec's composed examples, byte for byte, and the templates around them."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    ServiceRelationRow,
    ServiceTraffic,
    Template,
)
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import Layout
from oap.storage.elasticsearch.traffic import TrafficTable
from tests.oap.storage.samples import (
    DAY,
    HOUR,
    MINUTE,
    PERCENTILE,
    Cells,
    cpm,
    records,
    rows,
    series,
    tables,
)
from tests.oap.storage.test_mysql_rows import CI, CS, SE, SERVICE_CPM, SERVICE_PERCENTILE, SI, SREL, SS
from tests.servers.elasticsearch import SearchServer

IREL = f"{CI}-{SI}"
_NAMESPACES = count()


class Store:
    """A store with names of its own, and its documents as they are stored."""

    def __init__(self, server: SearchServer, **more: Any) -> None:
        self.server = server
        self.namespace = f"r{next(_NAMESPACES)}"
        self.settings = ElasticsearchStoreSettings((server.node,), self.namespace, response_timeout_ms=120_000, **more)
        self.storage = ElasticsearchStorage(self.settings)
        self.storage.prepare((SERVICE_CPM, SERVICE_PERCENTILE))

    def document(self, table: str, row_id: str) -> str:
        """Text of a document."""
        return self.server.request("GET", f"/{self.namespace}_{table}/_source/{row_id}")

    def json(self, path: str) -> Mapping[str, Any]:
        """Answer to a GET under this namespace."""
        found: Mapping[str, Any] = json.loads(self.server.request("GET", path.replace("NS", self.namespace)))
        return found


@pytest.fixture
def store(elasticsearch: SearchServer) -> Iterator[Store]:
    opened = Store(elasticsearch)
    yield opened
    opened.storage.close()


def test_a_metric_record_is_the_java_servers_document(store: Store) -> None:
    store.storage.write(rows(MINUTE, [SS], cpm(120, metric=SERVICE_CPM)))
    assert store.document("metrics-all-20250611", f"kubernetes_service_http_call_cpm_202506111430_{SS}") == (
        '{"metric_table":"kubernetes_service_http_call_cpm","entity_id":"cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",'
        '"attr0":"K8S_SERVICE","value":120,"total":120,"time_bucket":202506111430}'
    )


def test_hours_and_days_share_the_index_of_their_minutes(store: Store) -> None:
    for bucket, total in ((HOUR, 7200), (DAY, 172800)):
        columns: Cells = {"value": [120], "total": [total]}
        store.storage.write(rows(bucket, [SS], records(SERVICE_CPM, columns)))
    name = "kubernetes_service_http_call_cpm"
    found = [store.document("metrics-all-20250611", f"{name}_{bucket}_{SS}") for bucket in (HOUR, DAY)]
    assert [json.loads(text)["total"] for text in found] == [7200, 172800]


def test_a_percentile_is_the_java_servers_document(store: Store) -> None:
    columns: Cells = {
        "datatable_value": tables([{"{p=50}": 10, "{p=75}": 20, "{p=90}": 20, "{p=95}": 50, "{p=99}": 120}]),
        "precision": [10],
        "dataset": tables([{0: 20, 1: 60, 2: 30, 5: 8, 12: 2}]),
    }
    store.storage.write(rows(MINUTE, [SS], records(SERVICE_PERCENTILE, columns)))
    assert store.document("metrics-all-20250611", f"kubernetes_service_percentile_202506111430_{SS}") == (
        '{"metric_table":"kubernetes_service_percentile","entity_id":"cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",'
        '"datatable_value":"{p=50},10|{p=75},20|{p=90},20|{p=95},50|{p=99},120","precision":10,'
        '"dataset":"0,20|1,60|2,30|5,8|12,2","time_bucket":202506111430}'
    )


TRAFFIC = HandOver(
    services=[ServiceTraffic(SS, "productpage.default", 17, MINUTE)],
    instances=[InstanceTraffic(SI, SS, "productpage-7d4c8b9f6-x2x7k", MINUTE, MINUTE)],
    endpoints=[EndpointTraffic(SE, SS, "GET:/api/v1/products", MINUTE, MINUTE)],
    service_relations=[ServiceRelationRow(MINUTE, side, SREL, CS, SS, (49,)) for side in (True, False)],
    instance_relations=[InstanceRelationRow(MINUTE, True, IREL, CS, CI, SS, SI)],
)


def _fields(model: str, **fields: object) -> dict[str, object]:
    return {"metric_table": model, **fields, "time_bucket": MINUTE}


def test_traffic_and_relations_are_the_java_servers_documents(store: Store) -> None:
    store.storage.write(TRAFFIC)
    edge = {"source_service_id": CS, "dest_service_id": SS, "component_ids": "49", "entity_id": SREL}
    pods = {"source_service_instance_id": CI, "dest_service_instance_id": SI, "entity_id": IREL}
    expected = {
        "service_traffic_cHJvZHVjdHBhZ2UuZGVmYXVsdA==.17": _fields(
            "service_traffic",
            service_traffic_name="productpage.default",
            short_name="productpage.default",
            service_id=SS,
            layer=17,
        ),
        f"instance_traffic_{SI}": _fields(
            "instance_traffic",
            service_id=SS,
            instance_traffic_name="productpage-7d4c8b9f6-x2x7k",
            last_ping=MINUTE,
            properties="",
        ),
        f"endpoint_traffic_{SE}": _fields(
            "endpoint_traffic", service_id=SS, endpoint_traffic_name="GET:/api/v1/products", last_ping=MINUTE
        ),
        f"service_relation_server_side_202506111430_{SREL}": _fields("service_relation_server_side", **edge),
        f"service_relation_client_side_202506111430_{SREL}": _fields("service_relation_client_side", **edge),
        f"service_instance_relation_server_side_202506111430_{IREL}": _fields(
            "service_instance_relation_server_side", source_service_id=CS, dest_service_id=SS, **pods
        ),
    }
    found = {row_id: json.loads(store.document("metrics-all-20250611", row_id)) for row_id in expected}
    assert found == expected


def test_a_service_of_a_group_has_its_parts(store: Store) -> None:
    store.storage.write(HandOver(services=[ServiceTraffic("c2hvcDo6Y2FydA==.1", "shop::cart", 2, MINUTE)]))
    found = json.loads(store.document("metrics-all-20250611", "service_traffic_c2hvcDo6Y2FydA==.2"))
    assert (found["service_group"], found["short_name"]) == ("shop", "cart")


def test_a_dashboard_template_is_the_java_servers_document(store: Store) -> None:
    store.storage.save_template(Template("T1", "{}", 1749652200000))
    assert store.document("management", "ui_template_T1") == (
        '{"management_table":"ui_template","template_id":"T1","configuration":"{}","update_time":1749652200000,'
        '"disabled":0}'
    )


def test_the_template_maps_every_column_as_upstream(store: Store) -> None:
    found = store.json("/_index_template/NS_metrics-all")["index_templates"][0]["index_template"]
    assert found["index_patterns"] == [f"{store.namespace}_metrics-all-*"]
    assert found["template"]["aliases"] == {f"{store.namespace}_metrics-all": {}}
    index = found["template"]["settings"]["index"]
    assert (index["number_of_shards"], index["number_of_replicas"], index["refresh_interval"]) == ("1", "1", "30s")
    assert index["analysis"]["analyzer"] == {"oap_analyzer": {"type": "stop"}}
    expected = {
        "metric_table": {"type": "keyword"},
        "time_bucket": {"type": "long"},
        "entity_id": {"type": "keyword"},
        "service_id": {"type": "keyword", "doc_values": False},
        "attr0": {"type": "keyword", "doc_values": False},
        "value": {"type": "long"},
        "total": {"type": "long", "index": False, "doc_values": False},
        "datatable_value": {"type": "text", "index": False},
        "last_ping": {"type": "long", "doc_values": False},
        "component_ids": {"type": "keyword", "index": False},
        "instance_traffic_name": {"type": "keyword", "index": False, "doc_values": False},
        "properties": {"type": "text", "index": False},
        "endpoint_traffic_name": {
            "type": "keyword",
            "copy_to": "endpoint_traffic_name_match",
            "doc_values": False,
        },
        "endpoint_traffic_name_match": {"type": "text", "analyzer": "oap_analyzer"},
    }
    properties = found["template"]["mappings"]["properties"]
    assert {name: properties[name] for name in expected} == expected


def test_nothing_is_mapped_by_the_server_itself(store: Store) -> None:
    store.storage.write(TRAFFIC)
    store.storage.write(rows(MINUTE, [SS], cpm(120, metric=SERVICE_CPM)))
    template = store.json("/_index_template/NS_metrics-all")["index_templates"][0]["index_template"]["template"]
    mapping = store.json("/NS_metrics-all-20250611/_mapping")[f"{store.namespace}_metrics-all-20250611"]["mappings"]
    assert {name: mapped["type"] for name, mapped in mapping["properties"].items()} == {
        name: mapped["type"] for name, mapped in template["mappings"]["properties"].items()
    }


def test_fields_of_the_java_server_stay_in_the_template(store: Store) -> None:
    path = f"/_index_template/{store.namespace}_metrics-all"
    template = store.json(path)["index_templates"][0]["index_template"]
    template["template"]["mappings"]["properties"]["agent_id"] = {"type": "keyword", "doc_values": False}
    store.server.request("PUT", path, template)
    again = ElasticsearchStorage(store.settings)
    again.prepare((SERVICE_CPM, PERCENTILE))
    properties = store.json(path)["index_templates"][0]["index_template"]["template"]["mappings"]["properties"]
    again.close()
    assert properties["agent_id"] == {"type": "keyword", "doc_values": False}
    assert properties["precision"] == {"type": "integer", "index": False, "doc_values": False}


def test_functions_have_indices_of_their_own_when_asked(elasticsearch: SearchServer) -> None:
    store = Store(elasticsearch, logic_sharding=True)
    columns: Cells = {"datatable_value": tables([{"{p=50}": 10}]), "precision": [10], "dataset": tables([{1: 1}])}
    store.storage.write(rows(MINUTE, [SS], records(SERVICE_PERCENTILE, columns)))
    store.storage.write(TRAFFIC)
    row_id = f"kubernetes_service_percentile_202506111430_{SS}"
    assert store.document("metrics-percentile2-20250611", row_id) == (
        '{"metric_table":"kubernetes_service_percentile","entity_id":"cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1",'
        '"value":"{p=50},10","precision":10,"dataset":"1,1","time_bucket":202506111430}'
    )
    assert store.document("service_traffic-20250611", "cHJvZHVjdHBhZ2UuZGVmYXVsdA==.17") == (
        '{"name":"productpage.default","short_name":"productpage.default",'
        '"service_id":"cHJvZHVjdHBhZ2UuZGVmYXVsdA==.1","layer":17,"time_bucket":202506111430}'
    )
    store.storage.close()


def test_days_share_an_index_when_asked(elasticsearch: SearchServer) -> None:
    store = Store(elasticsearch, day_step=10)
    store.storage.write(rows(MINUTE, [SS], cpm(1, metric=SERVICE_CPM)))
    assert list(store.json("/_alias/NS_metrics-all")) == [f"{store.namespace}_metrics-all-20250608"]
    assert series(store.storage, SERVICE_CPM, SS, MINUTE, MINUTE) == {MINUTE: 1}
    store.storage.close()


def test_further_settings_of_indices_are_upstreams_two(elasticsearch: SearchServer) -> None:
    specific = '{"metrics-all":{"refresh_interval":"10s","number_of_shards":"2"},"other":{"number_of_shards":"9"}}'
    store = Store(elasticsearch, specific_index_settings=specific, advanced='{"index.max_result_window":20000}')
    found = store.json("/_index_template/NS_metrics-all")["index_templates"][0]["index_template"]["template"]
    settings = {key: found["settings"]["index"][key] for key in ("refresh_interval", "number_of_shards")}
    assert settings == {"refresh_interval": "10s", "number_of_shards": "2"}
    assert found["settings"]["index"]["max_result_window"] == "20000"
    store.storage.close()


def test_traffic_in_an_index_that_somebody_deleted_is_written_again(store: Store) -> None:
    store.storage.write(TRAFFIC)
    store.server.request("DELETE", f"/{store.namespace}_metrics-all-20250611")
    store.storage.write(TRAFFIC)
    assert [service.name for service in store.storage.services()] == ["productpage.default"]
    assert store.storage.instance(SI) is not None


def test_what_somebody_deleted_is_made_again_before_rows_go_there(store: Store) -> None:
    store.storage.write(TRAFFIC)
    store.server.delete_all(store.namespace)
    store.storage.write(rows(MINUTE, [SS], cpm(120, metric=SERVICE_CPM)))
    mapping = store.json("/NS_metrics-all-20250611/_mapping")[f"{store.namespace}_metrics-all-20250611"]["mappings"]
    assert mapping["properties"]["entity_id"] == {"type": "keyword"}
    assert store.json("/_alias/NS_metrics-all")
    assert store.json("/NS_management/_mapping")


def test_the_rows_that_are_known_are_bounded(store: Store) -> None:
    layout = Layout(store.namespace)
    table = TrafficTable(Indices(Connection(store.settings), layout.alias("*"), 10, 10), layout, most_known=2)
    services = [ServiceTraffic(name, name, 17, MINUTE) for name in ("a", "b", "c")]
    table.remember((key, stored) for key, _, stored in table.actions(services, 1))
    # None of them is in the store, so what is not known has to be written.
    assert [stored.row for _, _, stored in table.actions(services, 1)] == services[:1]
