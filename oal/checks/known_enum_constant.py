"""E209: enum types and their constants exist."""

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.nearest import suggestion
from oal.syntax import EnumConstant, LiteralList


def known_enum_constant(rule: BoundRule, report: Report) -> None:
    """Every ``Type.CONSTANT`` is in the catalog."""
    for condition in rule.conditions:
        literal = condition.syntax.literal
        items = literal.items if isinstance(literal, LiteralList) else (literal,)
        for item in items:
            if isinstance(item, EnumConstant):
                _check(item, rule, report)


def _check(constant: EnumConstant, rule: BoundRule, report: Report) -> None:
    enums = rule.catalog.enums
    type_, name = constant.type, constant.constant
    if type_.text not in enums:
        hint = f"{suggestion(type_.text, enums)}  (known: {', '.join(sorted(enums))})".strip()
        report.error("E209", f"unknown enum type '{type_.text}'", type_.span, hint)
    elif name.text not in enums[type_.text]:
        known = enums[type_.text]
        hint = f"{suggestion(name.text, known)}  (constants: {', '.join(known)})".strip()
        report.error("E209", f"{type_.text} has no constant '{name.text}'", name.span, hint)
