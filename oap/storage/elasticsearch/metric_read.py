"""Reading metric records: by bucket, as series, and the largest ones."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from oal.functions.contract import Column, StateColumn, Store
from oap.storage.contract import MetricColumns, MetricModel, MetricRows, StorageError, TopEntity
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import METRIC_TABLE, Layout, metric_key
from oap.storage.table_text import entries_of, tables_from_texts
from oap.timebucket import buckets_between

# Doubles, in which the server computes means, count integers without gaps up to here.
_EXACT: Final = float(1 << 53)
_MOST_CANDIDATES: Final = 50000


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

    def series(self, model: MetricModel, entity_id: str, first: int, last: int) -> Mapping[int, int | float]:
        """Values of a metric with one number."""
        _require_numbers(model)
        return dict(self._points(model, entity_id, first, last))

    def labeled_series(
        self, model: MetricModel, entity_id: str, first: int, last: int
    ) -> Mapping[int, Mapping[str, int]]:
        """Values of a metric with labels."""
        return {bucket: entries_of(text) for bucket, text in self._points(model, entity_id, first, last)}

    def top_n(
        self, model: MetricModel, first: int, last: int, count: int, must: Sequence[object], *, descending: bool
    ) -> Sequence[TopEntity]:
        """Entities by mean value among the records that meet the conditions."""
        _require_numbers(model)
        names = sorted({self._index(model, bucket) for bucket in _days(first, last)})
        if count <= 0:
            return []
        field, order = self._value(model), "desc" if descending else "asc"
        within = {"range": {"time_bucket": {"gte": first, "lte": last}}}
        query = {"bool": {"filter": [_named(model), within, {"exists": {"field": field}}, *must]}}
        terms = {"field": "entity_id", "size": count, "order": [{"value": order}, {"_key": "asc"}]}
        # Each index sends that many, so an entity whose days differ is not overlooked.
        terms |= {"shard_size": max(count, _MOST_CANDIDATES), "collect_mode": "breadth_first", "execution_hint": "map"}
        means = {"terms": terms, "aggs": {"value": {"avg": {"field": field}}}}
        asked = {"size": 0, "query": query, "aggs": {"entity_id": means, "extent": {"stats": {"field": field}}}}
        found = self.indices.search(names, asked).get("aggregations")
        if found is None or not found["extent"]["count"]:
            return []
        extent = found["extent"]
        if max(abs(extent["min"]), abs(extent["max"])) * extent["count"] >= _EXACT and not _is_double(model):
            return self._exact_top_n(names, query, field, count, descending=descending)
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

    def _points(self, model: MetricModel, entity_id: str, first: int, last: int) -> Iterator[tuple[int, Any]]:
        field, existing = self._value(model), set(self.indices.of(self.layout.alias(self.layout.metric_table(model))))
        places = (
            (self._index(model, bucket), metric_key(bucket, entity_id)) for bucket in buckets_between(first, last)
        )
        wanted = [(index, f"{model.name}_{key}") for index, key in places if index in existing]
        for hit in self.indices.by_id(wanted, (field, "time_bucket")):
            source = hit["_source"]
            if source.get(field) is not None:
                yield source["time_bucket"], source[field]

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


def attribute_conditions(equal: Sequence[str], not_equal: Sequence[str]) -> list[Mapping[str, Any]]:
    """Conditions on the attribute; one that is absent is equal and unequal to nothing."""
    must: list[Mapping[str, Any]] = [{"term": {"attr0": text}} for text in equal]
    if not_equal:
        must += [{"exists": {"field": "attr0"}}, {"bool": {"must_not": {"terms": {"attr0": list(not_equal)}}}}]
    return must


def _named(*models: MetricModel) -> Mapping[str, Any]:
    return {"terms": {METRIC_TABLE: [model.name for model in models]}}


def _days(first: int, last: int) -> Sequence[int]:
    return buckets_between(int(str(first)[:8]), int(str(last)[:8]))


def _is_double(model: MetricModel) -> bool:
    return _value_store(model) is Store.DOUBLE


def _value_store(model: MetricModel) -> Store:
    return next(column.store for column in model.columns if column.name == model.value_column)


def _require_numbers(model: MetricModel) -> None:
    if _value_store(model) is Store.TABLE:
        raise StorageError(f"metric '{model.name}' has labelled values, no single one")


def _cut(total: int, count: int) -> int:
    mean = abs(total) // count
    return mean if total >= 0 else -mean
