"""E212: the decorator exists for the scope and can decorate the function's records."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.functions.contract import ValueKind
from oal.nearest import suggestion


def known_decorator(rule: BoundRule, report: Report) -> None:
    """A decorator is one of the scope's, and the function is not labelled."""
    decorator, scope = rule.syntax.decorator, rule.scope
    if decorator is None or scope is None:
        return
    if decorator.value not in scope.decorators:
        known = ", ".join(scope.decorators) or "none"
        hint = f"{suggestion(decorator.value, scope.decorators)}  (decorators of {scope.name}: {known})".strip()
        report.error("E212", f"{scope.name} has no decorator '{decorator.value}'", decorator.span, hint)
    elif rule.function is not None and rule.function.value_kind is ValueKind.LABELED_VALUE:
        message = f"{rule.function.name} has labelled values, which take no decorator"
        report.error("E212", message, decorator.span, "leave the decorator out")
