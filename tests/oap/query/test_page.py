"""The frame of the console and its view of single metrics, over a small cluster whose numbers are known."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from oap.http_server import HttpServer
from oap.query.app import create_app
from tests.oap.query.browser import find, texts, until
from tests.oap.query.cluster import Health, dependencies, fill, memory_store, serving

pytestmark = pytest.mark.browser

CALLS = "kubernetes_service_http_call_cpm"


@pytest.fixture
def page(chrome: Chrome, cluster_url: str) -> Iterator[Chrome]:
    chrome.get("about:blank")
    chrome.get_log("browser")  # type: ignore[no-untyped-call]
    chrome.get(f"{cluster_url}/#explore&service=productpage.bookinfo")
    until(chrome, lambda: texts(chrome, "#chart .plot"))
    yield chrome
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def pick(chrome: Chrome, metric: str) -> None:
    Select(find(chrome, "#metrics")).select_by_value(metric)
    until(chrome, lambda: metric in find(chrome, "#chart-title").text and texts(chrome, "#chart .plot"))


def chart(chrome: Chrome) -> str:
    """What is told of the chart to those who do not see it."""
    return find(chrome, "#chart .plot").get_attribute("aria-label") or ""


def tip_at(chrome: Chrome, *keys: str) -> list[str]:
    find(chrome, "#chart .plot").send_keys(*keys)
    return find(chrome, "#chart .tip").text.splitlines()


def test_status_line_tells_health_and_server_time(page: Chrome) -> None:
    assert find(page, "#status-text").text == "healthy · server time 12:30 · 6 services · 17 metrics"
    assert find(page, "#version").text == "oap 0.1.0-1a2b3c4"
    assert page.title == "Metrics · oap"


def test_menu_leads_to_layers_that_have_services(page: Chrome) -> None:
    assert texts(page, ".to-layer") == ["Kubernetes", "Service Mesh"]


def test_chart_ends_with_the_present_minute(page: Chrome) -> None:
    assert chart(page) == f"{CALLS} of productpage.bookinfo: {CALLS} 489 / min. Arrow keys read it."


def test_labelled_metric_has_a_line_for_each_label(page: Chrome) -> None:
    pick(page, "kubernetes_service_percentile")
    assert texts(page, "#chart .legend button") == ["p=50", "p=75", "p=90", "p=95", "p=99"]


def test_missing_minute_is_told_as_missing(page: Chrome) -> None:
    pick(page, "kubernetes_service_connect_cpm")
    assert tip_at(page, Keys.HOME, *[Keys.ARROW_RIGHT] * 9) == ["2026-01-01 12:09", "–"]
    assert tip_at(page, Keys.ARROW_RIGHT)[0] == "2026-01-01 12:10"


def test_units_are_written_for_people(page: Chrome) -> None:
    pick(page, "kubernetes_service_write_time")
    assert "µs. Arrow" in chart(page)
    pick(page, "kubernetes_service_write_package_size")
    assert "MiB. Arrow" in chart(page)


def test_metrics_are_searched_by_words(page: Chrome) -> None:
    find(page, "#metric-search").send_keys("size write")
    until(page, lambda: texts(page, "#metrics option") == ["write_package_size"])
    find(page, "#metric-search").send_keys(Keys.ENTER)
    until(page, lambda: find(page, "#chart-title").text.startswith("kubernetes_service_write_package_size"))


def test_arrow_keys_read_the_chart(page: Chrome) -> None:
    assert tip_at(page, Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT) == ["2026-01-01 12:28", "525 / min"]
    find(page, "#chart .plot").send_keys(Keys.ESCAPE)
    assert not find(page, "#chart .tip").is_displayed()


def test_endpoints_and_instances_have_metrics_of_their_own(page: Chrome) -> None:
    Select(find(page, "#explore-kind")).select_by_visible_text("endpoint")
    until(page, lambda: "POST:/login" in texts(page, "#explore-member option"))
    Select(find(page, "#explore-member")).select_by_visible_text("POST:/login")
    until(page, lambda: find(page, "#chart-title").text == "kubernetes_service_endpoint_call_cpm of POST:/login")
    assert set(texts(page, "#metrics option")) == {"call_cpm", "call_time", "call_successful_rate"}


def test_choice_survives_a_reload(page: Chrome) -> None:
    pick(page, "kubernetes_service_write_time")
    page.refresh()
    wanted = "kubernetes_service_write_time of productpage.bookinfo"
    until(page, lambda: texts(page, "#chart-title") == [wanted])


def test_page_without_services_says_what_to_do(chrome: Chrome) -> None:
    with memory_store() as storage, serving(dependencies(storage)) as url:
        chrome.get(f"{url}/")
        until(chrome, lambda: texts(chrome, "#empty"))
        assert "oap emulate" in find(chrome, "#empty").text
        chrome.get("about:blank")


def test_page_tells_when_the_server_is_gone_and_goes_on_when_it_is_back(chrome: Chrome) -> None:
    with memory_store() as storage:
        fill(storage)
        app = create_app(dependencies(storage))
        with HttpServer(app, "127.0.0.1", 0, name="query") as server:
            port = server.port
            chrome.get(f"http://127.0.0.1:{port}/#explore&refresh=5")
            until(chrome, lambda: texts(chrome, "#chart .plot"))
        until(chrome, lambda: texts(chrome, "#unreachable"))
        assert find(chrome, "#status-text").text == "not reachable · trying again"
        assert texts(chrome, "#chart .plot"), "what was known is still shown"
        until(chrome, lambda: is_free(port))
        with HttpServer(app, "127.0.0.1", port, name="query"):
            until(chrome, lambda: not texts(chrome, "#unreachable"))
            assert find(chrome, "#status-text").text.startswith("healthy")
            chrome.get("about:blank")


def test_health_is_told_while_nothing_can_be_read_from_the_store(chrome: Chrome) -> None:
    with memory_store() as storage:
        deps = replace(dependencies(storage), health=lambda: Health(1, "storage"))
    with serving(deps) as url:
        chrome.get(f"{url}/")
        until(chrome, lambda: find(chrome, "#status-text").text.startswith("unhealthy: storage"))
        chrome.get("about:blank")


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return listener.connect_ex(("127.0.0.1", port)) != 0


def test_page_asks_nothing_of_other_servers(page: Chrome, cluster_url: str) -> None:
    script = "return performance.getEntriesByType('resource').map((one) => one.name)"
    assert {address.split("/")[2] for address in page.execute_script(script)} == {cluster_url.split("/")[2]}


def test_all_files_of_the_page_are_served(cluster_url: str) -> None:
    folder = Path(__file__).parents[3] / "oap/query/page"
    names = {file.name for file in folder.iterdir()}
    assert names == {"app.css", "app.js", "icon.svg", "index.html"}
    assert {httpx.get(f"{cluster_url}/page/{name}").status_code for name in names} == {200}
