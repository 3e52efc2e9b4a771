"""Shipped dashboards, and whether what a page shows of their widgets is what the server answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.oap.process.server_process import ROOT
from tests.oap.query.console.shop import Answer
from tests.oap.query.console.shown import last_value, same_amount

Widget = Mapping[str, Any]
Answers = Mapping[tuple[str, str], Answer]

_FOLDER = ROOT / "config/ui-initialized-templates/k8s_service"


@cache
def dashboard(name: str) -> Mapping[str, Any]:
    """The configuration of a shipped dashboard."""
    found = [json.loads(file.read_text(encoding="utf-8"))[0]["configuration"] for file in _FOLDER.glob("*.json")]
    return next(one for one in found if one["name"] == name)


def tabs_of(name: str) -> Sequence[str]:
    """Titles of the tabs of a dashboard."""
    return [
        tab["name"] for widget in dashboard(name)["children"] if widget["type"] == "Tab" for tab in widget["children"]
    ]


def widgets_of(name: str, tab: str) -> Sequence[Widget]:
    """Widgets on one tab of a dashboard."""
    tabs = [widget for widget in dashboard(name)["children"] if widget["type"] == "Tab"]
    found: Sequence[Widget] = next(page["children"] for one in tabs for page in one["children"] if page["name"] == tab)
    return found


def above_tabs(name: str) -> Sequence[Widget]:
    """Widgets of a dashboard that stand on no tab."""
    return [widget for widget in dashboard(name)["children"] if widget["type"] == "Widget"]


def differences(place: WebElement, widgets: Sequence[Widget], answers: Answers, entity: str) -> Iterator[str]:
    """A line for each widget below an element that does not show what the server answers."""
    for widget in widgets:
        kind = widget.get("graph", {}).get("type", widget["type"])
        if kind not in _SHOWN:
            continue
        [element] = place.find_elements(By.CSS_SELECTOR, f'[data-widget="{widget["i"]}"]')
        results = [answers[expression, entity] for expression in widget["expressions"]]
        said = element.find_element(By.CSS_SELECTOR, ".content").text
        errors = [result["error"] for result in results if result["error"]]
        if errors:
            good = all(error in said for error in errors)
        elif _is_empty(results):
            good = said.startswith("No data in this range.")
        else:
            good = _SHOWN[kind](element, widget, results)
        if not good:
            yield f"{widget['widget']['title']}: {said!r} for {results}"


def unit_of(widget: Widget, at: int = 0) -> str:
    """Unit that a dashboard gives to an expression."""
    configs = widget.get("metricConfig", [])
    unit: str = configs[at].get("unit", "") if at < len(configs) else ""
    return unit


def _is_empty(results: Sequence[Answer]) -> bool:
    return all(
        point["value"] is None for result in results for series in result["results"] for point in series["values"]
    )


def _chart_is_good(element: WebElement, widget: Widget, results: Sequence[Answer]) -> bool:
    """What is told of a chart to those who do not see it has the newest value of each line, in order."""
    said = element.find_element(By.CSS_SELECTOR, ".plot").get_attribute("aria-label") or ""
    texts = said.removeprefix(f"{widget['widget']['title']}: ").removesuffix(". Arrow keys read it.").split(", ")
    values = [last_value(series) for result in results for series in result["results"]]
    return len(texts) == len(values) and all(map(_ends_in, texts, values, repeat(unit_of(widget))))


def _ends_in(text: str, value: str | None, unit: str) -> bool:
    words = text.split(" ")
    return any(same_amount(" ".join(words[at:]), value, unit) for at in range(len(words)))


def _card_is_good(element: WebElement, widget: Widget, results: Sequence[Answer]) -> bool:
    texts = [one.text for one in element.find_elements(By.CSS_SELECTOR, "dd")]
    values = [result["results"][0]["values"][0]["value"] for result in results]
    units = [unit_of(widget, at) for at in range(len(values))]
    return len(texts) == len(values) and all(map(same_amount, texts, values, units))


def _top_list_is_good(element: WebElement, widget: Widget, results: Sequence[Answer]) -> bool:
    rows = element.find_elements(By.CSS_SELECTOR, ".toplist li")
    points = results[0]["results"][0]["values"]
    names = [row.get_attribute("title") for row in rows]
    texts = [row.find_element(By.CSS_SELECTOR, ".value").text for row in rows]
    return names == [point["id"] for point in points] and all(
        same_amount(text, point["value"], unit_of(widget)) for text, point in zip(texts, points, strict=True)
    )


_SHOWN = {"Line": _chart_is_good, "Area": _chart_is_good, "Card": _card_is_good, "TopList": _top_list_is_good}
