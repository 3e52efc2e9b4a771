"""A store in memory for everything that a pipeline hands over, merging as the contract says; quick where many minutes are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, cast

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    ServiceRelationRow,
    ServiceTraffic,
    Storage,
)
from tests.oap.window.record_store import RecordStore

_Seen = TypeVar("_Seen", InstanceTraffic, EndpointTraffic)
_Key = tuple[int, bool, str]


class RowStore:
    """Knows as much of the contract as writers and the tests' readers need."""

    def __init__(self) -> None:
        self._records = RecordStore()
        self._services: dict[tuple[str, int], ServiceTraffic] = {}
        self._instances: dict[str, InstanceTraffic] = {}
        self._endpoints: dict[str, EndpointTraffic] = {}
        self._service_relations: dict[_Key, ServiceRelationRow] = {}
        self._instance_relations: dict[_Key, InstanceRelationRow] = {}

    def as_storage(self) -> Storage:
        """Itself, as far as it knows the contract."""
        return cast("Storage", self)

    def prepare(self, models: Sequence[MetricModel]) -> None:
        """Nothing."""

    def write(self, rows: HandOver) -> None:
        self._records.write(rows)
        for service in rows.services:
            known = self._services.setdefault((service.service_id, service.layer), service)
            self._services[service.service_id, service.layer] = replace(known, bucket=min(known.bucket, service.bucket))
        for instance in rows.instances:
            self._instances[instance.instance_id] = _seen(self._instances.get(instance.instance_id), instance)
        for endpoint in rows.endpoints:
            self._endpoints[endpoint.endpoint_id] = _seen(self._endpoints.get(endpoint.endpoint_id), endpoint)
        for relation in rows.service_relations:
            key = (relation.bucket, relation.is_server_side, relation.entity_id)
            stored = self._service_relations.get(key, relation)
            components = tuple(sorted({*stored.component_ids, *relation.component_ids}))
            self._service_relations[key] = replace(relation, component_ids=components)
        for edge in rows.instance_relations:
            self._instance_relations[edge.bucket, edge.is_server_side, edge.entity_id] = edge

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        return self._records.load_metrics(models, bucket)

    def services(self) -> list[ServiceTraffic]:
        return list(self._services.values())

    def instances(self, service_id: str, _first_minute: int, _last_minute: int) -> list[InstanceTraffic]:
        return [row for row in self._instances.values() if row.service_id == service_id]

    def endpoints(self, service_id: str, _keyword: str, _limit: int) -> list[EndpointTraffic]:
        return [row for row in self._endpoints.values() if row.service_id == service_id]

    def service_relations(self, first: int, last: int) -> list[ServiceRelationRow]:
        return [row for row in self._service_relations.values() if first <= row.bucket <= last]

    def instance_relations(self, first: int, last: int, client: str, server: str) -> list[InstanceRelationRow]:
        return [
            row
            for row in self._instance_relations.values()
            if first <= row.bucket <= last and {row.source_service_id, row.dest_service_id} == {client, server}
        ]


def _seen(stored: _Seen | None, new: _Seen) -> _Seen:
    return new if stored is None else replace(new, bucket=min(stored.bucket, new.bucket))
