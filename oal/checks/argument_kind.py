"""E205: every argument is what its parameter takes."""

from oal.bind import BoundArgument, BoundCondition, BoundPath, BoundRule
from oal.catalog import Kind
from oal.checks.report import Report
from oal.functions.contract import Takes
from oal.nearest import excerpt
from oal.printing import argument_text
from oal.span import Span
from oal.syntax import Number, Text, Truth

_NUMERIC = tuple(kind for kind in Kind if kind.is_numeric)


def argument_kind(rule: BoundRule, report: Report) -> None:
    """Conditions, integers, attributes and truth values stand where they are declared."""
    if rule.function is None:
        return
    for parameter, argument in zip(rule.function.arguments, rule.arguments, strict=False):
        if _is_undecided(argument) or _fits(argument, parameter.takes):
            continue
        message = (
            f"parameter '{parameter.name}' of {rule.function.name} takes {parameter.takes}, got {_described(argument)}"
        )
        report.error("E205", message, _span(argument), _hint(rule, argument, parameter.takes))


def _is_undecided(argument: BoundArgument) -> bool:
    """Whether another law already speaks about the argument's attribute."""
    return isinstance(argument, BoundPath) and argument.attribute is None


def _fits(argument: BoundArgument, takes: Takes) -> bool:
    match takes:
        case Takes.CONDITION:
            return isinstance(argument, BoundCondition)
        case Takes.INTEGER:
            return isinstance(argument, Number)
        case Takes.STRING_PATH:
            return isinstance(argument, BoundPath) and argument.kind is Kind.STRING
        case Takes.NUMERIC_PATH:
            return isinstance(argument, BoundPath) and argument.kind is not None and argument.kind.is_numeric
        case Takes.BOOL:
            return isinstance(argument, Truth) or (isinstance(argument, BoundPath) and argument.kind is Kind.BOOL)


def _described(argument: BoundArgument) -> str:
    if isinstance(argument, BoundPath):
        return argument.described
    if isinstance(argument, BoundCondition):
        return "a condition"
    return f"the {'number' if isinstance(argument, Number) else 'literal'} {argument_text(argument)}"


def _hint(rule: BoundRule, argument: BoundArgument, takes: Takes) -> str:
    if takes is Takes.CONDITION and isinstance(argument, BoundPath) and argument.kind is Kind.BOOL:
        return f"write {argument.syntax.dotted} == true"
    if takes is Takes.INTEGER and isinstance(argument, Text) and argument.value.isdecimal():
        return f"write {argument.value}, without quotes"
    wanted = {Takes.STRING_PATH: (Kind.STRING,), Takes.NUMERIC_PATH: _NUMERIC, Takes.BOOL: (Kind.BOOL,)}.get(takes)
    if wanted is None or rule.scope is None:
        return ""
    candidates = [path for path, attribute in rule.scope.attributes.items() if attribute.kind in wanted]
    return f"such attributes of {rule.scope.name}: {excerpt(candidates)}" if candidates else ""


def _span(argument: BoundArgument) -> Span:
    return argument.syntax.span if isinstance(argument, BoundPath | BoundCondition) else argument.span
