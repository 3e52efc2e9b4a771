"""The page "Grafana" works as it stands: a running server answers each of its queries, and its tables are complete."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from oap.config.load import load_config
from oap.promql.aggregation import AGGREGATIONS
from oap.promql.database import MOST_SERIES
from oap.promql.entity_labels import ENTITY_LABELS
from oap.promql.functions import FUNCTIONS
from oap.promql.windows import WINDOW_FUNCTIONS
from tests.docs.markdown_steps import ROOT, steps
from tests.oap.process.agents import recent_traffic, send, write_registry
from tests.oap.process.server_process import environment, running
from tests.oap.promql.asking import Prometheus
from tests.waiting import until

PAGE = ROOT / "docs" / "grafana.md"
QUERIES = [(step.title, line) for step in steps(PAGE) if step.language == "promql" for line in step.text.splitlines()]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """The API of a running server that has stored the small cluster's traffic."""
    folder: Path = tmp_path_factory.mktemp("grafana")
    promql = {"SW_PROMQL": "default", "SW_PROMQL_REST_HOST": "127.0.0.1", "SW_PROMQL_REST_PORT": "0"}
    environ = environment(folder / "oap.duckdb", OAP_KUBERNETES_STATIC_FILE=str(write_registry(folder)), **promql)
    with running(environ) as server:
        with server.channel() as channel:
            for stream in recent_traffic().streams:
                send(channel, stream)
        asking = Prometheus(server.promql_url)
        with asking.client:
            until(lambda: bool(asking.data("series", match="kubernetes_service_percentile")), "metrics are stored")
            yield asking
        assert server.stop() == 0


def test_grafana_accepts_the_data_source(prometheus: Prometheus) -> None:
    assert prometheus.post("query", query="1+1").json()["data"]["result"][1] == "2"
    assert prometheus.data("status/buildinfo")["version"].startswith("2.")
    assert prometheus.data("label/service/values") == ["prod::api.shop", "prod::cache.shop", "prod::web.shop"]


@pytest.mark.parametrize("query", [line for title, line in QUERIES if title == ""])
def test_query_of_the_page_is_answered(query: str, prometheus: Prometheus) -> None:
    answer = prometheus.get("query", query=query).json()
    assert answer["status"] == "success", answer
    assert "warnings" not in answer


@pytest.mark.parametrize("query", [line for title, line in QUERIES if title == "refused"])
def test_query_that_the_page_says_is_refused_is(query: str, prometheus: Prometheus) -> None:
    kind, text = prometheus.error("query", query=query)
    assert (kind, text[:15]) == ("bad_data", "line 1, column ")


def test_stored_calls_can_be_asked_for(prometheus: Prometheus) -> None:
    found = prometheus.data("query", query="max_over_time(kubernetes_service_http_call_cpm[10m])")["result"]
    assert found
    assert all(float(one["value"][1]) >= 0 and one["metric"]["layer"] == "K8S_SERVICE" for one in found)


def test_port_is_off_by_default() -> None:
    assert load_config(ROOT / "config", {}).promql is None


def test_tables_are_complete() -> None:
    text = PAGE.read_text(encoding="utf-8")

    def row(title: str) -> set[str]:
        found = re.search(rf"^\| {title} \| ([^|]*) \|$", text, re.MULTILINE)
        assert found is not None, title
        return set(re.split(r"[,;] ", found[1]))

    assert row("Functions of windows") == WINDOW_FUNCTIONS
    assert row("Other functions") == FUNCTIONS
    assert row("Aggregations") - {"with `by` and `without`"} == AGGREGATIONS
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE))))
    assert named >= ENTITY_LABELS
    assert f"at most {MOST_SERIES} series" in text
