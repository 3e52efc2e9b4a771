"""E206: a function that aggregates values gets numbers."""

from oal.bind import BoundRule
from oal.catalog import Kind
from oal.checks.report import Report
from oal.nearest import excerpt


def numeric_value(rule: BoundRule, report: Report) -> None:
    """The value path of such a function leads to a number, or to a string that is cast."""
    if rule.function is None or rule.scope is None or not rule.function.needs_value:
        return
    name, kind = rule.function.name, rule.value.kind if rule.value is not None else None
    if rule.value is not None and (kind is None or kind.is_numeric):
        return
    numeric = [path for path, attribute in rule.scope.attributes.items() if attribute.kind.is_numeric]
    candidates = f"numeric attributes of {rule.scope.name}: {excerpt(numeric)}"
    if rule.value is None:
        report.error("E206", f"{name} needs a numeric attribute, got '*'", rule.syntax.source.span, candidates)
        return
    cast = "cast the text: from((long)...), or take one of the " if kind is Kind.STRING else ""
    message = f"{name} needs a numeric attribute, got {rule.value.described}"
    report.error("E206", message, rule.value.syntax.span, cast + candidates)
