"""Metric records as bulk actions, made by columns: no Python object for each record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from oal.functions.contract import StateColumn, Store, Tables
from oap.storage.contract import MetricColumns, MetricRows
from oap.storage.elasticsearch.actions import Actions
from oap.storage.elasticsearch.layout import METRIC_TABLE, Layout
from oap.storage.table_text import table_texts

_TEXT = pa.large_string()
_TO_ESCAPE = r'["\\\x00-\x1f]'


def metric_actions(layout: Layout, rows: MetricRows, version: int) -> Iterator[Actions]:
    """Actions of each metric that has records; ``version`` as in ``index_action``."""
    entities = _inner_texts(rows.entity_ids)
    services = None if rows.service_ids is None else _inner_texts(rows.service_ids)
    for metric in rows.metrics:
        if metric.present.any():
            yield _Lines(layout, rows.bucket, metric, version).of(entities, services)


@dataclass(frozen=True, slots=True)
class _Lines:
    layout: Layout
    bucket: int
    metric: MetricColumns
    version: int

    def of(self, entities: pa.Array, services: pa.Array | None) -> Actions:
        model, present = self.metric.model, pa.array(self.metric.present)
        entities = entities.filter(present)
        index = self.layout.index(self.layout.metric_table(model), self.bucket)
        head = f'{{"index":{{"_index":{_json(index)},"version":{self.version},"version_type":"external_gte","_id":"'
        head += f"{_inner(model.name)}_{self.bucket}_"
        parts = [head, entities, f'"}}}}\n{{"{METRIC_TABLE}":{_json(model.name)},"entity_id":"', entities]
        if model.has_service_id and services is not None:
            parts += ['","service_id":"', services.filter(present)]
        attribute = "" if model.attr0 is None else f',"attr0":{_json(model.attr0)}'
        separator = f'"{attribute}'
        for column in model.columns:
            quote = '"' if column.store is Store.TABLE else ""
            parts += [f'{separator},"{self.layout.column(column.name)}":{quote}', self._values(column).filter(present)]
            separator = quote
        return _actions([*parts, f'{separator},"time_bucket":{self.bucket}}}\n'])

    def _values(self, column: StateColumn) -> pa.Array:
        values = self.metric.columns[column.name]
        if isinstance(values, Tables):
            texts = table_texts(values).cast(_TEXT)
            return texts if values.labels is None else _escaped(texts)
        dtype = np.float64 if column.store is Store.DOUBLE else np.int64
        return pa.array(values.astype(dtype, copy=False)).cast(_TEXT)


def _actions(parts: Sequence[pa.Array | str]) -> Actions:
    columns = [pa.scalar(part, _TEXT) if isinstance(part, str) else part for part in parts]
    lines = pc.binary_join_element_wise(*columns, pa.scalar("", _TEXT))
    _, offsets, content = lines.buffers()
    ends = np.frombuffer(offsets, np.int64)[lines.offset + 1 : lines.offset + 1 + len(lines)]
    return Actions(memoryview(content)[: int(ends[-1])], ends)


def _escaped(texts: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(texts, _TO_ESCAPE)).as_py():
        return texts
    return _inner_texts(texts.to_pylist())


def _inner_texts(texts: Sequence[str]) -> pa.Array:
    return pa.array([_inner(text) for text in texts], _TEXT)


def _inner(text: str) -> str:
    return _json(text)[1:-1]


def _json(text: str) -> str:
    return orjson.dumps(text).decode()
