"""Expressions of templates: where they stand, and what is read for them (spec query 2, 5.1)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from oal.span import Span
from oap.dashboards.json_node import JsonNode
from oap.dashboards.template_file import TemplateFile, Widget, widgets
from oap.query.mqe.errors import Place

LIST_ENTITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"ServiceList": "Service", "InstanceList": "ServiceInstance", "EndpointList": "Endpoint"}
)
"""Type of a list -> entity of its rows."""


@dataclass(frozen=True, slots=True)
class TopologyKind:
    """What a topology shows on dashboards of an entity: entities of its nodes and of its links."""

    nodes: str
    links: str


TOPOLOGIES: Final[Mapping[str, TopologyKind]] = MappingProxyType(
    {
        "All": TopologyKind("Service", "ServiceRelation"),
        "Service": TopologyKind("Service", "ServiceRelation"),
        "ServiceRelation": TopologyKind("ServiceInstance", "ServiceInstanceRelation"),
        "Endpoint": TopologyKind("Endpoint", "EndpointRelation"),
        "ServiceInstance": TopologyKind("Process", "ProcessRelation"),
    }
)
"""Entity of a dashboard -> what its topologies show."""


class Shown(StrEnum):
    """What a place of a dashboard can show of a value."""

    ANYTHING = "anything"
    SERIES = "series"
    NUMBER = "number"
    LIST = "list"


_SHOWN: Final[Mapping[str, Shown]] = MappingProxyType(
    {
        **dict.fromkeys(("Line", "Area", "Bar"), Shown.SERIES),
        **dict.fromkeys(("Card", *LIST_ENTITIES), Shown.NUMBER),
        "TopList": Shown.LIST,
    }
)
"""Type of a graph -> what its expressions are to be."""
_TOKEN: Final = re.compile(r"\w+|[&|=<>!]+")


@dataclass(frozen=True, slots=True)
class ExpressionUse:
    """An expression at its place; ``entity`` is what it is evaluated for."""

    node: JsonNode
    entity: str
    shown: Shown = Shown.ANYTHING

    def span(self, place: Place, length: int = 1) -> Span:
        """Where so many characters of the expression stand in the file."""
        return self.node.inside(self._start(place), length)

    def token(self, place: Place) -> Span:
        """Where the name or the sign that begins at a place of the expression stands in the file."""
        start = self._start(place)
        found = _TOKEN.match(self.node.text, start)
        return self.node.inside(start, found.end() - start if found else 1)

    def _start(self, place: Place) -> int:
        lines = self.node.text.split("\n")
        return sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1


def expressions(template: TemplateFile) -> Iterator[ExpressionUse]:
    """All expressions of a template."""
    entity = template.key.entity
    yield from _each(template.configuration.at("expressions"), entity, Shown.NUMBER)
    for widget in widgets(template.configuration):
        yield from _of_widget(widget, entity)


def _of_widget(widget: Widget, entity: str) -> Iterator[ExpressionUse]:
    node = widget.node
    if widget.kind == "Tab":
        for tab in node.at("children").items:
            yield from _each(tab.at("expression"), entity, Shown.NUMBER)
    elif widget.kind == "Topology":
        kind = TOPOLOGIES.get(entity, TopologyKind(entity, entity))
        yield from _each(node.at("nodeExpressions"), kind.nodes, Shown.NUMBER)
        yield from _each(node.at("linkServerExpressions"), kind.links, Shown.NUMBER)
        yield from _each(node.at("linkClientExpressions"), kind.links, Shown.NUMBER)
        yield from _each(node.at("legendMQE", "expression"), kind.nodes, Shown.NUMBER)
    else:
        row = LIST_ENTITIES.get(widget.graph, entity)
        yield from _each(node.at("expressions"), row, _SHOWN.get(widget.graph, Shown.ANYTHING))
        yield from _each(node.at("subExpressions"), row, Shown.SERIES)


def _each(node: JsonNode, entity: str, shown: Shown) -> Iterator[ExpressionUse]:
    for item in node.items or (node,):
        # An empty text stands for an expression that is still to be chosen; nothing is asked for it.
        if item.text:
            yield ExpressionUse(item, entity, shown)
