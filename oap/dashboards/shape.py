"""The members of templates and their types (spec query 5.1), as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oap.dashboards.codes import Code
from oap.dashboards.json_node import JsonNode
from oap.dashboards.report import Report, near_hint

ENTITIES: Final = (
    "Service",
    "All",
    "Endpoint",
    "ServiceInstance",
    "ServiceRelation",
    "ServiceInstanceRelation",
    "EndpointRelation",
    "Process",
    "ProcessRelation",
)
_WIDGETS: Final = (
    "Widget",
    "Tab",
    "Text",
    "Topology",
    "TimeRange",
    "Trace",
    "Log",
    "Profile",
    "Ebpf",
    "DemandLog",
    "Event",
    "NetworkProfiling",
    "ContinuousProfiling",
    "AsyncProfiling",
    "Pprof",
    "ThirdPartyApp",
    "TaskTimeline",
)
_GRAPHS: Final = (
    "Line",
    "Area",
    "Bar",
    "Card",
    "TopList",
    "Table",
    "Text",
    "Heatmap",
    "ServiceList",
    "InstanceList",
    "EndpointList",
)


@dataclass(frozen=True, slots=True)
class Member:
    """What a member must be: ``fits`` says it of a value, ``what`` in words.

    ``choices`` are the only texts it may be, when there are any; ``inner`` are the members of the object it is, or of
    each object in the list it is.
    """

    what: str
    fits: Callable[[object], bool]
    choices: tuple[str, ...] = ()
    inner: "Callable[[], Mapping[str, Member]] | None" = None
    is_required: bool = False


def required(member: Member) -> Member:
    """The same, without which it does not work."""
    return Member(member.what, member.fits, member.choices, member.inner, is_required=True)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TEXT: Final = Member("a text", lambda value: isinstance(value, str))
FLAG: Final = Member("true or false", lambda value: isinstance(value, bool))
WHOLE: Final = Member("a whole number", _is_whole)
NUMBER: Final = Member("a number", _is_number)
TEXTS: Final = Member(
    "a list of texts",
    lambda value: isinstance(value, tuple) and all(isinstance(item.value, str) for item in value),
)
ANY: Final = Member("anything", lambda _: True)


def _object(inner: Callable[[], Mapping[str, Member]]) -> Member:
    return Member("an object", lambda value: isinstance(value, Mapping), inner=inner)


def _objects(inner: Callable[[], Mapping[str, Member]]) -> Member:
    def fits(value: object) -> bool:
        return isinstance(value, tuple) and all(isinstance(item.value, Mapping) for item in value)

    return Member("a list of objects", fits, inner=inner)


def _one_of(*choices: str) -> Member:
    return Member("a text", TEXT.fits, choices)


# The user interface writes these into what it saves, and reads none of them.
_LEFT_OVERS: Final = MappingProxyType(
    dict.fromkeys(
        (
            *("id", "moved", "static", "metrics", "metricTypes", "metricMode", "typesOfMQE", "subTypesOfMQE"),
            *("standard", "activedTabIndex"),
        ),
        ANY,
    )
)
_METRIC_CONFIG: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "label": TEXT,
        "unit": TEXT,
        "labelsIndex": TEXT,
        "calculation": TEXT,
        "detailLabel": TEXT,
        "sortOrder": TEXT,
        "topN": WHOLE,
        "index": WHOLE,
    }
)
_GRAPH: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "type": _one_of(*_GRAPHS),
        **dict.fromkeys(("step", "smooth", "showSymbol", "showXAxis", "showYAxis", "showBackground"), FLAG),
        **dict.fromkeys(("showUnit", "showTableValues", "showGroup", "showDepth", "iconTheme"), FLAG),
        **dict.fromkeys(("opacity", "fontSize", "depth"), NUMBER),
        **dict.fromkeys(("color", "tableHeaderCol1", "tableHeaderCol2", "dashboardName"), TEXT),
        **dict.fromkeys(("content", "fontColor", "backgroundColor", "url"), TEXT),
        "textAlign": _one_of("left", "center", "right"),
    }
)
_TITLES: Final[Mapping[str, Member]] = MappingProxyType({"title": TEXT, "name": TEXT, "tips": TEXT})
_NODE_DASHBOARD: Final[Mapping[str, Member]] = MappingProxyType(
    {"scope": required(_one_of(*ENTITIES)), "dashboard": required(TEXT)}
)


def _widget() -> Mapping[str, Member]:
    return {
        **_LEFT_OVERS,
        **dict.fromkeys(("x", "y", "w", "h"), required(WHOLE)),
        "i": required(TEXT),
        "type": required(_one_of(*_WIDGETS)),
        "widget": _object(lambda: _TITLES),
        "graph": _object(lambda: _GRAPH),
        "expressions": TEXTS,
        "subExpressions": TEXTS,
        "metricConfig": _objects(lambda: _METRIC_CONFIG),
        "associate": _objects(lambda: {"widgetId": required(TEXT)}),
        "valueRelatedDashboard": TEXT,
        "relatedTrace": ANY,
        "filters": ANY,
        "linkDashboard": TEXT,
    }


def _tab() -> Mapping[str, Member]:
    return {
        "name": required(TEXT),
        "children": required(_objects(_widget_or_tab)),
        "expression": TEXT,
        "enable": ANY,
    }


def _topology() -> Mapping[str, Member]:
    places = ("node", "linkServer", "linkClient")
    return {
        **_widget(),
        **{f"{place}Expressions": TEXTS for place in places},
        **{f"{place}MetricConfig": _objects(lambda: _METRIC_CONFIG) for place in places},
        "legendMQE": _object(lambda: {"expression": required(TEXT)}),
        "description": _object(lambda: {"healthy": TEXT, "unhealthy": TEXT}),
        "nodeDashboard": _objects(lambda: _NODE_DASHBOARD),
    }


def _widget_or_tab() -> Mapping[str, Member]:
    return {**_topology(), "children": _objects(_tab)}


_CONFIGURATION: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "name": ANY,  # without it a file holds no template at all
        "layer": required(TEXT),
        "entity": required(_one_of(*ENTITIES)),
        "isRoot": FLAG,
        "isDefault": FLAG,
        "children": required(_objects(_widget_or_tab)),
        "expressions": TEXTS,
        "expressionsConfig": _objects(lambda: _METRIC_CONFIG),
        "id": ANY,
        "path": ANY,
    }
)
_BY_TYPE: Final[Mapping[str, Callable[[], Mapping[str, Member]]]] = MappingProxyType(
    {"Tab": lambda: {**_widget(), "children": required(_objects(_tab))}, "Topology": _topology}
)


def check_shape(file: str, configuration: JsonNode, report: Report) -> None:
    """Every member is known, has its type, and none is missing or there twice."""
    _check_object(file, configuration, "the configuration", _CONFIGURATION, report)


def _check_object(file: str, node: JsonNode, owner: str, members: Mapping[str, Member], report: Report) -> None:
    for twice in node.repeated:
        report.error(
            Code.REPEATED_MEMBER, f"{owner} has this member twice", file, twice.key, "only the first one counts"
        )
    for name, member in members.items():
        if member.is_required and name not in node.entries:
            start = node.span._replace(end_line=node.span.line, end_column=node.span.column + 1)
            report.error(Code.MISSING_MEMBER, f"{owner} lacks '{name}', {member.what}", file, start)
    for name, found in node.entries.items():
        if name not in members:
            report.error(Code.UNKNOWN_MEMBER, f"{owner} has no '{name}'", file, found.key, near_hint(name, members))
        elif not members[name].fits(found.value):
            report.error(Code.WRONG_TYPE, f"'{name}' must be {members[name].what}", file, found.key, _found(found))
        else:
            _check_value(file, found, name, members[name], report)


def _check_value(file: str, node: JsonNode, name: str, member: Member, report: Report) -> None:
    if member.choices and node.text not in member.choices:
        hint = near_hint(node.text, member.choices)
        report.error(Code.UNKNOWN_WORD, f"there is no {name} '{node.text}'", file, node.span, hint)
    if member.inner is None:
        return
    for inner in node.items or (node,):
        if not isinstance(inner.value, tuple):
            kind = _BY_TYPE.get(inner.at("type").text, _widget) if member.inner is _widget_or_tab else member.inner
            _check_object(file, inner, _owner(name, inner), kind(), report)


def _owner(name: str, node: JsonNode) -> str:
    """What the members belong to, in words."""
    kind = node.at("type").text
    if name != "children":
        return f"'{name}'"
    return f"a widget of type '{kind}'" if "type" in node.entries else "a part of 'children'"


def _found(node: JsonNode) -> str:
    if isinstance(node.value, Mapping):
        return "found an object"
    if isinstance(node.value, tuple):
        return "found a list, or one with something else in it"
    return f"found {node.compact()}"
