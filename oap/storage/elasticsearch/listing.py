"""Everything that the indices of a namespace hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oap.storage.contract import EndpointTraffic, HandOver, InstanceRelationRow, InstanceTraffic, ServiceTraffic
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import INSTANCE_RELATION, METRIC_TABLE, Layout
from oap.storage.elasticsearch.relations import RelationTable
from oap.storage.elasticsearch.traffic import Traffic, TrafficTable
from oap.storage.listing import TRAFFIC, Counts, buckets_of, traffic_of
from oap.timebucket import buckets_between

_PODS: Final = (
    "source_service_id",
    "source_service_instance_id",
    "dest_service_id",
    "dest_service_instance_id",
)


@dataclass(frozen=True, slots=True)
class ElasticsearchListing:
    """Implements ``oap.storage.listing.Listing``. ``indices`` must not bound lists."""

    indices: Indices
    layout: Layout

    def days(self) -> Sequence[int]:
        found: set[int] = set()
        for name in self._all():
            found |= set(buckets_between(self._first_day(name), self.layout.last_day(name)))
        return sorted(found)

    def counts(self, day: int) -> Counts:
        names = [name for name in self._all() if self._first_day(name) <= day <= self.layout.last_day(name)]
        spans = [{"range": {"time_bucket": {"gte": first, "lte": last}}} for first, last in buckets_of(day).values()]
        query = {"query": {"bool": {"should": spans, "minimum_should_match": 1}}, "aggs": {}}
        self.indices.make_visible(names)
        found: dict[int, dict[str, int]] = {}
        for name in names:
            # Where each kind of row has indices of its own, rows do not say of which kind they are.
            kind = name[len(self.layout.alias("")) :].rpartition("-")[0]
            for group in self.indices.groups([name], query, ("time_bucket", METRIC_TABLE)):
                model, bucket = group["key"][METRIC_TABLE] or kind, int(group["key"]["time_bucket"])
                if model not in TRAFFIC:
                    of_bucket = found.setdefault(bucket, {})
                    of_bucket[model] = of_bucket.get(model, 0) + int(group["doc_count"])
        return found

    def traffic(self) -> HandOver:
        table = TrafficTable(self.indices, self.layout)
        services, instances, endpoints = (self._traffic(table, name) for name in TRAFFIC)
        return traffic_of(
            (row for row in services if isinstance(row, ServiceTraffic)),
            (row for row in instances if isinstance(row, InstanceTraffic)),
            (row for row in endpoints if isinstance(row, EndpointTraffic)),
        )

    def relations(self, bucket: int) -> HandOver:
        return HandOver(
            service_relations=RelationTable(self.indices, self.layout).services(bucket, bucket, None),
            instance_relations=[row for side in (False, True) for row in self._pods(bucket, is_server_side=side)],
        )

    def _pods(self, bucket: int, *, is_server_side: bool) -> Iterator[InstanceRelationRow]:
        name = INSTANCE_RELATION[is_server_side]
        must: list[Mapping[str, Any]] = [*self.layout.only(name), {"term": {"time_bucket": bucket}}]
        body = {"query": {"bool": {"filter": must}}, "sort": [{"entity_id": "asc"}]}
        for page in self.indices.pages([self.layout.index(self.layout.table(name), bucket)], body):
            for hit in page:
                source = hit["_source"]
                ends = [source[column] for column in _PODS]
                yield InstanceRelationRow(bucket, is_server_side, source["entity_id"], *ends)

    def _traffic(self, table: TrafficTable, name: str) -> Iterator[Traffic]:
        names = self.indices.of(self.layout.alias(self.layout.table(name)))
        self.indices.make_visible(names)
        for stored in table.stored(name, names, []):
            yield stored.row

    def _all(self) -> Sequence[str]:
        return [name for name in self.indices.of(self.layout.alias("*")) if name.rpartition("-")[2].isdigit()]

    def _first_day(self, index: str) -> int:
        return int(index.rpartition("-")[2])
