"""Every page over the emulator's book shop shows what GraphQL answers, and is kept as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.oap.query.browser import find
from tests.oap.query.console.dashboards import above_tabs, differences, tabs_of, unit_of, widgets_of
from tests.oap.query.console.screenshots import keep_picture
from tests.oap.query.console.shop import LAYER, Answer, Shop, answered_again, endpoint, name_of, sid, visit
from tests.oap.query.console.shown import same_amount

pytestmark = pytest.mark.browser

ROOT, SERVICE, PODS, ENDPOINT = "K8S-Service-Root", "K8S-Service-Service", "K8S-Service-Pods", "K8S-Endpoint"
RELATION, POD_RELATION = "K8S-Service-Relation", "K8S-Service-Instance-Relation"
LISTS = {"ServiceList", "InstanceList", "EndpointList"}
WITHOUT_CHARTS = {"Services", "Topology", "Pods", "Endpoint"}


@dataclass(frozen=True, slots=True)
class Page:
    """A dashboard about an entity: the path of its address, and names of the entity as requests have them."""

    path: tuple[str, ...]
    names: str


def page_of(shop: Shop, dashboard: str) -> Page:
    """A page of each dashboard."""
    source, dest, name = sid("productpage"), sid("details"), "productpage.bookinfo"
    both = f"{name} details.bookinfo"
    if dashboard == ROOT:
        return Page(("dashboard", LAYER, "All", ROOT), "")
    if dashboard == SERVICE:
        return Page(("dashboard", LAYER, "Service", source, SERVICE), name)
    if dashboard == ENDPOINT:
        called = "GET:/productpage"
        return Page(
            ("dashboard", LAYER, "Endpoint", source, endpoint("productpage", called), ENDPOINT), f"{name} {called}"
        )
    if dashboard == RELATION:
        return Page(("dashboard", LAYER, "ServiceRelation", source, dest, RELATION), both)
    pod = shop.first_instance("productpage")
    if dashboard == PODS:
        return Page(("dashboard", LAYER, "ServiceInstance", source, pod, PODS), f"{name} {name_of(pod)}")
    called = shop.first_instance("details")
    path = ("dashboard", LAYER, "ServiceInstanceRelation", source, pod, dest, called, POD_RELATION)
    return Page(path, f"{name} {name_of(pod)} details.bookinfo {name_of(called)}")


CHARTS = [
    (dashboard, tab)
    for dashboard in (ROOT, SERVICE, PODS, ENDPOINT, RELATION, POD_RELATION)
    for tab in tabs_of(dashboard)
    if tab not in WITHOUT_CHARTS
]


@pytest.mark.parametrize(("dashboard", "tab"), CHARTS)
def test_panels_show_what_the_server_answers(chrome: Chrome, shop: Shop, dashboard: str, tab: str) -> None:
    page = page_of(shop, dashboard)
    visit(chrome, shop.link(*page.path, tab=tab))
    answers = answered_again(chrome, shop)
    panel = find(chrome, '[role="tabpanel"]')
    assert list(differences(panel, widgets_of(dashboard, tab), answers, page.names)) == []
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]
    keep_picture(chrome, f"{dashboard}-{tab}".lower())


def test_highest_and_lowest_services_stand_above_the_list(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    answers = answered_again(chrome, shop)
    assert len(above_tabs(ROOT)) == 4
    assert list(differences(find(chrome, "#dashboard"), above_tabs(ROOT), answers, "")) == []
    keep_picture(chrome, "root")


@pytest.mark.parametrize(
    ("dashboard", "tab", "rows"), [(ROOT, "Services", 6), (SERVICE, "Pods", 3), (SERVICE, "Endpoint", 22)]
)
def test_lists_show_what_the_server_answers(chrome: Chrome, shop: Shop, dashboard: str, tab: str, rows: int) -> None:
    page = page_of(shop, dashboard)
    visit(chrome, shop.link(*page.path, tab=tab))
    answers = answered_again(chrome, shop)
    [widget] = [widget for widget in widgets_of(dashboard, tab) if widget.get("graph", {}).get("type") in LISTS]
    shown = table(chrome)
    assert len(shown) == rows
    for name, texts in shown.items():
        entity = f"{page.names} {name}".strip()
        values = [first_value(answers[expression, entity]) for expression in widget["expressions"]]
        assert all(map(same_amount, texts, values, [""] * len(values))), (name, texts, values)
    firsts = [float(texts[0].replace(",", "")) for texts in shown.values() if texts[0] != "–"]
    assert firsts == sorted(firsts, reverse=True)
    keep_picture(chrome, f"{dashboard}-{tab}".lower())


def table(chrome: Chrome) -> Mapping[str, Sequence[str]]:
    """Texts of the cells of a list by name, in the order shown."""
    rows = chrome.find_elements(By.CSS_SELECTOR, '[role="tabpanel"] .entities tbody tr')
    return {
        row.find_element(By.CSS_SELECTOR, ".pick").get_attribute("title") or "": [
            cell.text for cell in row.find_elements(By.CSS_SELECTOR, "td span")
        ]
        for row in rows
    }


def first_value(answer: Answer) -> str | None:
    assert answer["error"] is None
    value: str | None = answer["results"][0]["values"][0]["value"] if answer["results"] else None
    return value


def test_units_of_lists_stand_in_their_heads(chrome: Chrome, shop: Shop) -> None:
    visit(chrome, shop.link())
    [widget] = [widget for widget in widgets_of(ROOT, "Services") if widget["graph"]["type"] == "ServiceList"]
    heads = [head.text.removesuffix(" ↓") for head in chrome.find_elements(By.CSS_SELECTOR, ".entities thead .number")]
    units = [unit_of(widget, at) for at in range(len(widget["expressions"]))]
    labels = [config["label"] for config in widget["metricConfig"]]
    assert heads == [f"{label} ({unit})" if unit else label for label, unit in zip(labels, units, strict=True)]
