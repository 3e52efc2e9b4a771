"""Edges between services and between instances, seen from either side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from oap.storage.contract import InstanceRelationRow, ServiceRelationRow
from oap.storage.elasticsearch.actions import create_action, index_action
from oap.storage.elasticsearch.indices import Hit, Indices
from oap.storage.elasticsearch.layout import INSTANCE_RELATION, SERVICE_RELATION, Layout, metric_key

_SERVICES: Final = ("source_service_id", "dest_service_id")
_INSTANCES: Final = ("source_service_instance_id", "dest_service_instance_id")

Written = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class RelationTable:
    """Edges of one store."""

    indices: Indices
    layout: Layout

    def service_actions(self, rows: Sequence[ServiceRelationRow], version: int) -> Iterator[Written]:
        """Index and action of each edge that is new or has components that the stored one lacks, as this version."""
        merged: dict[tuple[str, str], ServiceRelationRow] = {}
        for row in rows:
            place = self._place(SERVICE_RELATION[row.is_server_side], row)
            held = merged.get(place)
            merged[place] = row if held is None else _united(held, row.component_ids)
        stored = {(hit["_index"], hit["_id"]): _components(hit) for hit in self.indices.by_id(list(merged))}
        for (index, key), row in merged.items():
            before = stored.get((index, key))
            united = _united(row, before or ())
            if before != united.component_ids:
                yield index, index_action(index, key, self._service_document(united), version)

    def instance_actions(self, rows: Sequence[InstanceRelationRow]) -> Iterator[Written]:
        """Index and action of each edge; the first that was written stays."""
        for row in rows:
            name = INSTANCE_RELATION[row.is_server_side]
            index, key = self._place(name, row)
            columns = (_SERVICES[0], _INSTANCES[0], _SERVICES[1], _INSTANCES[1], "entity_id")
            fields = {column: getattr(row, column) for column in columns}
            body = {**self.layout.discriminator(name), **fields, "time_bucket": row.bucket}
            yield index, create_action(index, key, body)

    def services(self, first: int, last: int, service_ids: Sequence[str] | None) -> Sequence[ServiceRelationRow]:
        """Edges of a range that touch one of the services, each with its earliest bucket."""
        must = [_within(first, last)]
        if service_ids is not None:
            must.append(_any({"terms": {column: list(service_ids)}} for column in _SERVICES))
        found = []
        for is_server_side in (False, True):
            name = SERVICE_RELATION[is_server_side]
            for group, source in self._groups(name, must, ("entity_id", "component_ids"), _SERVICES):
                source_id, dest_id = (source[column] for column in _SERVICES)
                components = _numbers(group["key"]["component_ids"] or "")
                bucket, entity_id = int(group["first"]["value"]), group["key"]["entity_id"]
                found.append(ServiceRelationRow(bucket, is_server_side, entity_id, source_id, dest_id, components))
        return found

    def instances(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        """Edges of a range between the instances of two services, whichever of them calls."""
        pair = (client_service_id, server_service_id)
        both = (_all_terms(dict(zip(_SERVICES, ends, strict=True))) for ends in (pair, pair[::-1]))
        must = [_within(first, last), _any(both)]
        columns = (_SERVICES[0], _INSTANCES[0], _SERVICES[1], _INSTANCES[1])
        found = []
        for is_server_side in (False, True):
            name = INSTANCE_RELATION[is_server_side]
            for group, source in self._groups(name, must, ("entity_id",), columns):
                bucket, entity_id = int(group["first"]["value"]), group["key"]["entity_id"]
                ends = [source[column] for column in columns]
                found.append(InstanceRelationRow(bucket, is_server_side, entity_id, *ends))
        return found

    def _groups(
        self, name: str, must: Sequence[Mapping[str, Any]], keys: Sequence[str], columns: Sequence[str]
    ) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        body = {
            "query": {"bool": {"filter": [*self.layout.only(name), *must]}},
            "aggs": {
                "first": {"min": {"field": "time_bucket"}},
                "any": {"top_hits": {"size": 1, "_source": list(columns)}},
            },
        }
        for group in self.indices.groups([self.layout.alias(self.layout.table(name))], body, keys):
            yield group, group["any"]["hits"]["hits"][0]["_source"]

    def _place(self, name: str, row: ServiceRelationRow | InstanceRelationRow) -> tuple[str, str]:
        index = self.layout.index(self.layout.table(name), row.bucket)
        return index, self.layout.row_id(name, metric_key(row.bucket, row.entity_id))

    def _service_document(self, row: ServiceRelationRow) -> Mapping[str, Any]:
        return {
            **self.layout.discriminator(SERVICE_RELATION[row.is_server_side]),
            "source_service_id": row.source_service_id,
            "dest_service_id": row.dest_service_id,
            "component_ids": "|".join(map(str, row.component_ids)),
            "entity_id": row.entity_id,
            "time_bucket": row.bucket,
        }


def _united(row: ServiceRelationRow, components: Sequence[int]) -> ServiceRelationRow:
    return replace(row, component_ids=tuple(sorted({*row.component_ids, *components})))


def _components(hit: Hit) -> tuple[int, ...]:
    return _numbers(hit["_source"].get("component_ids") or "")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("|")) if text else ()


def _within(first: int, last: int) -> Mapping[str, Any]:
    return {"range": {"time_bucket": {"gte": first, "lte": last}}}


def _any(conditions: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}


def _all_terms(values: Mapping[str, str]) -> Mapping[str, Any]:
    return {"bool": {"filter": [{"term": {column: value}} for column, value in values.items()]}}
