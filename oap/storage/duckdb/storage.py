"""The embedded store as a ``Storage``."""

import threading
from collections.abc import Mapping, Sequence

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
    Template,
    TopEntity,
    TopRead,
)
from oap.storage.duckdb import relations, retention, traffic
from oap.storage.duckdb.database import Database
from oap.storage.duckdb.listing import DuckdbListing
from oap.storage.duckdb.metric_read import MetricReader
from oap.storage.duckdb.metric_write import write_metrics
from oap.storage.duckdb.schema import create_fixed_tables, grow, read_catalog
from oap.storage.duckdb.settings import StorageSettings
from oap.storage.duckdb.template import menu, save_menu, save_template, templates


class DuckdbStorage:
    """Implements ``oap.storage.contract.Storage`` on one DuckDB file.

    A hand-over is one transaction. Reads run beside it on snapshots of their own. StorageError: the file cannot be
    opened, is in use by another process, or does not fit a metric.
    """

    def __init__(self, settings: StorageSettings) -> None:
        self._database = Database(settings)
        self._growth = threading.Lock()
        try:
            with self._database.transaction() as connection:
                create_fixed_tables(connection)
            self._metrics = MetricReader(self._database, read_catalog(self._database))
        except BaseException:
            self._database.close()
            raise

    def prepare(self, models: Sequence[MetricModel]) -> None:
        with self._growth:
            missing = [model for model in models if not self._metrics.catalog.fits(model)]
            if not missing:
                return
            with self._database.transaction() as connection:
                grow(connection, self._metrics.catalog, missing)
            self._metrics = MetricReader(self._database, read_catalog(self._database))

    def write(self, rows: HandOver) -> None:
        with self._database.transaction() as connection:
            for metrics in rows.metrics:
                write_metrics(connection, self._metrics.catalog, metrics)
            traffic.write_services(connection, rows.services)
            traffic.write_instances(connection, rows.instances)
            traffic.write_endpoints(connection, rows.endpoints)
            relations.write_service_relations(connection, rows.service_relations)
            relations.write_instance_relations(connection, rows.instance_relations)

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        return self._metrics.load(models, bucket)

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        return self._metrics.series(reads, first, last)

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        return self._metrics.labeled_series(reads, first, last)

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        return self._metrics.top_n(reads, first, last)

    def services(self) -> Sequence[ServiceTraffic]:
        return traffic.services(self._database)

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        return traffic.instances(self._database, service_id, first_minute, last_minute)

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        return traffic.instance(self._database, instance_id)

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        return traffic.endpoints(self._database, service_id, keyword, limit, range_)

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        return relations.service_relations(self._database, first, last, service_ids)

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        return relations.instance_relations(self._database, first, last, client_service_id, server_service_id)

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        return templates(self._database, include_disabled=include_disabled)

    def save_template(self, template: Template) -> None:
        with self._database.transaction() as connection:
            save_template(connection, template)

    def menu(self) -> str | None:
        return menu(self._database)

    def save_menu(self, configuration: str, update_time: int) -> None:
        with self._database.transaction() as connection:
            save_menu(connection, configuration, update_time)

    def delete_before(self, day: int) -> int:
        with self._database.transaction() as connection:
            gone = retention.delete_before(connection, self._metrics.catalog, day)
        if gone:
            self._database.checkpoint()
        return gone

    def listing(self) -> DuckdbListing:
        """Everything that the file holds."""
        return DuckdbListing(self._database, self._metrics.catalog)

    def close(self) -> None:
        self._database.close()
