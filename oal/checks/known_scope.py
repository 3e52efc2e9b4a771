"""E201: the scope is served here."""

from collections.abc import Mapping, Sequence

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.nearest import suggestion
from oal.reserved import SCOPE_NAMES


def known_scope(rules: Sequence[BoundRule], reports: Mapping[str, Report]) -> None:
    """Every rule reads from a scope of the catalog."""
    metrics = {rule.syntax.name.text for rule in rules}
    for rule in rules:
        if rule.scope is None:
            _report(rule, metrics, reports[rule.file])


def _report(rule: BoundRule, metrics: set[str], report: Report) -> None:
    name = rule.syntax.source.scope
    known = ", ".join(sorted(rule.catalog.scopes))
    message, near = f"unknown scope '{name.text}'", suggestion(name.text, rule.catalog.scopes)
    if name.text in SCOPE_NAMES:
        message = f"scope '{name.text}' has no source here"
    elif name.text in metrics:
        near = f"'{name.text}' is a metric; rules read scopes, and metrics are combined in queries"
    report.error("E201", message, name.span, f"{near}  (known: {known})".strip())
