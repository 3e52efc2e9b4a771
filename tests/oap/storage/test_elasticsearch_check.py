"""``check`` against real servers, with real faults."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.elasticsearch.check import check
from tests.oap.storage.samples import CPM, MODELS, cpm, rows
from tests.servers.elasticsearch import ELASTICSEARCH_8, OPENSEARCH_2, Distribution, SearchServer, running_server
from tests.servers.tls_proxy import running_proxy

_NAMESPACES = itertools.count()
MINUTE = 202506111430
STEPS = (
    "make templates, write rows and make indices by it, change mappings, refresh, read rows, search, delete indices,"
    " delete templates"
)
SUBJECTS = ("version", "privileges", "schema", "clock", "free space")

Line = tuple[str, str, str, str]


@pytest.fixture
def settings(elasticsearch: SearchServer) -> Iterator[ElasticsearchStoreSettings]:
    namespace = f"check{next(_NAMESPACES)}"
    yield ElasticsearchStoreSettings((elasticsearch.node,), namespace, index_replicas_number=0)
    elasticsearch.delete_all(namespace)


def lines(settings: ElasticsearchStoreSettings, models: Sequence = MODELS) -> list[Line]:
    """All findings, without figures of this machine."""
    found = []
    for one in check(settings, models):
        text, advice = (re.sub(r"check\d+_", "NS_", part) for part in (one.text, one.advice))
        text = re.sub(r"127\.0\.0\.1:\d+", "NODE", re.sub(r"[\d.]+ GiB", "N GiB", text))
        found.append((one.subject, str(one.verdict), re.sub(r"^\d+ of (\d+ shards)", r"some of \1", text), advice))
    return found


def problems(settings: ElasticsearchStoreSettings) -> list[tuple[str, str, str]]:
    return [(subject, text, advice) for subject, verdict, text, advice in lines(settings) if verdict == "problem"]


def fit(version: str) -> list[Line]:
    return [
        ("connection", "ok", "http://NODE, cluster oap-tests with 1 nodes is green", ""),
        ("version", "ok", version, ""),
        ("privileges", "ok", STEPS, ""),
        ("schema", "ok", "0 of 1 templates are there, these would be made: NS_metrics-all", ""),
        ("clock", "ok", "agrees with this machine's", ""),
        ("free space", "ok", "node node has N GiB of N GiB free", ""),
        ("free space", "ok", "some of 5000 shards are in use", ""),
    ]


def written(settings: ElasticsearchStoreSettings) -> None:
    storage = ElasticsearchStorage(settings)
    storage.prepare([CPM])
    storage.write(rows(MINUTE, ["a"], cpm(1)))
    storage.close()


@contextmanager
def cluster_setting(server: SearchServer, changed: Mapping[str, object]) -> Iterator[None]:
    server.request("PUT", "/_cluster/settings", {"transient": changed})
    try:
        yield
    finally:
        server.request("PUT", "/_cluster/settings", {"transient": dict.fromkeys(changed)})


def test_an_empty_cluster_is_fit_and_stays_empty(
    settings: ElasticsearchStoreSettings, elasticsearch: SearchServer
) -> None:
    assert lines(settings) == fit("Elasticsearch 7.17.28")
    assert elasticsearch.request("GET", f"/{settings.namespace}*/_count?filter_path=count") == '{"count":0}'
    assert json.loads(elasticsearch.request("GET", f"/_index_template/{settings.namespace}*")) == {
        "index_templates": []
    }


@pytest.mark.parametrize(
    ("distribution", "version"),
    [(ELASTICSEARCH_8, "Elasticsearch 8.6.2"), (OPENSEARCH_2, "OpenSearch 2.19.1")],
    ids=["Elasticsearch 8", "OpenSearch 2"],
)
def test_the_other_servers_are_fit(distribution: Distribution, version: str) -> None:
    with running_server(distribution) as server:
        assert lines(ElasticsearchStoreSettings((server.node,), "check")) == [
            (subject, verdict, text.replace("NS_", "check_"), advice) for subject, verdict, text, advice in fit(version)
        ]


def test_a_store_that_was_written_needs_nothing(settings: ElasticsearchStoreSettings) -> None:
    written(settings)
    assert lines(settings, [CPM])[3] == ("schema", "ok", "1 of 1 templates are there", "")
    assert lines(settings)[3] == (
        "schema",
        "ok",
        "1 of 1 templates are there, these would get fields: NS_metrics-all",
        "",
    )


def test_a_server_that_is_not_there_is_told() -> None:
    unreached = [(one, "unknown", "not looked at, there is no connection", "") for one in SUBJECTS]
    advice = "start the cluster, or correct clusterNodes (SW_STORAGE_ES_CLUSTER_NODES)"
    said = ("connection", "problem", "cannot reach NODE: Connection error", advice)
    assert lines(ElasticsearchStoreSettings(("127.0.0.1:1",))) == [said, *unreached]


def test_a_wrong_password_is_told(elasticsearch: SearchServer) -> None:
    with running_proxy(elasticsearch.port, "oap", "right") as proxy:
        found = problems(ElasticsearchStoreSettings((proxy.node,), "check", user="oap", password="wrong"))
    said = "GET /_cluster/health: user and password are refused (status 401)"
    advice = "check user and password (SW_ES_USER, SW_ES_PASSWORD, or the file in SW_ES_SECRETS_MANAGEMENT_FILE)"
    assert found == [("connection", said, advice)]


def test_indices_that_may_not_be_made_are_told(
    settings: ElasticsearchStoreSettings, elasticsearch: SearchServer
) -> None:
    with cluster_setting(elasticsearch, {"action.auto_create_index": "false"}):
        found = problems(settings)
    advice = "let the cluster setting action.auto_create_index allow NS_*"
    assert found[0][0] == "privileges"
    assert found[0][1].startswith("cannot write rows and make indices by it: index_not_found_exception: no such index")
    assert found[0][2] == advice


def test_a_read_only_index_is_told(settings: ElasticsearchStoreSettings, elasticsearch: SearchServer) -> None:
    written(settings)
    index = f"{settings.namespace}_metrics-all-20250611"
    elasticsearch.request("PUT", f"/{index}/_settings", {"index.blocks.read_only_allow_delete": True})
    advice = 'free space first, then: PUT /NS_*/_settings {"index.blocks.read_only_allow_delete": null}'
    said = "NS_metrics-all-20250611 refuse rows (index.blocks.read_only_allow_delete)"
    assert problems(settings) == [("free space", said, advice)]


def test_a_read_only_cluster_is_told(settings: ElasticsearchStoreSettings, elasticsearch: SearchServer) -> None:
    with cluster_setting(elasticsearch, {"cluster.blocks.read_only": True}):
        found = problems(settings)
    assert {subject for subject, *_ in found[:-1]} == {"privileges"}
    assert found[-1][:2] == ("free space", "the whole cluster refuses rows (cluster.blocks.read_only)")


def test_a_field_of_another_type_is_told(settings: ElasticsearchStoreSettings, elasticsearch: SearchServer) -> None:
    index = f"{settings.namespace}_metrics-all-20250611"
    body = {
        "aliases": {f"{settings.namespace}_metrics-all": {}},
        "mappings": {"properties": {"value": {"type": "text"}}},
    }
    elasticsearch.request("PUT", f"/{index}", body | {"settings": {"number_of_replicas": 0}})
    said = "NS_metrics-all-20250611 has value as text, long is needed"
    assert problems(settings) == [
        ("schema", said, "take another namespace (SW_NAMESPACE), or delete these indices"),
    ]


def test_rows_of_the_other_sharding_mode_are_told(settings: ElasticsearchStoreSettings) -> None:
    written(settings)
    sharded = ElasticsearchStoreSettings(settings.cluster_nodes, settings.namespace, logic_sharding=True)
    said = "NS_metrics-all holds rows that were written with logicSharding=false, which are not read"
    advice = "set logicSharding to false (SW_STORAGE_ES_LOGIC_SHARDING), or let these days run out"
    assert problems(sharded) == [("schema", said, advice)]


def test_a_disk_that_is_nearly_full_is_told(settings: ElasticsearchStoreSettings, elasticsearch: SearchServer) -> None:
    marks = {
        "cluster.routing.allocation.disk.watermark.low": "1%",
        "cluster.routing.allocation.disk.watermark.high": "98%",
        "cluster.routing.allocation.disk.watermark.flood_stage": "99%",
    }
    with cluster_setting(elasticsearch, marks):
        ((subject, said, advice),) = problems(settings)
    assert subject == "free space"
    assert said == (
        "node node has N GiB of N GiB free; below N GiB no shards of new days go there, and at 99% it refuses rows"
    )
    assert advice == "make room or add a node, or lower core.default.metricsDataTTL (SW_CORE_METRICS_DATA_TTL)"


def test_a_cluster_without_room_for_shards_is_told(
    settings: ElasticsearchStoreSettings, elasticsearch: SearchServer
) -> None:
    with cluster_setting(elasticsearch, {"cluster.max_shards_per_node": 9}):
        found = problems(settings)
    assert found[-1] == (
        "free space",
        "some of 9 shards are in use",
        "the next day's indices need some: raise cluster.max_shards_per_node",
    )
