import pytest

from tests.oap.query.client import ask, post
from tests.oap.query.cluster import DETAILS, GATEWAY, PAGE, RATINGS, REVIEWS, endpoint, sid

SHORT = {"start": "2026-01-01 1229", "end": "2026-01-01 1231", "step": "MINUTE"}
CPM = {"name": "kubernetes_service_http_call_cpm", "entity": {"serviceName": DETAILS, "normal": True}}
UNKNOWN = CPM | {"name": "nosuch"}
ILLEGAL = CPM | {"entity": {}}
PERCENTILE = CPM | {"name": "kubernetes_service_percentile"}
ID = "ZGV0YWlscy5ib29raW5mbw==.1"


def test_single_value_is_the_mean_cut_to_an_integer(cluster_url: str) -> None:
    query = """query ($c: MetricsCondition!, $d: Duration!) { a: readMetricsValue(condition: $c, duration: $d)
        b: readNullableMetricsValue(condition: $c, duration: $d) { value isEmptyValue } }"""
    assert ask(cluster_url, query, c=CPM, d=SHORT) == {"a": 446, "b": {"value": 446, "isEmptyValue": False}}
    for condition in (UNKNOWN, ILLEGAL):
        found = ask(cluster_url, query, c=condition, d=SHORT)
        assert found == {"a": 0, "b": {"value": 0, "isEmptyValue": True}}


def test_values_have_one_entry_for_each_point(cluster_url: str) -> None:
    query = """query ($c: MetricsCondition!, $d: Duration!) { readMetricsValues(condition: $c, duration: $d)
        { label values { values { id value isEmptyValue } } } }"""
    found = ask(cluster_url, query, c=CPM, d=SHORT)["readMetricsValues"]
    assert found == {
        "label": None,
        "values": {
            "values": [
                {"id": f"202601011229_{ID}", "value": 455, "isEmptyValue": False},
                {"id": f"202601011230_{ID}", "value": 437, "isEmptyValue": False},
                {"id": f"202601011231_{ID}", "value": 0, "isEmptyValue": True},
            ]
        },
    }
    for condition, mark in ((UNKNOWN, "UNKNOWN_METRIC_NAME"), (ILLEGAL, "ILLEGAL_ENTITY")):
        points = ask(cluster_url, query, c=condition, d=SHORT)["readMetricsValues"]["values"]["values"]
        assert points[0] == {"id": f"202601011229_{mark}", "value": 0, "isEmptyValue": True}


def test_labelled_values_carry_the_raw_key(cluster_url: str) -> None:
    query = """query ($c: MetricsCondition!, $l: [String!]!, $d: Duration!) {
        readLabeledMetricsValues(condition: $c, labels: $l, duration: $d) { label values { values { value } } } }"""

    def labels(condition: object, wanted: list[str]) -> list[str]:
        found = ask(cluster_url, query, c=condition, l=wanted, d=SHORT)["readLabeledMetricsValues"]
        return [series["label"] for series in found]

    assert labels(PERCENTILE, []) == ["{p=50}", "{p=75}", "{p=90}", "{p=95}", "{p=99}"]
    assert labels(PERCENTILE, ["50"]) == labels(PERCENTILE, ["{p=50}"]) == labels(PERCENTILE, ["p=50", "99"]) == []
    assert labels(UNKNOWN, ["50", "75"]) == ["50", "75"]


def test_sorted_metrics_equal_top_n(cluster_url: str) -> None:
    query = """query ($c: TopNCondition!, $d: Duration!) { sortMetrics(condition: $c, duration: $d)
        { name id value refId } }"""
    condition = {"name": "kubernetes_service_endpoint_call_cpm", "parentService": PAGE, "normal": True, "topN": 1}
    found = ask(cluster_url, query, c=condition | {"order": "DES", "scope": "Service"}, d=SHORT)["sortMetrics"]
    assert found == [
        {"name": "GET:/productpage", "id": endpoint(PAGE, "GET:/productpage"), "value": "612", "refId": None}
    ]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"order": "ASC", "topN": 2}, [DETAILS, RATINGS]),
        (
            {"order": "DES", "topN": 10, "scope": "Endpoint"},
            [GATEWAY, PAGE, REVIEWS, RATINGS, DETAILS],
        ),
    ],
)
def test_metrics_of_services_are_sorted_over_all_of_them(
    condition: dict[str, object], rows: list[str], cluster_url: str
) -> None:
    query = "query ($c: TopNCondition!, $d: Duration!) { sortMetrics(condition: $c, duration: $d) { name id } }"
    name = {"name": "kubernetes_service_http_call_time", "parentService": "", "normal": False}
    found = ask(cluster_url, query, c=name | condition, d=SHORT)["sortMetrics"]
    assert [one["name"] for one in found] == rows
    assert all(one["id"] == sid(one["name"]) for one in found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "nosuch"}, "there is no metric 'nosuch'"),
        (
            {"name": "kubernetes_service_http_cal_time"},
            "there is no metric 'kubernetes_service_http_cal_time'; did you mean 'kubernetes_service_http_call_time'?",
        ),
        ({"topN": 0}, "'top_n' of 'kubernetes_service_http_call_time' needs a count of at least 1, not 0"),
        (
            {"name": "kubernetes_service_percentile"},
            (
                "'top_n' needs a metric of single values, 'kubernetes_service_percentile' is LABELED_VALUE; "
                "show it as a series, or list another metric"
            ),
        ),
    ],
)
def test_what_cannot_be_sorted_is_an_error_of_the_field(
    change: dict[str, object], message: str, cluster_url: str
) -> None:
    query = "query ($c: TopNCondition!, $d: Duration!) { result: sortMetrics(condition: $c, duration: $d) { name } }"
    condition = {"name": "kubernetes_service_http_call_time", "topN": 1, "order": "ASC"}
    answer = post(cluster_url, query, c=condition | change, d=SHORT)
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert [(error["path"], error["message"]) for error in answer.json()["errors"]] == [(["result"], message)]


def test_service_without_the_word_normal_has_nothing_to_sort(cluster_url: str) -> None:
    query = "query ($c: TopNCondition!, $d: Duration!) { sortMetrics(condition: $c, duration: $d) { name } }"
    condition = {"name": "kubernetes_service_endpoint_call_cpm", "parentService": PAGE, "topN": 1, "order": "ASC"}
    assert ask(cluster_url, query, c=condition, d=SHORT)["sortMetrics"] == []


def test_heat_map_and_records_are_empty(cluster_url: str) -> None:
    query = """query ($c: MetricsCondition!, $t: TopNCondition!, $r: RecordCondition!, $d: Duration!) {
        readHeatMap(condition: $c, duration: $d) { values { id values } buckets { min max } }
        readSampledRecords(condition: $t, duration: $d) { name }
        readRecords(condition: $r, duration: $d) { name } }"""
    top = {"name": "x", "topN": 5, "order": "ASC"}
    found = ask(cluster_url, query, c=CPM, t=top, r=top | {"parentEntity": {}}, d=SHORT)
    assert found["readHeatMap"]["buckets"] == [{"min": "0", "max": "infinite+"}]
    assert [column["values"] for column in found["readHeatMap"]["values"]] == [[0], [0], [0]]
    assert (found["readSampledRecords"], found["readRecords"]) == ([], [])
