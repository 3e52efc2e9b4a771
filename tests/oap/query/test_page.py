from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.oap.query.browser import find, texts, until
from tests.oap.query.cluster import dependencies, memory_store, serving


@pytest.fixture
def page(chrome: Chrome, cluster_url: str) -> Iterator[Chrome]:
    chrome.get("about:blank")
    chrome.get_log("browser")  # type: ignore[no-untyped-call]
    chrome.get(f"{cluster_url}/")
    until(chrome, lambda: "healthy" in find(chrome, "#status-text").text)  # said when everything has been drawn
    yield chrome
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def choose(chrome: Chrome, service: str) -> None:
    find(chrome, f"#service-table button[title='{service}']").click()
    name = service.partition(".")[0]
    until(chrome, lambda: find(chrome, "#detail-title").text.startswith(name))


def pick(chrome: Chrome, metric: str) -> None:
    Select(find(chrome, "#metrics")).select_by_value(metric)
    until(chrome, lambda: metric in find(chrome, "#chart-title").text)


pytestmark = pytest.mark.browser


def test_table_shows_every_service_busiest_first(page: Chrome) -> None:
    rows = page.find_elements(By.CSS_SELECTOR, "#service-table tbody tr")
    cells = [[cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")] for row in rows]
    assert [(row[0].split(), row[1], row[3], row[4]) for row in cells] == [
        (["gateway", "edge"], "601", "46 ms", "99.9 %"),
        (["productpage", "bookinfo"], "588", "40 ms", "99.8 %"),
        (["details", "bookinfo"], "419", "6 ms", "100 %"),
        (["reviews", "bookinfo"], "416", "22 ms", "97.1 %"),
        (["ratings", "bookinfo"], "272", "10 ms", "91.3 %"),
        (["mysql", "data"], "–", "–", "–"),
    ]
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#service-table .spark .line")) == 5)


def test_table_can_be_filtered_and_sorted(page: Chrome) -> None:
    find(page, "#filter").send_keys("BOOK")
    assert find(page, "#service-count").text == "4 of 6"
    find(page, "[data-sort=name]").click()
    assert texts(page, "#service-table tbody b") == ["details", "productpage", "ratings", "reviews"]
    assert find(page, "th:first-child").get_attribute("aria-sort") == "ascending"


def test_status_line_tells_health_and_server_time(page: Chrome) -> None:
    until(page, lambda: "healthy" in find(page, "#status-text").text)
    assert "server time 12:30" in find(page, "#status-text").text
    assert find(page, "#status-text").text.endswith("6 services · 17 metrics")
    assert find(page, "#version").text == "oap 0.1.0-1a2b3c4"


def test_chart_has_a_line_with_points(page: Chrome) -> None:
    [line] = page.find_elements(By.CSS_SELECTOR, "#chart path.line:not(.filling)")
    assert (line.get_attribute("d") or "").count(
        "L"
    ) == 28  # 30 minutes, less the first point and the one still filling
    assert texts(page, "#chart .tick")[0] == "0 / min"


def test_labelled_metric_has_a_line_for_each_label(page: Chrome) -> None:
    pick(page, "kubernetes_service_percentile")
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#chart path.line:not(.filling)")) == 5)
    assert texts(page, "#chart .legend li") == ["p=50", "p=75", "p=90", "p=95", "p=99"]


def test_missing_minute_breaks_the_line(page: Chrome) -> None:
    pick(page, "kubernetes_service_connect_cpm")
    line = "#chart path.line:not(.filling)"
    until(page, lambda: (find(page, line).get_attribute("d") or "").count("M") == 2)


def test_units_are_written_for_people(page: Chrome) -> None:
    pick(page, "kubernetes_service_write_time")
    until(page, lambda: "20 µs" in texts(page, "#chart .tick"))
    pick(page, "kubernetes_service_write_package_size")
    until(page, lambda: "4 MiB" in texts(page, "#chart .tick"))


def test_metrics_are_searched_by_words(page: Chrome) -> None:
    find(page, "#metric-search").send_keys("size write")
    assert texts(page, "#metrics option") == ["write_package_size"]
    find(page, "#metric-search").send_keys(Keys.ENTER)
    until(page, lambda: find(page, "#chart-title").text.startswith("kubernetes_service_write_package_size"))


def test_arrow_keys_read_the_chart(page: Chrome) -> None:
    find(page, "#chart").send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    tip = find(page, "#chart .tip")
    assert tip.is_displayed()
    assert tip.text.splitlines() == ["2026-01-01 12:28", "500 / min"]
    find(page, "#chart").send_keys(Keys.ESCAPE)
    assert not tip.is_displayed()


def test_topology_shows_services_and_calls(page: Chrome) -> None:
    names = texts(page, "#drawing .node .name")
    assert sorted(names) == ["Unknown", "details", "gateway", "mysql", "productpage", "ratings", "reviews"]
    assert len(page.find_elements(By.CSS_SELECTOR, "#drawing .call")) == 6
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "#drawing .call.bad")) == 1)
    titles = texts(page, "#drawing .call title")
    assert (
        "reviews.bookinfo → ratings.bookinfo\nhttp\n272 / min\n91.1 % successful\nseen by client and server" in titles
    )


def test_callers_stand_left_of_the_called(page: Chrome) -> None:
    script = """return Object.fromEntries([...document.querySelectorAll("#drawing .node")].map(
        (node) => [node.querySelector(".name").textContent, node.getBoundingClientRect().x]))"""
    x = page.execute_script(script)
    assert x["gateway"] < x["productpage"] < x["reviews"] < x["ratings"] < x["mysql"]
    assert x["details"] == x["reviews"]


def test_click_on_a_node_selects_the_service(page: Chrome) -> None:
    page.find_element(By.XPATH, "//*[@id='drawing']//*[text()='ratings']").click()
    until(page, lambda: find(page, "#detail-title").text.startswith("ratings"))
    assert find(page, "#service-table tr.selected b").text == "ratings"
    assert "ratings.bookinfo" in find(page, "#chart-title").text


def test_node_is_selected_by_keyboard_and_keeps_the_focus(page: Chrome) -> None:
    page.execute_script("document.querySelector('#drawing .node[aria-label^=\"details\"]').focus()")
    page.switch_to.active_element.send_keys(Keys.ENTER)
    until(page, lambda: find(page, "#detail-title").text.startswith("details"))
    assert (page.switch_to.active_element.get_attribute("aria-label") or "").startswith("details")


def test_members_are_listed_and_lead_to_their_metrics(page: Chrome) -> None:
    choose(page, "productpage.bookinfo")
    assert texts(page, "#endpoints .name") == ["GET:/productpage", "POST:/login", "GET:/api/v1/products"]
    assert texts(page, "#instances .numbers") == ["588 / min · 40 ms99.8 %"]
    find(page, "#endpoints button[title='POST:/login']").click()
    until(page, lambda: find(page, "#chart-title").text == "kubernetes_service_endpoint_call_cpm of POST:/login")
    assert set(texts(page, "#metrics option")) == {"call_cpm", "call_time", "call_successful_rate"}
    assert find(page, "#endpoints [aria-pressed=true]").get_attribute("title") == "POST:/login"


def test_choice_survives_a_reload(page: Chrome) -> None:
    choose(page, "reviews.bookinfo")
    pick(page, "kubernetes_service_write_time")
    page.refresh()
    wanted = "kubernetes_service_write_time of reviews.bookinfo"
    until(page, lambda: find(page, "#chart-title").text == wanted)


def test_page_without_services_says_what_to_do(chrome: Chrome) -> None:
    with memory_store() as storage, serving(dependencies(storage)) as url:
        chrome.get(f"{url}/")
        until(chrome, lambda: find(chrome, "#empty").is_displayed())
        assert "oap emulate" in find(chrome, "#empty").text
        assert not find(chrome, "#services").is_displayed()
        chrome.get("about:blank")


def test_page_tells_when_the_server_is_gone(chrome: Chrome) -> None:
    with memory_store() as storage, serving(dependencies(storage)) as url:
        chrome.get(f"{url}/")
        until(chrome, lambda: "healthy" in find(chrome, "#status-text").text)
    until(chrome, lambda: "trying again" in find(chrome, "#status-text").text)
    chrome.get("about:blank")


def test_page_asks_nothing_of_other_servers(cluster_url: str) -> None:
    folder = Path(__file__).parents[3] / "oap/query/page"
    for file in folder.iterdir():
        answer = httpx.get(f"{cluster_url}/page/{file.name}")
        assert answer.status_code == 200
        links = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "//cdn" not in links
        assert "http://" not in links
        assert "https://" not in links
