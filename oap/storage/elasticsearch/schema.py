"""Templates and mappings: made before the first row, grown without touching what exists (spec storage 2.3)."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson

from oap.storage.contract import MetricModel, StorageError
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.layout import MANAGEMENT, UNFINISHED, Layout
from oap.storage.elasticsearch.mapping import (
    FIXED_MODELS,
    TEMPLATE_PROPERTIES,
    Properties,
    conflicts,
    fixed_properties,
    metric_properties,
)
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings

_ANALYSIS: Final = ("tokenizer", "char_filter", "filter", "analyzer")


class Schema:
    """What is prepared. ``grow`` is for one thread at a time, ``fits`` for all."""

    def __init__(self, connection: Connection, layout: Layout, settings: ElasticsearchStoreSettings) -> None:
        self._connection = connection
        self._layout = layout
        self._settings = settings
        self._lock = threading.Lock()
        self._models: dict[str, MetricModel] = {}

    def fits(self, model: MetricModel) -> bool:
        """Whether rows of a metric may be written."""
        known = self._models.get(model.name)
        return known is not None and (known is model or known == model)

    def grow(self, models: Sequence[MetricModel]) -> None:
        """Make templates and mappings take these metrics. StorageError when a column exists with another type."""
        with self._lock:
            missing = [model for model in models if not self.fits(model)]
            if not missing and self._models:
                return
            self._put_templates(missing)
            self._models = {**self._models, **{model.name: model for model in missing}}

    def restore(self) -> None:
        """Make what was prepared once more, where the store has it no longer."""
        with self._lock:
            self.create_timeless()
            self._put_templates(list(self._models.values()))

    def create_timeless(self) -> None:
        """Create the indices of what has no time, unless they exist."""
        self._create(MANAGEMENT, _mappings(TEMPLATE_PROPERTIES))
        self._create(UNFINISHED, {"dynamic": False})

    def _create(self, table: str, mappings: Mapping[str, Any]) -> None:
        index = quote(self._layout.alias(table))
        if self._connection.exchange("HEAD", f"/{index}", None)[0] == 200:
            return
        body = {"settings": self._index_settings(table), "mappings": mappings}
        try:
            self._connection.request("PUT", f"/{index}", body)
        except StorageError as error:
            if "resource_already_exists_exception" not in str(error):
                raise

    def _tables(self, models: Sequence[MetricModel]) -> Mapping[str, tuple[list[str], list[MetricModel]]]:
        tables: dict[str, tuple[list[str], list[MetricModel]]] = {}
        for name in FIXED_MODELS:
            tables.setdefault(self._layout.table(name), ([], []))[0].append(name)
        for model in models:
            tables.setdefault(self._layout.metric_table(model), ([], []))[1].append(model)
        return tables

    def _put_templates(self, models: Sequence[MetricModel]) -> None:
        for table, (names, members) in self._tables(models).items():
            self._put_template(table, names, members)

    def _put_template(self, table: str, names: Sequence[str], models: Sequence[MetricModel]) -> None:
        alias = self._layout.alias(table)
        stored = self._stored_template(alias)
        merged = dict(stored.get("mappings", {}).get("properties", {}))
        for name in names:
            merged |= fixed_properties(self._layout, name)
        for model in models:
            self._refuse_conflicts(model, merged)
            merged |= metric_properties(self._layout, model)
        template = {
            "aliases": {alias: {}},
            "settings": self._index_settings(table),
            "mappings": _mappings(merged),
        }
        if not _is_same(stored, template):
            body = {"index_patterns": [f"{alias}-*"], "template": template}
            self._connection.request("PUT", f"/_index_template/{quote(alias)}", body)
        # Days that exist already take what they lack; what they have is compared by the server.
        self._connection.request("PUT", f"/{quote(alias)}/_mapping", {"properties": merged}, missing={})

    def _refuse_conflicts(self, model: MetricModel, stored: Properties) -> None:
        wanted = metric_properties(self._layout, model)
        before = self._models.get(model.name)
        known = {**stored, **({} if before is None else metric_properties(self._layout, before))}
        for name in conflicts(known, wanted):
            raise StorageError(
                f"column '{model.name}.{name}' is stored as {known[name].get('type')}, but function '{model.function}'"
                f" needs {wanted[name]['type']}; give the metric another name, or take another namespace"
            )

    def _stored_template(self, alias: str) -> Mapping[str, Any]:
        answer = self._connection.get(f"/_index_template/{quote(alias)}", missing={})
        for found in answer.get("index_templates", ()):
            return found["index_template"].get("template") or {}
        return {}

    def _index_settings(self, table: str) -> Mapping[str, Any]:
        settings = self._settings
        analysis = {key: {} for key in _ANALYSIS} | _json("oapAnalyzer", settings.oap_analyzer)
        specific = _json("specificIndexSettings", settings.specific_index_settings).get(table, {})
        index = {
            "number_of_replicas": str(settings.index_replicas_number),
            "number_of_shards": str(settings.index_shards_number),
            "refresh_interval": f"{settings.refresh_interval_s}s",
            "analysis": analysis,
            **specific,
        }
        return {"index": index, **_json("advanced", settings.advanced)}


def _mappings(properties: Properties) -> Mapping[str, Any]:
    return {"_source": {"excludes": []}, "properties": dict(properties)}


def _is_same(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a template needs no change: same fields, shards and replicas; the server rewrites the rest."""
    held, asked = stored.get("settings", {}).get("index", {}), wanted["settings"]["index"]
    counts = ("number_of_shards", "number_of_replicas")
    fields = stored.get("mappings", {}).get("properties", {})
    return fields == wanted["mappings"]["properties"] and all(held.get(key) == asked[key] for key in counts)


def _json(key: str, text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise StorageError(f"storage.elasticsearch.{key} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise StorageError(f"storage.elasticsearch.{key} is not a JSON object")
    return found
