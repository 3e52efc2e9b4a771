"""Two hundred services in twenty namespaces: lists come page by page, and the topology stays usable."""

import json
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from oap.entity import ids
from oap.entity.components import HTTP
from oap.entity.layers import Layer
from oap.storage.contract import HandOver, ServiceRelationRow, ServiceTraffic, Template
from tests.oap.process.server_process import ROOT
from tests.oap.query.browser import find, texts, until
from tests.oap.query.cluster import FIRST, LAST, dependencies, memory_store, models, serving
from tests.oap.query.console.screenshots import keep_picture
from tests.oap.query.console.shop import settle

pytestmark = pytest.mark.browser

NAMES = [f"service-{at:03}.namespace-{at % 20:02}" for at in range(200)]
TOPOLOGY = "#layer/K8S_SERVICE&tab=Topology"


def calls() -> Iterator[tuple[str, str]]:
    """Each service calls two of the next forty."""
    for at, name in enumerate(NAMES):
        for step in (7, 23):
            if at + step < len(NAMES):
                yield name, NAMES[at + step]


def hand_over() -> HandOver:
    services = [ServiceTraffic(ids.service_id(name), name, Layer.K8S_SERVICE, FIRST) for name in NAMES]
    edges = [(ids.service_id(source), ids.service_id(dest)) for source, dest in calls()]
    relations = [
        ServiceRelationRow(LAST, True, ids.service_relation_id(source, dest), source, dest, (HTTP,))
        for source, dest in edges
    ]
    return HandOver(
        metrics=[], services=services, instances=[], endpoints=[], service_relations=relations, instance_relations=[]
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    root = ROOT / "config/ui-initialized-templates/k8s_service/k8s-service-root.json"
    [template] = json.loads(root.read_text(encoding="utf-8"))
    with memory_store() as storage:
        storage.prepare(list(models().values()))
        storage.write(hand_over())
        storage.save_template(Template(template["id"], json.dumps(template["configuration"]), 0))
        with serving(dependencies(storage)) as address:
            yield address


def visit(chrome: Chrome, address: str) -> None:
    chrome.get("about:blank")
    chrome.get(address)
    settle(chrome)
    if "Topology" in address:
        until(chrome, lambda: texts(chrome, ".drawing .node"))


def labels(chrome: Chrome, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.getAttribute('aria-label'))"
    found: list[str] = chrome.execute_script(script, selector)
    return found


def heights(chrome: Chrome, selector: str) -> list[float]:
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.getBoundingClientRect().height)"
    found: list[float] = chrome.execute_script(script, selector)
    return found


def test_namespaces_stand_for_their_services(chrome: Chrome, url: str) -> None:
    visit(chrome, f"{url}/{TOPOLOGY}")
    groups = sorted(labels(chrome, ".drawing .node.group"))
    assert len(groups) == 20
    assert groups[0] == "namespace namespace-00, 10 services"
    assert labels(chrome, ".drawing .node:not(.group)") == []
    assert texts(chrome, ".topology-widget .count") == ["200 nodes · 370 calls"]
    keep_picture(chrome, "topology-200-namespaces")


def test_namespace_is_opened_and_closed(chrome: Chrome, url: str) -> None:
    visit(chrome, f"{url}/{TOPOLOGY}")
    group = next(
        one
        for one in chrome.find_elements(By.CSS_SELECTOR, ".drawing .node.group")
        if "namespace-03" in (one.get_attribute("aria-label") or "")
    )
    chrome.execute_script("arguments[0].focus()", group)
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    until(chrome, lambda: len(labels(chrome, ".drawing .node:not(.group)")) == 10)
    assert "open=namespace-03" in chrome.current_url
    keep_picture(chrome, "topology-200-one-open")
    chrome.execute_script(
        "document.querySelector('.frame .close').dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    )
    until(chrome, lambda: not labels(chrome, ".drawing .node:not(.group)"))


def test_search_marks_namespaces_and_enter_opens_the_service(chrome: Chrome, url: str) -> None:
    visit(chrome, f"{url}/{TOPOLOGY}")
    search = find(chrome, "#topology-search")
    search.send_keys("service-042")
    until(chrome, lambda: len(chrome.find_elements(By.CSS_SELECTOR, ".drawing .node.dim")) == 19)
    search.send_keys(Keys.ENTER)
    until(chrome, lambda: texts(chrome, ".side h4") == ["service-042.namespace-02"])
    assert "service-042.namespace-02" in [label.split(",")[0] for label in labels(chrome, ".drawing .node.selected")]


def test_depth_leaves_what_is_near(chrome: Chrome, url: str) -> None:
    chosen = ids.service_id("service-042.namespace-02").replace("=", "%3D")
    visit(chrome, f"{url}/{TOPOLOGY}&group=none&depth=1&node={chosen}")
    until(chrome, lambda: len(labels(chrome, ".drawing .node")) == 5)
    names = sorted(label.split(".")[0] for label in labels(chrome, ".drawing .node"))
    assert names == ["service-019", "service-035", "service-042", "service-049", "service-065"]
    keep_picture(chrome, "topology-200-depth-1")


def test_all_services_are_drawn_when_asked_for(chrome: Chrome, url: str) -> None:
    visit(chrome, f"{url}/{TOPOLOGY}")
    chrome.find_element(By.XPATH, "//button[text()='Open all']").click()
    until(chrome, lambda: len(labels(chrome, ".drawing .node")) == 200)
    assert len(chrome.find_elements(By.CSS_SELECTOR, ".drawing .frame")) == 20
    until(chrome, lambda: min(heights(chrome, ".drawing .frame-name")) > 12)
    assert max(heights(chrome, ".drawing .node .name")) == 0
    keep_picture(chrome, "topology-200-open")


def test_long_list_comes_page_by_page(chrome: Chrome, url: str) -> None:
    visit(chrome, f"{url}/#layer/K8S_SERVICE")
    assert len(texts(chrome, ".entities tbody tr")) == 25
    assert texts(chrome, ".entities .pick b")[0] == "service-000"
    find(chrome, ".pages button:last-child").click()
    until(chrome, lambda: texts(chrome, ".entities .pick b")[0] == "service-025")
    find(chrome, ".list-widget input").send_keys("namespace-07")
    until(chrome, lambda: texts(chrome, ".entities .pick b")[:2] == ["service-007", "service-027"])
    assert texts(chrome, ".list-widget .count") == ["10 of 200"]
