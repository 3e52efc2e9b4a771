"""Pages of the Booster UI as requests: its documents in files, and the one that it puts together from expressions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oap.query.graphql.recorded import CLIENTS, cases

_SELECTION = """{ type error results { metric { labels { key value } } values { name: id value refId: traceID
    owner { scope serviceID serviceName normal serviceInstanceID serviceInstanceName endpointID endpointName } } } }"""
_PREFIXES = {
    "KSIrelation_": "kubernetes_service_instance_relation_",
    "KSrelation_": "kubernetes_service_relation_",
    "KSI": "kubernetes_service_instance_",
    "KSE": "kubernetes_service_endpoint_",
    "KS": "kubernetes_service_",
}
_SHORT = re.compile(rf"\b({'|'.join(_PREFIXES)})(?=[a-z])")

Entity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression, and the service that it is read for, None for all."""

    expression: str
    service: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """One POST: ``answer`` is its data if always the same; ``asked`` holds expressions by alias if it is one of metrics.

    Those expressions are ``unknown`` to the server or ``blank`` for an entity that is not complete yet.
    """

    document: str
    variables: Mapping[str, Any]
    answer: Any = None
    asked: Mapping[str, Asked] | None = None
    unknown: bool = False
    blank: bool = False


def pages() -> Mapping[str, Sequence[Request]]:
    """Requests by page, in order."""
    return {
        page["page"]: [_request(one, page.get("prefix", "")) for one in page["requests"]]
        for page in cases("ui", "pages")
    }


def _request(case: Mapping[str, Any], prefix: str) -> Request:
    if "document" in case:
        text = (CLIENTS / "ui" / f"{case['document']}.graphql").read_text(encoding="utf-8")
        return Request(text, case["variables"], case.get("answer"))
    cells, entities = (_panels if "panels" in case else _rows)(case)
    asked = {cell: Asked(_long(text, prefix), entities[entity].get("serviceName")) for cell, text, entity in cells}
    declared = "".join(f", ${entity}: Entity!" for entity in entities)
    declared += "".join(f", ${cell}: String!" for cell in asked)
    fields = "".join(
        f"\n  {cell}: execExpression(expression: ${cell}, entity: ${entity}, duration: $duration) {_SELECTION}"
        for cell, _, entity in cells
    )
    variables = {"duration": "$duration", **entities, **{cell: one.expression for cell, one in asked.items()}}
    marks = {mark: case.get(mark, False) for mark in ("unknown", "blank")}
    return Request(f"query queryData($duration: Duration!{declared}) {{{fields}\n}}", variables, None, asked, **marks)


Cells = Sequence[tuple[str, str, str]]
"""Alias, expression, and name of the entity's variable."""


def _panels(case: Mapping[str, Any]) -> tuple[Cells, Mapping[str, Entity]]:
    cells = [
        (f"expression{i}{j}", text, "entity") for i, panel in enumerate(case["panels"]) for j, text in enumerate(panel)
    ]
    return cells, {"entity": case["entity"]}


def _rows(case: Mapping[str, Any]) -> tuple[Cells, Mapping[str, Entity]]:
    entities = {f"entity{i}": entity for i, entity in enumerate(case["entities"])}
    return list(_cells(case, entities)), entities


def _cells(case: Mapping[str, Any], entities: Mapping[str, Entity]) -> Iterator[tuple[str, str, str]]:
    for i, entity in enumerate(entities):
        for kind, texts in (("subexpression", case.get("sparklines", ())), ("expression", case["rows"])):
            yield from ((f"{kind}{i}{j}", text, entity) for j, text in enumerate(texts))


def _long(text: str, prefix: str) -> str:
    return _SHORT.sub(lambda found: _PREFIXES[found[1]], text).replace("@", prefix)
