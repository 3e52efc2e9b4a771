"""Expressions of templates: where they stand, and what is read for them (spec query 2, 5.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from oap.dashboards.json_node import JsonNode
from oap.dashboards.template_file import TemplateFile, Widget, widgets
from oap.query.mqe.syntax import Binary, Expression, Metric, Node, Rounding, TopN, TopNOf

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


@dataclass(frozen=True, slots=True)
class ExpressionUse:
    """An expression at its place; ``entity`` is what it is evaluated for."""

    node: JsonNode
    entity: str


def expressions(template: TemplateFile) -> Iterator[ExpressionUse]:
    """All expressions of a template."""
    entity = template.key.entity
    yield from _each(template.configuration.at("expressions"), entity)
    for widget in widgets(template.configuration):
        yield from _of_widget(widget, entity)


def _of_widget(widget: Widget, entity: str) -> Iterator[ExpressionUse]:
    node = widget.node
    if widget.kind == "Tab":
        for tab in node.at("children").items:
            yield from _each(tab.at("expression"), entity)
    elif widget.kind == "Topology":
        kind = TOPOLOGIES.get(entity, TopologyKind(entity, entity))
        yield from _each(node.at("nodeExpressions"), kind.nodes)
        yield from _each(node.at("linkServerExpressions"), kind.links)
        yield from _each(node.at("linkClientExpressions"), kind.links)
        yield from _each(node.at("legendMQE", "expression"), kind.nodes)
    else:
        row = LIST_ENTITIES.get(widget.graph, entity)
        yield from _each(node.at("expressions"), row)
        yield from _each(node.at("subExpressions"), row)


def _each(node: JsonNode, entity: str) -> Iterator[ExpressionUse]:
    for item in node.items or (node,):
        # An empty text stands for an expression that is still to be chosen; nothing is asked for it.
        if item.text:
            yield ExpressionUse(item, entity)


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A metric that an expression reads; ``is_listed``: a list of its entities, not one entity's series."""

    metric: Metric
    is_listed: bool


def metrics_of(expression: Expression) -> Iterator[MetricUse]:
    """All metrics that an expression reads, as often as it does."""
    match expression:
        case Metric():
            yield MetricUse(expression, is_listed=False)
        case TopN(metric):
            yield MetricUse(metric, is_listed=True)
        case _:
            for part in _parts(expression):
                yield from metrics_of(part)


def makes_list(expression: Expression) -> bool:
    """Whether an expression has entities as entries, as top_n and what is computed from it have."""
    match expression:
        case TopN() | TopNOf():
            return True
        case Binary(_, left, right):
            return makes_list(left) or makes_list(right)
        case Rounding(_, operand):
            return makes_list(operand)
        case _:
            return False


def _parts(expression: Node) -> Iterator[Expression]:
    for member in fields(expression):
        value = getattr(expression, member.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part  # type: ignore[misc]  # every node is an expression
