"""Reading metric records: by bucket, many series at once, and the largest ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from oal.functions.contract import Column, StateColumn, Store
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, SeriesRead, TopEntity, TopRead
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import METRIC_TABLE, Layout, metric_key
from oap.storage.reads import require_numbers, value_store
from oap.storage.table_text import entries_of, tables_from_texts
from oap.timebucket import buckets_between

# Doubles, in which the server computes means, count integers without gaps up to here.
_EXACT: Final = float(1 << 53)
_MOST_CANDIDATES: Final = 50000
_FEW_INDICES: Final = 3


@dataclass(frozen=True, slots=True)
class MetricReader:
    """Reads metrics of one store."""

    indices: Indices
    layout: Layout

    def load(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        """All records of the metrics (one scope) in a bucket, by entity id."""
        names = sorted({self._index(model, bucket) for model in models})
        query = {"bool": {"filter": [_named(*models), {"term": {"time_bucket": bucket}}]}}
        sort = [{"metric_table": "asc"}, {"entity_id": "asc"}]
        self.indices.make_visible(names)
        found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        services: dict[str, str] = {}
        for page in self.indices.pages(names, {"query": query, "sort": sort}):
            for hit in page:
                source = hit["_source"]
                found[source[METRIC_TABLE]][source["entity_id"]] = source
                services[source["entity_id"]] = source.get("service_id", "")
        if not services:
            return None
        entities = sorted(services)
        service_ids = [services[entity] for entity in entities] if models[0].has_service_id else None
        records = [self._records(model, entities, found[model.name]) for model in models]
        return MetricRows(models[0].scope, bucket, entities, service_ids, records)

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        """Values of metrics with one number."""
        require_numbers(read.model for read in reads)
        return self._read(reads, first, last)

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        """Values of metrics with labels."""
        found = self._read(reads, first, last)
        return [{bucket: entries_of(text) for bucket, text in points.items()} for points in found]

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        """Entities by mean value among the records that meet the conditions."""
        require_numbers(read.model for read in reads)
        found: list[Sequence[TopEntity]] = [()] * len(reads)
        asked = {place: self._top_search(read, first, last) for place, read in enumerate(reads) if read.count > 0}
        answers = self.indices.searches(list(asked.values())) if asked else ()
        for (place, (names, body)), answer in zip(asked.items(), answers, strict=True):
            found[place] = self._top_list(reads[place], names, body["query"], answer.get("aggregations"))
        return found

    def _top_search(self, read: TopRead, first: int, last: int) -> tuple[Sequence[str], Mapping[str, Any]]:
        model, field = read.model, self._value(read.model)
        names = sorted({self._index(model, bucket) for bucket in _days(first, last)})
        within = {"range": {"time_bucket": {"gte": first, "lte": last}}}
        query = {"bool": {"filter": [_named(model), within, {"exists": {"field": field}}, *_conditions(read)]}}
        order = "desc" if read.descending else "asc"
        terms = {"field": "entity_id", "size": read.count, "order": [{"value": order}, {"_key": "asc"}]}
        # Each index sends that many, so an entity whose days differ is not overlooked.
        terms |= {"shard_size": max(read.count, _MOST_CANDIDATES), "collect_mode": "breadth_first"}
        means = {"terms": terms | {"execution_hint": "map"}, "aggs": {"value": {"avg": {"field": field}}}}
        return names, {"size": 0, "query": query, "aggs": {"entity_id": means, "extent": {"stats": {"field": field}}}}

    def _top_list(
        self, read: TopRead, names: Sequence[str], query: Mapping[str, Any], found: Mapping[str, Any] | None
    ) -> Sequence[TopEntity]:
        if found is None or not found["extent"]["count"]:
            return []
        extent = found["extent"]
        if max(abs(extent["min"]), abs(extent["max"])) * extent["count"] >= _EXACT and not _is_double(read.model):
            return self._exact_top_n(names, query, self._value(read.model), read.count, descending=read.descending)
        return [TopEntity(group["key"], int(group["value"]["value"])) for group in found["entity_id"]["buckets"]]

    def _exact_top_n(
        self, names: Sequence[str], query: Mapping[str, Any], field: str, count: int, *, descending: bool
    ) -> Sequence[TopEntity]:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        sort = [{"time_bucket": "asc"}, {"entity_id": "asc"}]
        body = {"query": query, "sort": sort, "_source": ["entity_id", field]}
        for page in self.indices.pages(names, body):
            for hit in page:
                held = sums[hit["_source"]["entity_id"]]
                held[0] += hit["_source"][field]
                held[1] += 1
        sign = -1 if descending else 1
        # Whole part and remainder apart, for the same reason.
        ordered = sorted((sign * (s // n), sign * (s % n) / n, entity) for entity, (s, n) in sums.items())
        return [TopEntity(entity, _cut(*sums[entity])) for _, _, entity in ordered[:count]]

    def _read(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, Any]]:
        buckets = buckets_between(first, last)
        places = {
            (self._index(read.model, bucket), _row_id(read, bucket)): None for read in reads for bucket in buckets
        }
        fields = {self._value(read.model) for read in reads}
        stored = {hit["_id"]: hit["_source"] for hit in self.indices.by_id(self._existing(places), sorted(fields))}
        return [
            {
                bucket: value
                for bucket in buckets
                if (value := stored.get(_row_id(read, bucket), {}).get(self._value(read.model))) is not None
            }
            for read in reads
        ]

    def _existing(self, places: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """The places whose index is there. A missing one does no harm but has a long answer for each of its rows."""
        wanted = list(places)
        names = {index for index, _ in wanted}
        if len(names) <= _FEW_INDICES:
            return wanted
        aliases = {name.rpartition("-")[0] for name in names}
        existing = {index for alias in aliases for index in self.indices.of(alias)}
        return [place for place in wanted if place[0] in existing]

    def _index(self, model: MetricModel, bucket: int) -> str:
        return self.layout.index(self.layout.metric_table(model), bucket)

    def _value(self, model: MetricModel) -> str:
        return self.layout.column(model.value_column)

    def _records(
        self, model: MetricModel, entities: Sequence[str], found: Mapping[str, Mapping[str, Any]]
    ) -> MetricColumns:
        present = np.array([entity in found for entity in entities], np.bool_)
        sources: list[Mapping[str, Any]] = [found.get(entity, {}) for entity in entities]
        columns = {column.name: self._column(model, column, sources) for column in model.columns}
        return MetricColumns(model, present, columns)

    def _column(self, model: MetricModel, column: StateColumn, sources: Sequence[Mapping[str, Any]]) -> Column:
        name = self.layout.column(column.name)
        if column.store is Store.TABLE:
            return tables_from_texts(model, column, [source.get(name) for source in sources])
        numbers = [source.get(name, 0) for source in sources]
        return np.array(numbers, np.float64) if column.store is Store.DOUBLE else np.array(numbers, np.int64)


def _conditions(read: TopRead) -> list[Mapping[str, Any]]:
    """Conditions of a list; an attribute that is absent is equal and unequal to nothing."""
    must: list[Mapping[str, Any]] = [{"term": {"attr0": text}} for text in read.attr0_equal]
    if read.attr0_not_equal:
        must += [{"exists": {"field": "attr0"}}, {"bool": {"must_not": {"terms": {"attr0": read.attr0_not_equal}}}}]
    if read.service_id is not None:
        must.append({"term": {"service_id": read.service_id}})
    return must


def _row_id(read: SeriesRead, bucket: int) -> str:
    return f"{read.model.name}_{metric_key(bucket, read.entity_id)}"


def _named(*models: MetricModel) -> Mapping[str, Any]:
    return {"terms": {METRIC_TABLE: [model.name for model in models]}}


def _days(first: int, last: int) -> Sequence[int]:
    return buckets_between(int(str(first)[:8]), int(str(last)[:8]))


def _is_double(model: MetricModel) -> bool:
    return value_store(model) is Store.DOUBLE


def _cut(total: int, count: int) -> int:
    mean = abs(total) // count
    return mean if total >= 0 else -mean
