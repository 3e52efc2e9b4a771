"""What is chosen stands in the address: links, ranges, filters; and how the page looks on other screens."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.oap.query.browser import find, texts, until
from tests.oap.query.console.screenshots import keep_picture
from tests.oap.query.console.shop import LAYER, Shop, endpoint, settle, sid, visit

pytestmark = pytest.mark.browser

SERVICE = ("dashboard", LAYER, "Service", sid("productpage"), "K8S-Service-Service")


@contextmanager
def window_of(chrome: Chrome, width: int, height: int) -> Iterator[None]:
    """A window of another size."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        yield
    finally:
        chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def durations(chrome: Chrome) -> set[tuple[str, str, str]]:
    """Durations that the page asked for since the last look."""
    script = "return window.asked.splice(0).map((one) => one.body.variables.duration).filter(Boolean)"
    return {(asked["start"], asked["end"], asked["step"]) for asked in chrome.execute_script(script)}


def test_link_shows_the_same_sight(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    find(chrome, ".list-widget input").send_keys("RATI")
    until(chrome, lambda: texts(chrome, ".entities .pick") == ["ratings bookinfo"])
    chrome.execute_script("[...document.querySelectorAll('.entities th button')][0].click()")
    address = chrome.current_url
    assert "find=RATI&sort=name" in address
    visit(chrome, address)
    assert texts(chrome, ".entities .pick") == ["ratings bookinfo"]
    assert find(chrome, ".entities thead th").get_attribute("aria-sort") == "ascending"
    assert texts(chrome, ".list-widget .count") == ["1 of 6"]


def test_link_of_a_topology_shows_the_same_choice(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("layer", LAYER, tab="Topology", node=sid("reviews"), depth="1"))
    until(chrome, lambda: texts(chrome, ".side h4") == ["reviews.bookinfo"])
    names = {name.split(",")[0] for name in texts_of_labels(chrome)}
    assert names == {"productpage.bookinfo", "reviews.bookinfo", "ratings.bookinfo", "redis.bookinfo"}
    Select(find(chrome, "#depth")).select_by_value("2")
    until(chrome, lambda: "gateway.bookinfo" in {name.split(",")[0] for name in texts_of_labels(chrome)})


def test_drawing_stays_while_another_depth_is_read(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link(*SERVICE, tab="Topology", depth="1"))
    note = f'[data-id="{sid("productpage")}"] .note'
    until(chrome, lambda: "calls / min" in "".join(texts(chrome, note)))
    [load] = texts(chrome, note)
    script = """window.seen = [];
        const look = () => window.seen.push([document.querySelector(arguments[0])?.textContent,
            document.querySelector(".topology-widget .count").textContent]);
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });"""
    chrome.execute_script(script.replace("arguments[0]", repr(note)))
    before = texts(chrome, ".topology-widget .count")[0]
    Select(find(chrome, "#depth")).select_by_value("3")
    until(chrome, lambda: "mysql.bookinfo, bookinfo" in texts_of_labels(chrome))
    after = texts(chrome, ".topology-widget .count")[0]
    seen = {(note, count) for note, count in chrome.execute_script("return window.seen")}
    assert seen <= {(load, before), (load, after)}


def texts_of_labels(chrome: Chrome) -> list[str]:
    script = "return [...document.querySelectorAll('.drawing .node')].map((one) => one.getAttribute('aria-label'))"
    labels: list[str] = chrome.execute_script(script)
    return labels


def test_link_to_a_service_that_nobody_knows_says_so(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link("dashboard", LAYER, "Service", sid("nowhere"), SERVICE[-1]))
    assert find(chrome, "#unheard").text.startswith("The server knows no service nowhere.bookinfo: ")
    find(chrome, "#unheard a").click()
    until(chrome, lambda: texts(chrome, ".entities .pick"))
    assert chrome.find_elements(By.CSS_SELECTOR, "#unheard") == []


def test_fixed_span_asks_for_just_these_minutes(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link(*SERVICE))
    assert durations(chrome) == {("2026-01-01 1155", "2026-01-01 1204", "MINUTE")}
    assert find(chrome, "#refresh").get_attribute("disabled") == "true"


@pytest.mark.parametrize(("value", "step"), [("10m", "MINUTE"), ("6h", "MINUTE"), ("24h", "HOUR"), ("7d", "HOUR")])
def test_range_is_chosen_and_kept_on_the_way(chrome: Chrome, shop: Shop, value: str, step: str) -> None:
    visit(chrome, shop.link(*SERVICE))
    durations(chrome)
    Select(find(chrome, "#range")).select_by_value(value)
    until(chrome, lambda: {asked[2] for asked in durations(chrome)} == {step})
    assert f"range={value}" in chrome.current_url
    assert "from=" not in chrome.current_url
    find(chrome, ".heading nav a").click()
    until(chrome, lambda: "layer/" in chrome.current_url)
    assert f"range={value}" in chrome.current_url


def test_span_is_typed_in(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, f"{shop.url}/#layer/{LAYER}&range=1h&refresh=0")
    Select(find(chrome, "#range")).select_by_value("fixed")
    script = """for (const [id, value] of Object.entries(arguments[0])) {
        const input = document.getElementById(id);
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    until(chrome, lambda: texts(chrome, "form.span button"))
    chrome.execute_script(script, {"from": "2026-01-01T12:00", "to": "2026-01-01T11:00"})
    until(chrome, lambda: not find(chrome, "form.span button").is_enabled())
    chrome.execute_script(script, {"from": "2026-01-01T11:59", "to": "2026-01-01T12:02"})
    until(chrome, lambda: find(chrome, "form.span button").is_enabled())
    durations(chrome)
    find(chrome, "form.span button").click()
    until(chrome, lambda: ("2026-01-01 1159", "2026-01-01 1202", "MINUTE") in durations(chrome))
    assert "from=2026-01-01T11%3A59&to=2026-01-01T12%3A02" in chrome.current_url


def test_page_asks_anew_as_often_as_chosen(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, f"{shop.url}/#layer/{LAYER}&refresh=0")
    Select(find(chrome, "#refresh")).select_by_value("5")
    durations(chrome)
    until(chrome, lambda: durations(chrome))
    until(chrome, lambda: durations(chrome))
    assert "refresh=5" in chrome.current_url


TICKING = """
const started = window.setInterval;
window.ticks = 0;
window.setInterval = (run, ms) => started(() => { run(); window.ticks += 1; }, ms / 100);
window.look = (isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
};
"""


def asks_nothing(chrome: Chrome) -> bool:
    """Whether the page asks for no metrics while it could have done so ten times."""
    ticks = chrome.execute_script("return window.ticks")
    until(chrome, lambda: chrome.execute_script("return window.ticks") > ticks + 10)
    return not durations(chrome)


def test_page_that_nobody_looks_at_asks_for_no_metrics(chrome: Chrome, shop: Shop) -> None:
    script = chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TICKING})
    visit(chrome, f"{shop.url}/#layer/{LAYER}&refresh=10")
    chrome.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    until(chrome, lambda: durations(chrome))
    chrome.execute_script("window.look(true)")
    until(chrome, lambda: asks_nothing(chrome))  # once what was under way is answered
    assert asks_nothing(chrome)
    chrome.execute_script("window.look(false)")
    until(chrome, lambda: durations(chrome))
    chrome.get("about:blank")


def test_time_stands_still_without_refresh(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, f"{shop.link(*SERVICE).split('&')[0]}&range=30m&refresh=0")
    before = {asked[1] for asked in durations(chrome)}
    chrome.execute_script("const now = Date.now; Date.now = () => now() + 600_000")
    chrome.find_element(By.XPATH, "//*[@role='tab'][text()='HTTP']").click()
    assert until(chrome, lambda: {asked[1] for asked in durations(chrome)}) <= before


def test_another_page_begins_at_its_top(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link(*SERVICE, tab="Endpoint"))
    chrome.execute_script("window.scrollTo(0, 300)")
    last = chrome.find_elements(By.CSS_SELECTOR, ".entities .pick")[10]
    assert chrome.execute_script("return window.scrollY") == 300
    last.click()
    until(chrome, lambda: "Endpoint/" in chrome.current_url)
    until(chrome, lambda: chrome.execute_script("return window.scrollY") == 0)
    assert chrome.switch_to.active_element.get_attribute("id") == "page"


def test_colours_are_chosen(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link(*SERVICE))
    colour = "return getComputedStyle(document.body).backgroundColor"
    seen = []
    for _ in range(3):
        seen.append(chrome.execute_script(colour))
        find(chrome, "#theme").click()
    assert seen == ["rgb(244, 246, 248)", "rgb(244, 246, 248)", "rgb(14, 21, 28)"]
    chrome.execute_script("localStorage.clear()")


def test_dark_system_makes_the_page_dark(chrome: Chrome, shop: Shop) -> None:
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    visit(chrome, shop.link(*SERVICE))
    assert chrome.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(14, 21, 28)"
    keep_picture(chrome, "dark")
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


PATHS = {
    "root": ("layer", LAYER),
    "service": SERVICE,
    "endpoint": (
        "dashboard",
        LAYER,
        "Endpoint",
        sid("productpage"),
        endpoint("productpage", "GET:/productpage"),
        "K8S-Endpoint",
    ),
    "relation": ("dashboard", LAYER, "ServiceRelation", sid("productpage"), sid("details"), "K8S-Service-Relation"),
    "rules": ("rules",),
    "metrics": ("explore",),
}


@pytest.mark.parametrize("name", PATHS)
def test_page_fits_a_phone(chrome: Chrome, shop: Shop, name: str) -> None:
    with window_of(chrome, 390, 844):
        visit(chrome, shop.link(*PATHS[name]))
        assert chrome.execute_script("return document.documentElement.scrollWidth") == 390
        small = """return [...document.querySelectorAll("a, button, select, input")].filter((one) => {
            const { width, height } = one.getBoundingClientRect();
            return width > 0 && !one.matches(".skip, footer a") && Math.min(width, height) < 24;
        }).map((one) => one.outerHTML)"""
        assert chrome.execute_script(small) == []
        keep_picture(chrome, f"phone-{name}")


def test_open_tab_and_units_are_in_sight_on_a_phone(chrome: Chrome, shop: Shop) -> None:
    with window_of(chrome, 390, 844):
        visit(chrome, shop.link(*SERVICE, tab="Endpoint"))
        edges = """const { left, right } = document.querySelector('[role="tab"][aria-selected="true"]').getBoundingClientRect();
            return [left >= 0, right <= 390, window.scrollY]"""
        assert chrome.execute_script(edges) == [True, True, 0]
        head = "return getComputedStyle(document.querySelector('.entities td'), '::before').content"
        assert chrome.execute_script(head) == '"Load (calls / min)"'


def test_topology_on_a_phone_is_large_enough_to_read(chrome: Chrome, shop: Shop) -> None:
    with window_of(chrome, 390, 844):
        visit(chrome, shop.link(*SERVICE, tab="Topology"))
        until(chrome, lambda: texts(chrome, ".drawing .node.selected .name") == ["productpage"])
        height = "return document.querySelector('.drawing .node.selected .name').getBoundingClientRect().height"
        until(chrome, lambda: chrome.execute_script(height) >= 9)
        settle(chrome)
        keep_picture(chrome, "phone-topology")
