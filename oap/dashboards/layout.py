"""Where widgets stand on the grid of 24 columns (spec query 5.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Final

from oap.dashboards.codes import Code
from oap.dashboards.json_node import JsonNode
from oap.dashboards.report import Report
from oap.dashboards.template_file import TemplateFile, Widget, widgets

COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class Box:
    """Columns and rows that a widget covers; ends are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: "Box") -> bool:
        """Whether both cover a cell."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def check_layout(template: TemplateFile, report: Report) -> None:
    """No widget leaves the grid, covers another one or has another one's ``i``."""
    found = sorted(widgets(template.configuration), key=lambda widget: widget.group)
    for _, group in groupby(found, key=lambda widget: widget.group):
        members = list(group)
        _check_ids(template.file, members, report)
        _check_boxes(template.file, members, report)


def _check_ids(file: str, members: Iterable[Widget], report: Report) -> None:
    seen: dict[str, JsonNode] = {}
    for widget in members:
        own = widget.node.at("i")
        if not own.text:
            continue
        if own.text in seen:
            message = f"another widget beside it has the i '{own.text}', too"
            report.error(Code.REPEATED_WIDGET_ID, message, file, own.span, f"see line {seen[own.text].span.line}")
        seen.setdefault(own.text, own)


def _check_boxes(file: str, members: Sequence[Widget], report: Report) -> None:
    boxes = [(widget, box) for widget in members if (box := _box(widget.node)) is not None]
    for widget, box in boxes:
        fault = _fault(box)
        if fault:
            report.error(Code.OUTSIDE_GRID, f"{_named(widget)} {fault}", file, widget.node.at("x").key)
    for (one, box), (other, other_box) in combinations(boxes, 2):
        if box.meets(other_box):
            message = f"{_named(other)} covers a part of {_named(one)}"
            hint = f"the latter stands in columns {box.left} to {box.right - 1}, rows {box.top} to {box.bottom - 1}"
            report.error(Code.OVERLAP, message, file, other.node.at("x").key, f"{hint}, see line {one.node.span.line}")


def _fault(box: Box) -> str:
    if box.right <= box.left or box.bottom <= box.top:
        return "has no size: w and h are 1 at least"
    if box.left < 0 or box.top < 0:
        return "begins outside of the grid: x and y are 0 at least"
    if box.right > COLUMNS:
        return f"ends in column {box.right - 1}; the last of the {COLUMNS} is {COLUMNS - 1}"
    return ""


def _box(node: JsonNode) -> Box | None:
    numbers = [node.at(name).value for name in ("x", "y", "w", "h")]
    left, top, width, height = (number if isinstance(number, int) else None for number in numbers)
    if left is None or top is None or width is None or height is None:
        return None
    return Box(left, top, left + width, top + height)


def _named(widget: Widget) -> str:
    title = widget.node.at("widget", "title").text
    return f"'{title}'" if title else f"the {widget.kind or 'widget'} '{widget.id}'"
