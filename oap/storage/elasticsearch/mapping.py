"""Field mappings of every model, by upstream's rules (spec storage 1.3, 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from oal.functions.contract import StateColumn, Store
from oap.storage.contract import MetricModel
from oap.storage.elasticsearch.layout import (
    ENDPOINT_TRAFFIC,
    INSTANCE_RELATION,
    INSTANCE_TRAFFIC,
    METRIC_TABLE,
    SERVICE_RELATION,
    SERVICE_TRAFFIC,
    Layout,
)

Properties = Mapping[str, Mapping[str, Any]]

_TYPES: Final = MappingProxyType(
    {Store.LONG: "long", Store.INT: "integer", Store.DOUBLE: "double", Store.TABLE: "text"}
)
# Scopes whose records carry attributes, and the columns that are searched though they are not the value.
_WITH_ATTRIBUTES: Final = frozenset({"Service", "K8SService", "Endpoint"})
_SEARCHED: Final = frozenset({("rate", "denominator"), ("rate", "numerator")})


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its type, and upstream's flags for "stored only", "kept for sorting" and "searched by words"."""

    kind: str
    is_stored_only: bool = False
    is_sorted: bool = False
    is_matched: bool = False


_ID: Final = Field("keyword")
_SORTED_ID: Final = Field("keyword", is_sorted=True)
_NAME: Final = Field("keyword", is_matched=True)
_BUCKET: Final = Field("long", is_sorted=True)
_SERVICE_EDGE: Final = MappingProxyType(
    {
        "source_service_id": _ID,
        "dest_service_id": _ID,
        "component_ids": Field("keyword", is_stored_only=True, is_sorted=True),
        "entity_id": _SORTED_ID,
    }
)
_INSTANCE_EDGE: Final = MappingProxyType(
    {
        "source_service_id": _ID,
        "source_service_instance_id": _ID,
        "dest_service_id": _ID,
        "dest_service_instance_id": _ID,
        "entity_id": _SORTED_ID,
    }
)
FIXED_MODELS: Final[Mapping[str, Mapping[str, Field]]] = MappingProxyType(
    {
        SERVICE_TRAFFIC: MappingProxyType(
            {
                "service_traffic_name": _NAME,
                "short_name": _ID,
                "service_id": _ID,
                "service_group": _ID,
                "layer": Field("integer"),
            }
        ),
        INSTANCE_TRAFFIC: MappingProxyType(
            {
                "service_id": _ID,
                "instance_traffic_name": Field("keyword", is_stored_only=True),
                "last_ping": Field("long"),
                "properties": Field("text", is_stored_only=True),
            }
        ),
        ENDPOINT_TRAFFIC: MappingProxyType(
            {"service_id": _ID, "endpoint_traffic_name": _NAME, "last_ping": Field("long")}
        ),
        **dict.fromkeys(SERVICE_RELATION, _SERVICE_EDGE),
        **dict.fromkeys(INSTANCE_RELATION, _INSTANCE_EDGE),
    }
)
TEMPLATE_PROPERTIES: Final[Properties] = MappingProxyType(
    {
        "management_table": {"type": "keyword"},
        "template_id": {"type": "keyword", "doc_values": False},
        "menu_id": {"type": "keyword", "doc_values": False},
        "configuration": {"type": "text", "index": False},
        "update_time": {"type": "long", "doc_values": False},
        "disabled": {"type": "integer", "doc_values": False},
    }
)


def metric_properties(layout: Layout, model: MetricModel) -> Properties:
    """Mapping of a metric's records."""
    fields: dict[str, Field] = {"entity_id": _SORTED_ID}
    if model.has_service_id:
        fields["service_id"] = _ID
    if model.scope in _WITH_ATTRIBUTES:
        fields |= {f"attr{number}": _ID for number in range(6)}
    fields |= {layout.column(column.name): _state_field(model, column) for column in model.columns}
    return {METRIC_TABLE: {"type": "keyword"}, **_properties(fields)}


def fixed_properties(layout: Layout, name: str) -> Properties:
    """Mapping of traffic or relations."""
    fields = {layout.column(column): field for column, field in FIXED_MODELS[name].items()}
    shared = {} if layout.is_sharded else {METRIC_TABLE: {"type": "keyword"}}
    return {**shared, **_properties(fields)}


def _properties(fields: Mapping[str, Field]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for name, field in {**fields, "time_bucket": _BUCKET}.items():
        found[name] = _property(name, field)
        if field.is_matched:
            found[f"{name}_match"] = {"type": "text", "analyzer": "oap_analyzer"}
    return found


def _property(name: str, field: Field) -> Mapping[str, Any]:
    described: dict[str, Any] = {"type": field.kind}
    if field.is_matched:
        described["copy_to"] = f"{name}_match"
    if field.is_stored_only:
        described["index"] = False
    if not field.is_sorted and field.kind != "text":
        described["doc_values"] = False
    return described


def _state_field(model: MetricModel, column: StateColumn) -> Field:
    kind = _TYPES[column.store]
    if column.store is Store.TABLE:
        return Field(kind, is_stored_only=True)
    is_value = column.name == model.value_column
    return Field(
        kind, is_stored_only=not is_value and (model.function, column.name) not in _SEARCHED, is_sorted=is_value
    )


def conflicts(stored: Properties, wanted: Properties) -> Sequence[str]:
    """Fields that are stored with another type than is wanted."""
    return [name for name, field in wanted.items() if name in stored and stored[name].get("type") != field["type"]]
