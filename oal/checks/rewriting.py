"""What a condition was probably meant to say, when operator and literal do not suit the attribute."""

from dataclasses import replace

from oal.bind import BoundCondition
from oal.catalog import Catalog, Kind
from oal.nearest import nearest
from oal.printing import condition_text
from oal.syntax import Condition, EnumConstant, Literal, LiteralList, Name, Number, Text, Truth

_ORDER = frozenset({">", "<", ">=", "<="})
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def rewritten(condition: BoundCondition, catalog: Catalog) -> str:
    """The condition as it should stand, or nothing when the literal does not tell."""
    written, kind = condition.syntax, condition.path.kind
    if isinstance(written.literal, LiteralList):
        return ""
    if kind is Kind.STRING and written.operator in _ORDER and not written.path.cast:
        return condition_text(replace(written, path=replace(written.path, cast="long")))
    literal = _literal_of(condition, catalog)
    if literal is None:
        return _other_operator(written, kind)
    operator = "==" if written.operator in {"like", "contain"} else written.operator
    return condition_text(replace(written, operator=operator, literal=literal))


def _literal_of(condition: BoundCondition, catalog: Catalog) -> Literal | None:
    """A literal of the attribute's type with the same text."""
    kind, literal, attribute = condition.path.kind, condition.syntax.literal, condition.path.attribute
    text = _text_of(literal)
    if text is None or kind is None or attribute is None:
        return None
    if kind.is_numeric and text.isascii() and text.isdecimal() and isinstance(literal, Text):
        return Number(text.lstrip("0") or "0")
    if kind is Kind.BOOL and text.lower() in _TRUTHS:
        return Truth(_TRUTHS[text.lower()])
    if kind is Kind.STRING and not isinstance(literal, Text):
        return Text(text)
    constant = nearest(text, catalog.enums.get(attribute.enum, ())) if kind is Kind.ENUM else None
    return EnumConstant(Name(attribute.enum), Name(constant)) if constant is not None else None


def _text_of(literal: Literal) -> str | None:
    match literal:
        case Text(value=text) | Number(digits=text):
            return text
        case Truth(value=truth):
            return "true" if truth else "false"
        case EnumConstant(constant=constant):
            return constant.text
        case _:
            return None


def _other_operator(written: Condition, kind: Kind | None) -> str:
    if kind is Kind.STRING and written.operator in {"contain", "not contain"} and isinstance(written.literal, Text):
        if written.operator == "not contain":
            return ""
        return condition_text(replace(written, operator="like", literal=Text(f"%{written.literal.value}%")))
    if kind is Kind.LIST and written.operator in {"like", "=="} and isinstance(written.literal, Text):
        return condition_text(replace(written, operator="contain", literal=Text(written.literal.value.strip("%"))))
    return ""
