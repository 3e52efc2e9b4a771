"""What is chosen stands in the address: links, ranges, filters; and how the page looks on other screens."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome
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


def texts_of_labels(chrome: Chrome) -> list[str]:
    script = "return [...document.querySelectorAll('.drawing .node')].map((one) => one.getAttribute('aria-label'))"
    labels: list[str] = chrome.execute_script(script)
    return labels


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
        keep_picture(chrome, f"phone-{name}")


def test_topology_on_a_phone_is_large_enough_to_read(chrome: Chrome, shop: Shop) -> None:
    with window_of(chrome, 390, 844):
        visit(chrome, shop.link(*SERVICE, tab="Topology"))
        until(chrome, lambda: texts(chrome, ".drawing .node.selected .name") == ["productpage"])
        height = "return document.querySelector('.drawing .node.selected .name').getBoundingClientRect().height"
        until(chrome, lambda: chrome.execute_script(height) >= 9)
        settle(chrome)
        keep_picture(chrome, "phone-topology")
