"""E210: no metric is defined twice."""

from collections.abc import Mapping, Sequence

from oal.bind import BoundRule
from oal.checks.report import Report


def unique_metric_name(rules: Sequence[BoundRule], reports: Mapping[str, Report]) -> None:
    """Names differ, also when case is ignored, in all files together."""
    first: dict[str, BoundRule] = {}
    for rule in rules:
        name = rule.syntax.name
        earlier = first.setdefault(name.text.lower(), rule)
        if earlier is rule:
            continue
        other = earlier.syntax.name
        place = f"{earlier.file}:{other.span.line}:{other.span.column}"
        hint = "" if other.text == name.text else f"'{other.text}' and '{name.text}' differ in case only"
        report = reports[rule.file]
        report.error("E210", f"metric '{name.text}' is already defined at {place}", name.span, hint)
