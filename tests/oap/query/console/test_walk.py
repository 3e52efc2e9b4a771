"""From the list of services to everything below it, by clicks and by keys alone."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.oap.query.browser import find, texts, until
from tests.oap.query.console.screenshots import keep_picture
from tests.oap.query.console.shop import LAYER, Shop, settle, sid, visit
from tests.oap.query.console.shown import same_amount

pytestmark = pytest.mark.browser

SERVICE = "K8S-Service-Service"


def click(chrome: Chrome, selector: str) -> None:
    """Click once there is something to click on."""
    until(chrome, lambda: chrome.find_elements(By.CSS_SELECTOR, selector))
    element = find(chrome, selector)
    chrome.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
    element.click()


def open_tab(chrome: Chrome, name: str) -> None:
    chrome.find_element(By.XPATH, f"//*[@role='tab'][text()='{name}']").click()
    until(chrome, lambda: find(chrome, '[role="tab"][aria-selected="true"]').text == name)
    settle(chrome)


def dashboard_is(chrome: Chrome, name: str) -> Callable[[], bool]:
    return lambda: (
        texts(chrome, "#dashboard") != [] and find(chrome, "#dashboard").get_attribute("data-dashboard") == name
    )


def subject(chrome: Chrome) -> list[str]:
    return find(chrome, "#subject").text.split()


def shape(chrome: Chrome, kind: str, *names: str) -> WebElement:
    """A node or call of the drawing by names in its label or beside it."""
    script = """const [kind, names] = arguments;
        return [...document.querySelectorAll(`.drawing .${kind}`)].find((one) =>
            names.every((name) => (one.getAttribute("aria-label") ?? "").includes(name)))"""
    found: WebElement | None = until(chrome, lambda: chrome.execute_script(script, kind, list(names)))
    assert found is not None
    return found


def test_every_page_is_reached_by_clicks(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    click(chrome, '.entities a[title="productpage.bookinfo"]')
    until(chrome, dashboard_is(chrome, SERVICE))
    assert subject(chrome) == ["productpage", "bookinfo"]

    open_tab(chrome, "Pods")
    pod = texts(chrome, ".entities .pick")[0].strip()
    click(chrome, f'.entities a[title="{pod}"]')
    until(chrome, dashboard_is(chrome, "K8S-Service-Pods"))
    assert subject(chrome) == [pod]

    click(chrome, '.heading nav a[href*="/Service/"]')
    until(chrome, dashboard_is(chrome, SERVICE))
    open_tab(chrome, "Endpoint")
    click(chrome, '.entities a[title="GET:/productpage"]')
    until(chrome, dashboard_is(chrome, "K8S-Endpoint"))
    assert subject(chrome) == ["GET:/productpage"]

    click(chrome, '.heading nav a[href*="/Service/"]')
    open_tab(chrome, "Topology")
    shape(chrome, "node", "productpage").click()
    until(chrome, lambda: "details.bookinfo" in texts(chrome, ".side .calls .link"))
    chrome.find_element(By.XPATH, "//*[@class='calls']//button[text()='details.bookinfo']").click()
    until(chrome, lambda: find(chrome, ".side h4").text == "productpage.bookinfo → details.bookinfo")
    click(chrome, ".side .open")
    until(chrome, dashboard_is(chrome, "K8S-Service-Relation"))
    assert subject(chrome) == ["productpage", "bookinfo", "→", "details", "bookinfo"]

    open_tab(chrome, "Topology")
    until(chrome, lambda: texts(chrome, ".drawing .call"))
    chrome.execute_script(
        "document.querySelector('.drawing .call').dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    )
    until(chrome, lambda: texts(chrome, ".side .values-list dd"))
    keep_picture(chrome, "k8s-service-relation-topology")
    click(chrome, ".side .open")
    until(chrome, dashboard_is(chrome, "K8S-Service-Instance-Relation"))
    assert subject(chrome)[1] == "→"

    click(chrome, "#to-rules")
    until(chrome, lambda: texts(chrome, "#rule-count") == ["296"])
    keep_picture(chrome, "rules")
    click(chrome, "#to-explore")
    until(chrome, lambda: texts(chrome, "#chart .plot"))
    keep_picture(chrome, "metrics")
    click(chrome, ".to-layer")
    until(chrome, dashboard_is(chrome, "K8S-Service-Root"))
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_highest_service_leads_to_its_dashboard(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    click(chrome, '.toplist li[title="reviews.bookinfo"] a')
    until(chrome, dashboard_is(chrome, SERVICE))
    assert subject(chrome) == ["reviews", "bookinfo"]
    chrome.back()
    until(chrome, dashboard_is(chrome, "K8S-Service-Root"))


def test_switch_leads_to_another_service_and_keeps_the_tab(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("dashboard", LAYER, "Service", sid("productpage"), SERVICE, tab="HTTP"))
    find(chrome, "#switch").send_keys("ratings")
    until(chrome, lambda: subject(chrome) == ["ratings", "bookinfo"])
    assert find(chrome, '[role="tab"][aria-selected="true"]').text == "HTTP"


def test_chosen_service_shows_its_values_and_calls(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("layer", LAYER, tab="Topology", node=sid("details")))
    until(chrome, lambda: "–" not in texts(chrome, ".side dd")[:1])
    shown = dict(zip(texts(chrome, ".side dt"), texts(chrome, ".side dd"), strict=True))
    entity = {"serviceName": "details.bookinfo", "normal": True}
    [load] = shop.values("avg(kubernetes_service_http_call_cpm)", **entity)
    [written] = shop.values("avg(kubernetes_service_write_package_size)/60", **entity)
    assert same_amount(shown["HTTP load"], load)
    assert same_amount(shown["Written"], written, "bytes / s")
    assert "productpage.bookinfo" in texts(chrome, ".side .calls .link")
    keep_picture(chrome, "k8s-service-root-topology")


def test_drawing_has_the_nodes_and_calls_that_the_server_tells(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("layer", LAYER, tab="Topology"))
    until(chrome, lambda: texts(chrome, ".drawing .call"))
    asked = chrome.execute_script("return window.asked.find((one) => one.body.query.includes('getServicesTopology'))")
    told = asked["answer"]["data"]["topology"]
    ids = "return [...document.querySelectorAll(arguments[0])].map((one) => one.dataset.id ?? one.dataset.call).sort()"
    assert chrome.execute_script(ids, ".drawing .node") == sorted(node["id"] for node in told["nodes"])
    assert chrome.execute_script(ids, ".drawing .call") == sorted(call["id"] for call in told["calls"])


def test_callers_stand_left_of_the_called(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("layer", LAYER, tab="Topology"))
    names = ("gateway", "productpage", "reviews", "ratings", "mysql")
    places = [shape(chrome, "node", name).rect["x"] for name in names]
    assert places == sorted(places)


def test_tabs_are_moved_between_by_arrow_keys(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("dashboard", LAYER, "Service", sid("details"), SERVICE))
    find(chrome, '[role="tab"][aria-selected="true"]').send_keys(Keys.ARROW_RIGHT)
    until(chrome, lambda: find(chrome, '[role="tab"][aria-selected="true"]').text == "Topology")
    assert chrome.switch_to.active_element.text == "Topology"
    assert "tab=Topology" in chrome.current_url
    chrome.switch_to.active_element.send_keys(Keys.HOME)
    until(chrome, lambda: find(chrome, '[role="tab"][aria-selected="true"]').text == "Overview")


def test_service_is_opened_by_keys_alone(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    wanted = ("details.bookinfo", "A")
    for _ in range(60):
        chrome.switch_to.active_element.send_keys(Keys.TAB)
        reached = chrome.switch_to.active_element
        if (reached.get_attribute("title"), reached.tag_name.upper()) == wanted:
            break
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert chrome.execute_script(outline) == "solid"
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    until(chrome, dashboard_is(chrome, SERVICE))


def test_node_is_chosen_by_key_and_keeps_the_focus(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("layer", LAYER, tab="Topology"))
    node = shape(chrome, "node", "details")
    chrome.execute_script("arguments[0].focus()", node)
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    until(chrome, lambda: texts(chrome, ".side h4") == ["details.bookinfo"])
    assert (chrome.switch_to.active_element.get_attribute("aria-label") or "").startswith("details")


def test_arrow_keys_read_the_chart(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("explore", service="details.bookinfo", metric="kubernetes_service_http_call_cpm"))
    plot = find(chrome, "#chart .plot")
    values = shop.values("kubernetes_service_http_call_cpm", serviceName="details.bookinfo", normal=True)
    plot.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 5)
    tip = find(chrome, "#chart .tip")
    moment, amount = tip.text.splitlines()
    assert moment == "2026-01-01 12:00"
    assert values[5] is not None
    assert same_amount(amount, values[5])
    plot.send_keys(Keys.ESCAPE)
    assert not tip.is_displayed()


def test_cross_hairs_of_associated_panels_move_together(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("dashboard", LAYER, "Service", sid("details"), SERVICE, tab="TCP"))
    find(chrome, '[role="tabpanel"] .plot').send_keys(Keys.HOME)
    until(chrome, lambda: texts(chrome, ".tip:not([hidden]) time").count("2026-01-01 11:55") > 1)


def test_first_stop_skips_to_the_page(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    find(chrome, "body").send_keys(Keys.TAB)
    assert chrome.switch_to.active_element.text == "Skip to the page"
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    assert chrome.switch_to.active_element.get_attribute("id") == "page"
