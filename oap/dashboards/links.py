"""Whether dashboards that name each other exist and are what the link needs (spec query 5.2)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from oap.dashboards.codes import Code
from oap.dashboards.expressions import LIST_ENTITIES, TOPOLOGIES
from oap.dashboards.json_node import JsonNode
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.report import Report, near_hint
from oap.dashboards.template_file import TemplateFile, TemplateKey, Widget, widgets
from oap.dashboards.trees import metrics_of
from oap.query.mqe.errors import MqeError
from oap.query.mqe.parser import MqeParser

_ENTITY_OF = {"SERVICE": "Service", "SERVICE_INSTANCE": "ServiceInstance", "ENDPOINT": "Endpoint"}


@dataclass(frozen=True, slots=True)
class Link:
    """A dashboard's name where another one refers to it; ``entity`` is what it must be for, "" for any."""

    node: JsonNode
    entity: str


def check_links(
    template: TemplateFile, known: Iterable[TemplateKey], metrics: KnownMetrics, parser: MqeParser, report: Report
) -> None:
    """Every dashboard and widget that is referred to exists. ``known``: all templates, this one too."""
    names: dict[str, set[str]] = {}
    for key in known:
        if key.layer == template.key.layer:
            names.setdefault(key.name, set()).add(key.entity)
    found = list(widgets(template.configuration))
    for widget in found:
        for link in _links(widget, template.key.entity, metrics, parser):
            _check_link(template, link, names, report)
    _check_associations(template.file, found, report)


def _links(widget: Widget, entity: str, metrics: KnownMetrics, parser: MqeParser) -> Iterator[Link]:
    node = widget.node
    yield from _named(node.at("graph", "dashboardName"), LIST_ENTITIES.get(widget.graph, ""))
    yield from _named(node.at("valueRelatedDashboard"), _listed_entity(node, metrics, parser))
    kind = TOPOLOGIES.get(entity) if widget.kind == "Topology" else None
    yield from _named(node.at("linkDashboard"), kind.links if kind else "")
    for menu in node.at("nodeDashboard").items:
        yield from _named(menu.at("dashboard"), menu.at("scope").text)


def _named(node: JsonNode, entity: str) -> Iterator[Link]:
    if node.text:
        yield Link(node, entity)


def _listed_entity(node: JsonNode, metrics: KnownMetrics, parser: MqeParser) -> str:
    """What the entries of a list are that its first expression makes, "" if it makes none."""
    for item in node.at("expressions").items[:1]:
        try:
            found = [use.metric.name for use in metrics_of(parser.parse(item.text)) if use.is_listed]
        except MqeError:
            return ""
        listed = metrics.get(found[0]) if found else None
        return "" if listed is None else _ENTITY_OF.get(listed.scope, "")
    return ""


def _check_link(template: TemplateFile, link: Link, names: Mapping[str, set[str]], report: Report) -> None:
    name, layer = link.node.text, template.key.layer
    if name not in names:
        message = f"layer {layer} has no dashboard '{name}'"
        report.error(Code.BROKEN_LINK, message, template.file, link.node.span, near_hint(name, names))
    elif link.entity and link.entity not in names[name]:
        others = [other for other, entities in names.items() if link.entity in entities]
        message = f"'{name}' is a dashboard of {' and '.join(sorted(names[name]))}, {link.entity} is needed here"
        hint = f"for {link.entity} there is {', '.join(sorted(others))}" if others else ""
        report.error(Code.BROKEN_LINK, message, template.file, link.node.span, hint)


def _check_associations(file: str, found: Iterable[Widget], report: Report) -> None:
    members = list(found)
    known = {widget.id for widget in members}
    for widget in members:
        for associate in widget.node.at("associate").items:
            other = associate.at("widgetId")
            if other.text and other.text not in known:
                message = f"there is no widget '{other.text}' on this dashboard"
                hint = "inside tabs it is <i of the tab>-<number of the page>-<i>, numbers from 0"
                report.error(Code.BROKEN_ASSOCIATION, message, file, other.span, hint)
            elif other.text == widget.id:
                message = "the widget is associated with itself"
                report.error(Code.BROKEN_ASSOCIATION, message, file, other.span, "leave the entry out")
