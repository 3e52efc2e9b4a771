"""Whether expressions can be evaluated where they stand (spec query 2, 3.2, 5.1)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from oal.span import Span
from oap.dashboards.codes import Code
from oap.dashboards.expressions import LIST_ENTITIES, ExpressionUse, expressions
from oap.dashboards.json_node import JsonNode
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.misuse import check_misuse
from oap.dashboards.report import Report, near_hint
from oap.dashboards.selections import check_selections
from oap.dashboards.shown import check_shown
from oap.dashboards.template_file import TemplateFile, Widget, widgets
from oap.dashboards.trees import MetricUse, metrics_of
from oap.query.mqe.errors import MqeError, Place
from oap.query.mqe.near_names import near_name
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.syntax import Expression

_CATALOG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "All": "ALL",
        "Service": "SERVICE",
        "ServiceInstance": "SERVICE_INSTANCE",
        "Endpoint": "ENDPOINT",
        "Process": "PROCESS",
        "ServiceRelation": "SERVICE_RELATION",
        "ServiceInstanceRelation": "SERVICE_INSTANCE_RELATION",
        "EndpointRelation": "ENDPOINT_RELATION",
        "ProcessRelation": "PROCESS_RELATION",
    }
)
# What an entity names besides itself: an instance comes with its service, a relation with its client.
_NAMED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ServiceInstance": ("Service",),
        "Endpoint": ("Service",),
        "Process": ("Service", "ServiceInstance"),
        "ServiceRelation": ("Service",),
        "ServiceInstanceRelation": ("Service", "ServiceInstance", "ServiceRelation"),
        "EndpointRelation": ("Service", "Endpoint", "ServiceRelation"),
        "ProcessRelation": ("Service", "ServiceInstance", "Process", "ServiceRelation", "ServiceInstanceRelation"),
    }
)
_LISTED: Final = frozenset({"SERVICE", "SERVICE_INSTANCE", "ENDPOINT"})
_ALIGNED: Final = (
    ("expressions", "metricConfig"),
    ("nodeExpressions", "nodeMetricConfig"),
    ("linkServerExpressions", "linkServerMetricConfig"),
    ("linkClientExpressions", "linkClientMetricConfig"),
)


def check_queries(template: TemplateFile, metrics: KnownMetrics, parser: MqeParser, report: Report) -> set[str]:
    """Every expression can be parsed and evaluated, its metrics exist and have values for the entity it is evaluated for.

    Returns the names of all metrics that are read, unknown ones too.
    """
    read: set[str] = set()
    for use in expressions(template):
        expression = _parsed(template.file, use, parser, report)
        if expression is not None:
            for metric in metrics_of(expression):
                read.add(metric.metric.name)
                _check_metric(template.file, use, metric, metrics, report)
            check_misuse(template.file, use, expression, metrics, report)
            check_selections(template.file, use, expression, metrics, report)
            check_shown(template.file, use, expression, metrics, report)
    _check_aligned(template.file, template.configuration, ("expressions", "expressionsConfig"), report)
    for widget in widgets(template.configuration):
        for pair in _ALIGNED:
            _check_aligned(template.file, widget.node, pair, report)
        _check_has_any(template.file, widget, report)
    return read


def _parsed(file: str, use: ExpressionUse, parser: MqeParser, report: Report) -> Expression | None:
    try:
        return parser.parse(use.node.text)
    except MqeError as error:
        for found in error.findings:
            place = use.span(found.place or Place())
            report.error(Code.UNPARSABLE, f"not an expression: {found.message}", file, place, found.hint)
    return None


def _check_metric(file: str, use: ExpressionUse, found: MetricUse, metrics: KnownMetrics, report: Report) -> None:
    name = found.metric.name
    place = use.span(found.metric.at, len(name))
    if name not in metrics:
        near = near_name(name, frozenset(metrics))
        hint = f"did you mean '{near}'?" if near else near_hint(name, metrics)
        report.error(Code.UNKNOWN_METRIC, f"there is no metric '{name}'", file, place, hint)
    elif found.is_listed:
        if metrics[name].scope not in _LISTED:
            message = f"'{name}' has values of {metrics[name].scope}, which nothing lists"
            report.error(
                Code.WRONG_SCOPE, message, file, place, "top_n takes metrics of services, instances, endpoints"
            )
    elif metrics[name].scope not in _readable(use.entity):
        message = f"'{name}' has values of {metrics[name].scope}, but is read here for {use.entity}"
        hint = _namesake(name, metrics, use.entity)
        report.error(Code.WRONG_SCOPE, message, file, place, hint)


def _readable(entity: str) -> set[str]:
    """Scopes that have a value for an entity."""
    return {"ALL", *(_CATALOG.get(one, "") for one in (entity, *_NAMED.get(entity, ())))}


def _namesake(name: str, metrics: KnownMetrics, entity: str) -> str:
    """The metric of the right scope that ends most alike."""
    right = [other for other, metric in metrics.items() if metric.scope == _CATALOG.get(entity)]
    words = name.split("_")
    for start in range(1, len(words)):
        ending = "_" + "_".join(words[start:])
        alike = sorted((other for other in right if other.endswith(ending)), key=len)
        if alike:
            return f"did you mean '{alike[0]}'?"
    return ""


def _check_aligned(file: str, node: JsonNode, names: tuple[str, str], report: Report) -> None:
    asked, shown = (node.at(name).items for name in names)
    if len(shown) > len(asked):
        message = f"'{names[1]}' has {len(shown)} entries for {_counted(asked)} in '{names[0]}'"
        hint = "the n-th entry describes the n-th expression"
        report.error(Code.UNEVEN_LISTS, message, file, node.at(names[1]).key, hint)
    elif shown and len(shown) < len(asked):
        message = f"'{names[1]}' has {len(shown)} entries for {_counted(asked)} in '{names[0]}'"
        report.error(Code.UNEVEN_LISTS, message, file, node.at(names[1]).key, "use {} where there is nothing to say")


def _counted(items: Sequence[JsonNode]) -> str:
    return f"{len(items)} expression{'s' if len(items) != 1 else ''}"


def _check_has_any(file: str, widget: Widget, report: Report) -> None:
    asked = widget.node.at("expressions")
    has_any = bool(asked.text) or any(item.text for item in asked.items)
    if widget.kind == "Widget" and widget.graph not in LIST_ENTITIES and not has_any:
        start = Span(widget.node.span.line, widget.node.span.column, widget.node.span.line, widget.node.span.column + 1)
        report.error(Code.NO_EXPRESSION, "the widget has no expression, so it stays empty", file, start)
