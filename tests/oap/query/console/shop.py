"""Pages of the console over the book shop: their addresses, what they asked, and what the server answers to that."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from selenium.webdriver import Chrome

from oap.entity import ids
from tests.oap.query.browser import find, until
from tests.oap.query.graphql.bookinfo import RANGE

SPAN = "from=2026-01-01T11:55&to=2026-01-01T12:04"
LAYER = "K8S_SERVICE"
# Keeps every GraphQL request of a page with its answer, beside what the page does with them.
_RECORDER = """
if (!window.asked) {
  window.asked = [];
  const fetched = window.fetch;
  window.fetch = async (address, request) => {
    const response = await fetched(address, request);
    if (String(address).endsWith("graphql")) {
      const answer = await response.clone().text();
      window.asked.push({ body: JSON.parse(request.body), answer: JSON.parse(answer) });
    }
    return response;
  };
}
"""
_ALIAS = re.compile(r'(\w+): execExpression\(expression: ("(?:[^"\\]|\\.)*"), entity: \$(\w+),')

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """A server at an address without a slash at the end."""

    url: str

    def link(self, *path: str, **query: str) -> str:
        """Address of a page over the minutes that hold the shop's traffic."""
        said = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        return f"{self.url}/#{'/'.join(quote(part, safe='') for part in path)}&{SPAN}{said}"

    def ask(self, query: str, **variables: object) -> Answer:
        """Data of an answer without errors."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        data: Answer = answer["data"]
        return data

    def first_instance(self, service: str) -> str:
        """Id of the first pod of a service."""
        query = "query($id: ID!, $d: Duration!) { pods: listInstances(serviceId: $id, duration: $d) { id name } }"
        pods: Sequence[Mapping[str, str]] = self.ask(query, id=sid(service), d=RANGE)["pods"]
        return min(pods, key=lambda pod: pod["name"])["id"]

    def values(self, expression: str, **entity: object) -> Sequence[str | None]:
        """Values of the first series of an expression over the shop's minutes."""
        query = """query($x: String!, $e: Entity!, $d: Duration!) {
            found: execExpression(expression: $x, entity: $e, duration: $d) { error results { values { value } } } }"""
        found = self.ask(query, x=expression, e=entity, d=RANGE)["found"]
        assert found["error"] is None
        return [point["value"] for point in found["results"][0]["values"]]


def sid(name: str) -> str:
    """Id of a service of the shop by its short name."""
    return ids.service_id(f"{name}.bookinfo")


def endpoint(service: str, name: str) -> str:
    """Id of an endpoint."""
    return ids.endpoint_id(ids.service_id(f"{service}.bookinfo"), name)


def visit(chrome: Chrome, address: str) -> None:
    """Load a page from nothing and wait until everything has been drawn."""
    chrome.get("about:blank")
    chrome.get_log("browser")  # type: ignore[no-untyped-call]
    chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _RECORDER})
    chrome.get(address)
    settle(chrome)


def settle(chrome: Chrome) -> None:
    """Wait until the server is known and no widget waits for its first answer."""
    until(chrome, lambda: "healthy" in find(chrome, "#status-text").text)
    script = """return !document.querySelector(".waiting") && ![...document.querySelectorAll(".entities td")]
        .some((cell) => cell.textContent === "…")"""
    until(chrome, lambda: chrome.execute_script(script))


def answered_again(chrome: Chrome, shop: Shop) -> Mapping[tuple[str, str], Answer]:
    """What the server answers now to each expression that the page asked, by expression and name of its service.

    The page must have got just these answers: the minutes are over, so that the same request gives the same.
    """
    again: dict[tuple[str, str], Answer] = {}
    for asked in chrome.execute_script("return window.asked"):
        body = asked["body"]
        found = _ALIAS.findall(body["query"])
        if not found:
            continue
        answer = httpx.post(f"{shop.url}/graphql", json=body, timeout=60).json()
        assert answer == asked["answer"]
        for alias, expression, variable in found:
            again[_unquoted(expression), entity_key(body["variables"][variable])] = answer["data"][alias]
    return again


def entity_key(entity: Mapping[str, object]) -> str:
    """Names of an entity, source first."""
    members = ("serviceName", "serviceInstanceName", "endpointName", "destServiceName", "destServiceInstanceName")
    return " ".join(str(entity[member]) for member in members if member in entity)


def name_of(entity_id: str) -> str:
    """Name of an instance or endpoint of an id."""
    return base64.b64decode(entity_id.split("_")[1]).decode()


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
