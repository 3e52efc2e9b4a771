"""One template as a file (spec query 5.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from oal.span import Span
from oap.dashboards.codes import Code
from oap.dashboards.json_node import JsonNode
from oap.dashboards.json_text import JsonTextError, parse_json
from oap.dashboards.report import Report, near_hint
from oap.storage.contract import LONGEST_CONFIGURATION

_MEMBERS: Final = frozenset({"id", "configuration"})


@dataclass(frozen=True, slots=True)
class TemplateKey:
    """What the user interface finds a template by."""

    layer: str
    entity: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} (layer {self.layer}, entity {self.entity})"


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """The template that a file holds; ``file`` is how the file is called in findings."""

    file: str
    id: JsonNode
    configuration: JsonNode

    @property
    def key(self) -> TemplateKey:
        """What it is found by; members that are missing count as ""."""
        return TemplateKey(*(self.configuration.at(member).text for member in ("layer", "entity", "name")))

    @property
    def is_root(self) -> bool:
        """Whether the menu item of its layer may lead to it."""
        return self.configuration.at("isRoot").is_true and self.key.entity in {"All", "Service"}


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget; ``id`` is what other widgets know it by, ``group`` tells those on one canvas from the rest."""

    node: JsonNode
    id: str
    group: str

    @property
    def kind(self) -> str:
        """Its type: Widget, Tab, Topology ..."""
        return self.node.at("type").text

    @property
    def graph(self) -> str:
        """Type of its graph, "" without one."""
        return self.node.at("graph", "type").text


def widgets(configuration: JsonNode) -> Iterator[Widget]:
    """All widgets of a template, those of tabs behind their tab."""
    yield from _widgets(configuration.at("children"), "")


def _widgets(children: JsonNode, prefix: str) -> Iterator[Widget]:
    for node in children.items:
        widget = Widget(node, f"{prefix}{node.at('i').text}", prefix)
        yield widget
        if widget.kind == "Tab":
            for number, tab in enumerate(node.at("children").items):
                yield from _widgets(tab.at("children"), f"{widget.id}-{number}-")


def read_template(file: str, text: str, report: Report) -> TemplateFile | None:
    """The template in a text; None for an empty array, and when it cannot be used, which is reported."""
    try:
        root = parse_json(text)
    except JsonTextError as error:
        report.error(Code.NO_JSON, f"not JSON: {error}", file, error.span, error.hint)
        return None
    if not isinstance(root.value, tuple):
        report.error(Code.NOT_ONE_TEMPLATE, "a template file is an array with one object", file, _start(root))
        return None
    if not root.items:
        return None
    if len(root.items) > 1:
        second = _start(root.items[1])
        report.error(Code.NOT_ONE_TEMPLATE, "a second template", file, second, "each template has a file of its own")
        return None
    return _template(file, root.items[0], report)


def _template(file: str, node: JsonNode, report: Report) -> TemplateFile | None:
    template = TemplateFile(file, node.at("id"), node.at("configuration"))
    _needs_text(file, template.id, "id", report)
    for name in node.entries.keys() - _MEMBERS:
        hint = near_hint(name, _MEMBERS)
        report.error(Code.UNKNOWN_MEMBER, f"a template has no '{name}'", file, node.at(name).key, hint)
    if not isinstance(template.configuration.value, Mapping):
        message = "the template's 'configuration' must be an object"
        report.error(Code.NOT_ONE_TEMPLATE, message, file, _start(template.configuration))
        return None
    _needs_text(file, template.configuration.at("name"), "name", report)
    length = len(template.configuration.compact())
    if length > LONGEST_CONFIGURATION:
        message = f"the configuration has {length} characters, at most {LONGEST_CONFIGURATION} can be stored"
        report.error(Code.TOO_LONG, message, file, _start(template.configuration), "divide it into two dashboards")
    return template


def _needs_text(file: str, node: JsonNode, name: str, report: Report) -> None:
    if not node.text.strip():
        message = f"the template's '{name}' must be a text that is not empty"
        report.error(Code.NOT_ONE_TEMPLATE, message, file, _start(node))


def _start(node: JsonNode) -> Span:
    """First character of a value, which may go over many lines."""
    return Span(node.span.line, node.span.column, node.span.line, node.span.column + 1)
