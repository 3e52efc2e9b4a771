"""E207: operator and literal suit the attribute's type (spec oal 2.2)."""

from collections.abc import Mapping
from types import MappingProxyType

from oal.bind import BoundCondition, BoundRule
from oal.catalog import Kind
from oal.checks.report import Report
from oal.checks.rewriting import rewritten
from oal.syntax import EnumConstant, Literal, LiteralList, Null, Number, Text
from oal.wording import with_article

_EQUALITY = ("==", "!=")
_ORDER = (*_EQUALITY, ">", "<", ">=", "<=")

_ALLOWED: Mapping[Kind, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.INT: {"number": _ORDER, "list of numbers": ("in",)},
        Kind.LONG: {"number": _ORDER, "list of numbers": ("in",)},
        Kind.DOUBLE: {"number": _ORDER},
        Kind.BOOL: {"bool": _EQUALITY},
        Kind.STRING: {"string": (*_EQUALITY, "like"), "null": _EQUALITY, "list of strings": ("in",)},
        Kind.ENUM: {"enum constant": _EQUALITY, "null": _EQUALITY, "list of enum constants": ("in",)},
        Kind.LIST: {"string": ("contain", "not contain"), "null": _EQUALITY},
        Kind.OBJECT: {"null": _EQUALITY},
    }
)


def comparable_literal(rule: BoundRule, report: Report) -> None:
    """Every condition compares its attribute with a literal of its type, by an operator of that type."""
    for condition in rule.conditions:
        kind = condition.path.kind
        if kind is None or not _enums_are_known(rule, condition.syntax.literal) or _is_allowed(condition, kind):
            continue
        written = condition.syntax
        literal = with_article(_type_of(written.literal))
        message = f"'{written.operator}' cannot compare {condition.path.described} with {literal}"
        allowed = f"{with_article(kind)} allows {_allowed_text(condition, kind)}"
        meant = rewritten(condition, rule.catalog)
        report.error("E207", message, written.span, f"write {meant}  ({allowed})" if meant else allowed)


def _is_allowed(condition: BoundCondition, kind: Kind) -> bool:
    literal = condition.syntax.literal
    if condition.syntax.operator not in _ALLOWED[kind].get(_type_of(literal), ()):
        return False
    attribute = condition.path.attribute
    if attribute is None:
        return True
    if kind is Kind.ENUM and any(constant.type.text != attribute.enum for constant in _constants(literal)):
        return False
    return kind is not Kind.LIST or isinstance(literal, Null) or attribute.element is Kind.STRING


def _type_of(literal: Literal) -> str:
    if isinstance(literal, LiteralList):
        return f"list of {_type_of(literal.items[0])}s"
    names = ((Number, "number"), (Text, "string"), (EnumConstant, "enum constant"), (Null, "null"))
    return next((name for kind, name in names if isinstance(literal, kind)), "bool")


def _constants(literal: Literal) -> tuple[EnumConstant, ...]:
    items = literal.items if isinstance(literal, LiteralList) else (literal,)
    return tuple(item for item in items if isinstance(item, EnumConstant))


def _enums_are_known(rule: BoundRule, literal: Literal) -> bool:
    """Whether the law about enum constants has nothing to say."""
    return all(
        constant.constant.text in rule.catalog.enums.get(constant.type.text, ()) for constant in _constants(literal)
    )


def _allowed_text(condition: BoundCondition, kind: Kind) -> str:
    attribute = condition.path.attribute
    enum = f" of {attribute.enum}" if attribute is not None and kind is Kind.ENUM else ""
    allowed = _ALLOWED[kind]
    if kind is Kind.LIST and attribute is not None and attribute.element is not Kind.STRING:
        allowed = {"null": _EQUALITY}
    return "; ".join(
        f"{' '.join(operators)} with {with_article(literal)}{enum if literal != 'null' else ''}"
        for literal, operators in allowed.items()
    )
