"""What a compiler must know of the data: scopes, typed attributes, and where each attribute's value lies.

The compiler knows no scope by itself; whoever calls it hands it a ``Catalog``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Type of an attribute (spec oal 1.3, 2.2)."""

    LONG = "long"
    INT = "int"
    DOUBLE = "double"
    BOOL = "bool"
    STRING = "string"
    ENUM = "enum"
    LIST = "list"
    MAP = "map"
    OBJECT = "object"

    @property
    def is_numeric(self) -> bool:
        """Whether values can be compared with numbers and aggregated."""
        return self in {Kind.LONG, Kind.INT, Kind.DOUBLE}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a scope.

    ``path`` is dotted; ``enum`` names the enum type of an ENUM, ``element`` the kind of a LIST's entries.
    """

    path: str
    kind: Kind
    unit: str = ""
    meaning: str = ""
    source: str = ""
    enum: str = ""
    element: Kind = Kind.STRING


@dataclass(frozen=True, slots=True)
class Constant:
    """The attribute has this value (None: null) in every row of the table."""

    value: str | int | bool | None


@dataclass(frozen=True, slots=True)
class RowColumn:
    """The value is a column of the table, one entry per row."""

    name: str


@dataclass(frozen=True, slots=True)
class CellColumn:
    """The value is decided by the identity that a row folds into (its route or endpoint), not by the row."""

    name: str


Binding = Constant | RowColumn | CellColumn


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one operation. An attribute path without a binding lies behind a null object in this table.

    ``meaning`` says in words what its rows are.
    """

    name: str
    bindings: Mapping[str, Binding]
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A source that rules read from.

    ``grain`` names the identity its rows are folded by before they are added up to entities; scopes of one grain share
    state. ``category`` is the catalog name of the query side (SERVICE, ENDPOINT_RELATION, ...). ``meaning`` says in
    words what one record stands for.
    """

    name: str
    number: int
    category: str
    grain: str
    attributes: Mapping[str, Attribute]
    tables: tuple[Table, ...]
    decorators: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All scopes and enum types (name -> constants) that rules may mention."""

    scopes: Mapping[str, Scope]
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
