"""The store on Elasticsearch or OpenSearch as a ``Storage``."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final

from oap.storage.contract import (
    EndpointTraffic,
    HandOver,
    InstanceRelationRow,
    InstanceTraffic,
    MetricModel,
    MetricRows,
    SeriesRead,
    ServiceRelationRow,
    ServiceTraffic,
    StorageError,
    StorageUnavailable,
    Template,
    TopEntity,
    TopRead,
)
from oap.storage.elasticsearch.actions import Actions, joined
from oap.storage.elasticsearch.bulk import BulkSender
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.layout import Layout
from oap.storage.elasticsearch.listing import ElasticsearchListing
from oap.storage.elasticsearch.mapping import FIXED_MODELS
from oap.storage.elasticsearch.metric_lines import metric_actions
from oap.storage.elasticsearch.metric_read import MetricReader
from oap.storage.elasticsearch.relations import RelationTable
from oap.storage.elasticsearch.retention import Retention
from oap.storage.elasticsearch.schema import Schema
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings
from oap.storage.elasticsearch.template import menu, save_menu, save_template, templates
from oap.storage.elasticsearch.traffic import Key, Stored, Traffic, TrafficTable
from oap.storage.elasticsearch.unfinished import UnfinishedHandOver

_OLDEST: Final = (7, 8)
_OVERTAKINGS: Final = 3
_RETRY_S: Final = 1.0
_OPENSEARCH_MAJORS: Final = frozenset({1, 2, 3})


class ElasticsearchStorage:
    """Implements ``oap.storage.contract.Storage`` on a cluster, in the layout of the Java server.

    A hand-over is one write at a time; ``load_metrics`` waits for it, other reads may see half of one. A hand-over that
    fails half-way may be written again as a whole: every row is a total under an id of its own. One that a server before
    this one was killed in is finished by ``prepare``. ``refused_rows`` counts rows that the store will never take, by its
    own word for the reason.
    """

    def __init__(
        self,
        settings: ElasticsearchStoreSettings,
        monotonic_s: Callable[[], float] = time.monotonic,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._connection = Connection(settings, monotonic_s)
        try:
            _supported(self._connection)
            self._layout = Layout(settings.namespace, settings.logic_sharding, settings.day_step)
            self._schema = Schema(self._connection, self._layout, settings)
            self._schema.create_timeless()
        except BaseException:
            self._connection.close()
            raise
        page, most = settings.scrolling_batch_size, settings.metadata_query_max_size
        self._page = page
        self._indices = Indices(self._connection, self._layout.alias("*"), page, most)
        self._bulk = BulkSender(self._connection, settings)
        self._unfinished = UnfinishedHandOver(self._connection, self._layout, self._bulk, settings)
        self._metrics = MetricReader(self._indices, self._layout)
        self._traffic = TrafficTable(self._indices, self._layout)
        self._relations = RelationTable(self._indices, self._layout)
        self._retention = Retention(self._indices, self._layout, self._traffic, self._bulk.send)
        self._writing = threading.Lock()
        self._now_s = now_s
        self._version = 0
        self._has_finished_others = False
        self._tables: set[str] = {self._layout.table(name) for name in FIXED_MODELS}

    @property
    def refused_rows(self) -> Mapping[str, int]:
        """Rows refused for good, by reason."""
        return self._bulk.refused.counts()

    def prepare(self, models: Sequence[MetricModel]) -> None:
        self._schema.grow(models)
        self._tables |= {self._layout.metric_table(model) for model in models}
        with self._writing:
            self._finish_what_was_begun()

    def write(self, rows: HandOver) -> None:
        self._refuse_what_cannot_be_stored(rows)
        with self._writing:
            self._look_what_is_there(rows)
            written = self._sent(rows)
            self._unfinished.finish()
            self._traffic.remember(written)

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        with self._writing:
            return self._metrics.load(models, bucket) if models else None

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        return self._metrics.series(reads, first, last)

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        return self._metrics.labeled_series(reads, first, last)

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        return self._metrics.top_n(reads, first, last)

    def services(self) -> Sequence[ServiceTraffic]:
        return self._traffic.services()

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        return self._traffic.instances(service_id, first_minute, last_minute)

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        return self._traffic.instance(instance_id)

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        return self._traffic.endpoints(service_id, keyword, limit, range_)

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        return self._relations.services(first, last, service_ids)

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        return self._relations.instances(first, last, client_service_id, server_service_id)

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        return templates(self._indices, self._layout, include_disabled=include_disabled)

    def save_template(self, template: Template) -> None:
        save_template(self._indices, self._layout, template)

    def menu(self) -> str | None:
        return menu(self._indices, self._layout)

    def save_menu(self, configuration: str, update_time: int) -> None:
        save_menu(self._indices, self._layout, configuration, update_time)

    def delete_before(self, day: int) -> int:
        with self._writing:
            return self._retention.delete_before(sorted(map(self._layout.alias, self._tables)), day)

    def listing(self) -> ElasticsearchListing:
        """Everything that the namespace holds; lists have no bound here."""
        unbounded = Indices(self._connection, self._layout.alias("*"), self._page, sys.maxsize)
        return ElasticsearchListing(unbounded, self._layout)

    def close(self) -> None:
        self._bulk.close()
        self._connection.close()

    def _refuse_what_cannot_be_stored(self, rows: HandOver) -> None:
        for metrics in rows.metrics:
            if len(set(metrics.entity_ids)) != len(metrics.entity_ids):
                raise StorageError(f"an entity occurs twice in the rows of {metrics.scope} in bucket {metrics.bucket}")
            for metric in metrics.metrics:
                if metric.present.any() and not (
                    self._schema.fits(metric.model) and metric.model.scope == metrics.scope
                ):
                    raise StorageError(f"metric '{metric.model.name}' was not prepared for scope {metrics.scope}")

    def _finish_what_was_begun(self) -> None:
        """Store the rest of a hand-over in whose midst a server before this one was killed."""
        if not self._has_finished_others:
            self._unfinished.store_left_behind()
            self._has_finished_others = True

    def _look_what_is_there(self, rows: HandOver) -> None:
        """Others may have deleted indices, with traffic in them, or templates, without which a new index is of no use."""
        existing = {name for name in self._indices.of(self._layout.alias("*")) if name.rpartition("-")[2].isdigit()}
        self._traffic.forget_all_but(existing)
        if _days(self._layout, rows) - {self._layout.first_day_of(name) for name in existing}:
            self._schema.restore()

    def _sent(self, rows: HandOver) -> list[tuple[Key, Stored]]:
        """Store rows as the latest version of them; return the traffic among them.

        A request that was given up may be done long after others that came later, as when a network was away. The store
        then has a later version, and leaves it.
        """
        for _ in range(_OVERTAKINGS):
            self._version = max(self._version + 1, int(1000 * self._now_s()))
            written: list[tuple[Key, Stored]] = []
            latest = self._bulk.send(self._unfinished.announced(self._actions(rows, written)))
            if not latest:
                return written
            # Of a server whose clock is ahead, or from before this one's was set back.
            self._version = latest
        raise StorageUnavailable("another server goes on storing the same rows", _RETRY_S)

    def _actions(self, rows: HandOver, written: list[tuple[Key, Stored]]) -> Iterator[Actions]:
        for metrics in rows.metrics:
            models = (metric.model for metric in metrics.metrics)
            self._indices.wrote({self._layout.index(self._layout.metric_table(m), metrics.bucket) for m in models})
            yield from metric_actions(self._layout, metrics, self._version)
        few: list[tuple[str, bytes]] = []
        traffic: list[Traffic] = [*rows.services, *rows.instances, *rows.endpoints]
        for key, action, stored in self._traffic.actions(traffic, self._version):
            few.append((stored.index, action))
            written.append((key, stored))
        few += self._relations.service_actions(rows.service_relations, self._version)
        few += self._relations.instance_actions(rows.instance_relations)
        self._indices.wrote({index for index, _ in few})
        if few:
            yield joined([action for _, action in few])


def _days(layout: Layout, rows: HandOver) -> Set[int]:
    """First days of the indices that a hand-over may need."""
    buckets = {metrics.bucket for metrics in rows.metrics}
    for kind in (rows.services, rows.instances, rows.endpoints, rows.service_relations, rows.instance_relations):
        buckets |= {row.bucket for row in kind}
    return {layout.first_day(bucket) for bucket in buckets}


def _supported(connection: Connection) -> None:
    """Refuse servers that lack what is used here."""
    nodes = connection.get("/_nodes/_all/_none?filter_path=nodes.*.version").get("nodes", {})
    for version in {node["version"] for node in nodes.values()}:
        major, minor, *_ = (int(part) for part in version.partition("-")[0].split("."))
        if major not in _OPENSEARCH_MAJORS and (major, minor) < _OLDEST:
            raise StorageError(f"Elasticsearch {version} is too old; this server needs 7.8 or later, or any OpenSearch")
