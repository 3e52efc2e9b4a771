"""E201: the scope is served here."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.nearest import suggestion
from oal.reserved import SCOPE_NAMES


def known_scope(rule: BoundRule, report: Report) -> None:
    """The rule reads from a scope of the catalog."""
    if rule.scope is not None:
        return
    name = rule.syntax.source.scope
    message = f"scope '{name.text}' has no source here" if name.text in SCOPE_NAMES else f"unknown scope '{name.text}'"
    known = ", ".join(sorted(rule.catalog.scopes))
    near = suggestion(name.text, rule.catalog.scopes)
    report.error("E201", message, name.span, f"{near}  (known: {known})".strip())
