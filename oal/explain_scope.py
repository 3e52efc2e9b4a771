"""What rules can read: scopes and their attributes, as the answer to ``oap oal scopes``."""

from collections.abc import Mapping
from dataclasses import dataclass

from oal.catalog import Attribute, Catalog, Constant, Kind, Scope


@dataclass(frozen=True, slots=True)
class AttributeFacts:
    """One attribute. ``operations`` are the tables in which it has a value; ``constants`` are the values it can have
    where that is known: of an enum, or by table (``{"write": "write"}``)."""

    path: str
    type: str
    unit: str
    meaning: str
    source: str
    operations: tuple[str, ...]
    constants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """One scope: what a record stands for, the tables its rows come from with their meanings, its attributes."""

    name: str
    category: str
    entity: str
    operations: Mapping[str, str]
    decorators: tuple[str, ...]
    attributes: tuple[AttributeFacts, ...]


def explain_scope(scope: Scope, catalog: Catalog) -> ScopeFacts:
    """Everything that a rule's author needs to know of a scope; attributes in the catalog's order."""
    return ScopeFacts(
        name=scope.name,
        category=scope.category,
        entity=scope.meaning,
        operations={table.name: table.meaning for table in scope.tables},
        decorators=scope.decorators,
        attributes=tuple(_attribute(attribute, scope, catalog) for attribute in scope.attributes.values()),
    )


def _attribute(attribute: Attribute, scope: Scope, catalog: Catalog) -> AttributeFacts:
    bindings = {table.name: table.bindings.get(attribute.path) for table in scope.tables}
    operations = tuple(name for name, binding in bindings.items() if binding is not None and binding != Constant(None))
    values = [binding.value for binding in bindings.values() if isinstance(binding, Constant)]
    known = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
    constants = catalog.enums[attribute.enum] if attribute.kind is Kind.ENUM else known
    return AttributeFacts(
        path=attribute.path,
        type=_type_text(attribute),
        unit=attribute.unit,
        meaning=attribute.meaning,
        source=attribute.source,
        operations=operations,
        constants=constants if attribute.kind is not Kind.OBJECT else (),
    )


def _type_text(attribute: Attribute) -> str:
    if attribute.kind is Kind.ENUM:
        return f"enum {attribute.enum}"
    return f"list of {attribute.element}" if attribute.kind is Kind.LIST else str(attribute.kind)
