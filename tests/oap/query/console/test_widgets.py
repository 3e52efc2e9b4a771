"""Widgets of dashboards that people write: every kind, odd ones, and those whose metrics are unknown or silent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from oap.storage.contract import Template
from tests.oap.query.browser import find, texts, until
from tests.oap.query.cluster import PAGE, dependencies, fill, memory_store, serving, sid
from tests.oap.query.console.screenshots import keep_picture
from tests.oap.query.console.shop import visit

pytestmark = pytest.mark.browser

CALLS, TIME = "kubernetes_service_http_call_cpm", "kubernetes_service_http_call_time"
SPAN = "from=2026-01-01T12:00&to=2026-01-01T12:30"
Widget = Mapping[str, Any]


def widget(i: int, graph: str, *expressions: str, **more: object) -> Widget:
    """A widget in the i-th place of rows of three."""
    place = {"x": i % 3 * 8, "y": i // 3 * 12, "w": 8, "h": 12, "i": str(i)}
    titled = {"title": f"{graph} {i}", "tips": f"about {i}"}
    return {
        **place,
        "type": "Widget",
        "graph": {"type": graph},
        "widget": titled,
        "expressions": list(expressions),
        **more,
    }


def dashboard(name: str, *children: Widget, **more: object) -> Template:
    """A template about one service."""
    configuration = {"name": name, "layer": "K8S_SERVICE", "entity": "Service", "children": children, **more}
    return Template(name, json.dumps(configuration), 0)


ALL = dashboard(
    "All",
    widget(0, "Line", "kubernetes_service_percentile", metricConfig=[{"unit": "ms"}]),
    widget(1, "Area", CALLS, TIME, metricConfig=[{"label": "Calls"}, {"label": "Time"}]),
    widget(2, "Bar", CALLS),
    widget(3, "Card", f"avg({CALLS})", f"max({TIME})", metricConfig=[{"label": "Calls"}, {"label": "Slowest", "unit": "ms"}]),
    widget(4, "Table", "avg(kubernetes_service_percentile)", f"avg({CALLS})", metricConfig=[{}, {"label": "calls"}]),
    widget(
        5,
        "TopList",
        "top_n(kubernetes_service_endpoint_call_cpm,2,des)",
        "top_n(kubernetes_service_endpoint_call_time,5,asc)",
        metricConfig=[{"label": "Busy"}, {"label": "Quick", "unit": "ms"}],
    ),
    {"x": 0, "y": 24, "w": 24, "h": 2, "i": "6", "type": "Text", "graph": {"content": "More", "url": "https://example.org/"}},
    {"x": 0, "y": 26, "w": 24, "h": 20, "i": "7", "type": "Tab", "children": [
        {"name": "Shown", "expression": f"avg({CALLS}) > 1", "children": [widget(0, "Card", f"count({CALLS})")]},
        {"name": "Hidden", "expression": f"avg({CALLS}) > 100000", "children": [widget(0, "Card", f"count({CALLS})")]},
        {"name": "Always", "children": [widget(0, "Card", f"sum({TIME})")]},
    ]},
    isDefault=True,
)  # fmt: skip
ODD = dashboard(
    "Odd",
    widget(0, "Line", "kubernetes_service_http_cal_cpm", CALLS),
    widget(1, "Line", "kubernetes_service_connect_cpm + "),
    widget(2, "Line", "kubernetes_service_http_call_time", metricConfig="none", associate=7),
    widget(3, "Heatmap", "kubernetes_service_apdex"),
    {"type": "Ebpf"},
    {"type": "Widget"},
)
LONG = "a label that goes on and on, longer than the half of a window is wide"
CROWDED = dashboard(
    "Crowded",
    widget(0, "Bar", "kubernetes_service_percentile"),
    widget(1, "Line", CALLS, TIME, f"{TIME}*2", metricConfig=[{"label": f"{LONG} {at}"} for at in range(3)]),
    widget(2, "Card", f"latest({CALLS})"),
    widget(3, "Line", "kubernetes_service_connect_cpm"),
)
BROKEN = Template("broken", "{", 0)


@dataclass(frozen=True, slots=True)
class Rig:
    url: str

    def page(self, name: str, service: str = PAGE, span: str = SPAN) -> str:
        return f"{self.url}/#dashboard/K8S_SERVICE/Service/{sid(service).replace('=', '%3D')}/{name}&{span}"


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with memory_store() as storage:
        fill(storage)
        for template in (ALL, ODD, CROWDED, BROKEN):
            storage.save_template(template)
        with serving(dependencies(storage)) as url:
            yield Rig(url)


def panel(chrome: Chrome, i: int) -> str:
    """Text of a panel that stands on no tab."""
    return find(chrome, f'#dashboard > .band [data-widget="{i}"] .content').text


def label(chrome: Chrome, i: int) -> str:
    return find(chrome, f'#dashboard > .band [data-widget="{i}"] .plot').get_attribute("aria-label") or ""


def test_every_kind_of_widget_shows_its_values(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("All"))
    assert texts(chrome, '[data-widget="0"] .legend button')[:5] == ["p=50", "p=75", "p=90", "p=95", "p=99"]
    assert label(chrome, 1) == "Area 1: Calls 489, Time 33. Arrow keys read it."
    assert label(chrome, 2) == f"Bar 2: {CALLS} 489. Arrow keys read it."
    assert panel(chrome, 3).splitlines() == ["Calls", "589", "Slowest", "49 ms"]
    assert panel(chrome, 4).splitlines() == [
        "Name Value", "p=50 31.9", "p=75 44", "p=90 64.1", "p=95 84.1", "p=99 160", "calls 589",
    ]  # fmt: skip
    assert texts(chrome, ".toplist .name") == ["GET:/productpage", "POST:/login"]
    assert find(chrome, ".text-widget a").get_attribute("href") == "https://example.org/"
    keep_picture(chrome, "every-kind-of-widget")


def test_list_of_several_expressions_offers_each(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("All"))
    Select(find(chrome, ".toplist-widget select")).select_by_visible_text("Quick")
    assert texts(chrome, ".toplist .name") == ["GET:/api/v1/products", "POST:/login", "GET:/productpage"]


def test_lines_are_switched_off_and_on(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("All"))
    button = find(chrome, '[data-widget="1"] .legend button')
    button.click()
    until(chrome, lambda: button.get_attribute("aria-pressed") == "false")
    button.click()
    until(chrome, lambda: button.get_attribute("aria-pressed") == "true")


def test_tab_whose_expression_is_not_true_is_hidden(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("All"))
    until(chrome, lambda: texts(chrome, "[role=tab]") == ["Shown", "Always"])
    assert texts(chrome, "[role=tabpanel] dd") == ["31"]


def test_unknown_metric_is_told_beside_what_is_known(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Odd"))
    said = panel(chrome, 0)
    assert said.splitlines()[0].endswith(
        "did you mean 'kubernetes_service_http_call_cpm'? kubernetes_service_http_cal_cpm"
    )
    assert f"{CALLS} 489" in label(chrome, 0)
    assert find(chrome, '[data-widget="1"] .trouble code').text == "kubernetes_service_connect_cpm +"
    assert label(chrome, 2).startswith("Line 2: kubernetes_service_http_call_time 33")
    keep_picture(chrome, "odd-dashboard")


def test_widget_of_another_program_says_so(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Odd"))
    shown = [one.text for one in chrome.find_elements(By.CSS_SELECTOR, ".unknown-widget")]
    assert [text for text in shown if "Ebpf" in text]
    assert [text for text in shown if "Heatmap" in text]


def test_panel_without_data_leads_to_its_rule(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Odd", service="mysql.data"))
    said = '#dashboard > .band [data-widget="2"] .content'
    assert find(chrome, said).text == "No data in this range.\nWhy?"
    assert f"#rules&from=2026-01-01T12%3A00&to=2026-01-01T12%3A30&search={TIME}&metric={TIME}" in (
        find(chrome, f"{said} a").get_attribute("href") or ""
    )


def test_missing_dashboard_says_what_is_missing(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Nowhere"))
    assert "There is no dashboard “Nowhere” for Service of the layer K8S_SERVICE." in find(chrome, "#missing").text
    visit(chrome, f"{rig.url}/")
    assert "The layer K8S_SERVICE has no root dashboard." in find(chrome, "#missing").text


def test_tips_are_read_by_keyboard_and_programs(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("All"))
    tips: Sequence[Any] = chrome.find_elements(By.CSS_SELECTOR, ".tips")
    assert [tip.get_attribute("aria-label") for tip in tips[:3]] == ["about 0", "about 1", "about 2"]
    assert tips[0].get_attribute("tabindex") == "0"


COLUMNS_OF_LINES = """const canvas = document.querySelector(arguments[0]);
const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
const style = getComputedStyle(document.documentElement);
return [0, 1, 2, 3, 4].map((line) => {
  const colour = style.getPropertyValue(`--line-${line}`).trim();
  const wanted = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const columns = new Set();
  for (let at = 0; at < image.data.length; at += 4) {
    const isIt = image.data[at + 3] > 150 && wanted.every((part, one) => Math.abs(part - image.data[at + one]) < 4);
    if (isIt) columns.add((at / 4) % canvas.width);
  }
  return [...columns];
});"""


def test_bars_of_one_time_stand_beside_each_other(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Crowded", span="from=2026-01-01T12:00&to=2026-01-01T12:05"))
    canvas = '[data-widget="0"] canvas'
    until(chrome, lambda: all(chrome.execute_script(COLUMNS_OF_LINES, canvas)))
    columns = chrome.execute_script(COLUMNS_OF_LINES, canvas)
    assert sum(map(len, columns)) == len(set().union(*columns))
    places = [line[0] for line in columns]
    assert places == sorted(places)


def test_point_without_neighbours_is_seen(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Crowded", span="from=2026-01-01T12:07&to=2026-01-01T12:10"))
    canvas = '[data-widget="3"] canvas'
    # Nothing is known of 12:09, so that no line leads to the point at the right edge.
    right = find(chrome, '[data-widget="3"] .u-over').rect
    edge = right["x"] + right["width"] - find(chrome, canvas).rect["x"]
    until(chrome, lambda: max(chrome.execute_script(COLUMNS_OF_LINES, canvas)[0], default=0) >= edge - 1)


def test_tip_of_long_labels_stays_in_its_panel(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Crowded"))
    plot = find(chrome, '[data-widget="1"] .plot')
    box = find(chrome, '[data-widget="1"]').rect
    for offset in (-100, 100):
        ActionChains(chrome).move_to_element_with_offset(plot, offset, 0).perform()
        tip = until(chrome, lambda: find(chrome, '[data-widget="1"] .tip:not([hidden])'))
        assert box["x"] <= tip.rect["x"]
        assert tip.rect["x"] + tip.rect["width"] <= box["x"] + box["width"]
        ends = [value.rect["x"] + value.rect["width"] for value in tip.find_elements(By.CSS_SELECTOR, "b")]
        assert len(ends) == 3
        assert max(ends) <= tip.rect["x"] + tip.rect["width"]


def test_single_values_leave_out_the_minute_that_is_not_over(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, rig.page("Crowded", span="range=10m&refresh=0"))
    script = "return window.asked.map((one) => [one.body.query, one.body.variables.duration]).filter((one) => one[1])"
    ends = {
        expression: duration["end"]
        for query, duration in chrome.execute_script(script)
        for expression in (f"latest({CALLS})", "kubernetes_service_percentile")
        if f'"{expression}"' in query
    }
    assert ends == {f"latest({CALLS})": "2026-01-01 1229", "kubernetes_service_percentile": "2026-01-01 1230"}
