"""MySQL or MariaDB as a ``Storage``, in the Java server's tables (spec storage 3)."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from oap.clock import Clock, SystemClock
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
from oap.storage.mysql import metric_read, relations, retention, schema, traffic
from oap.storage.mysql.database import Database, MissingTable, Session
from oap.storage.mysql.day_tables import Catalog, DayTables, day_of, local_day
from oap.storage.mysql.listing import MysqlListing
from oap.storage.mysql.metric_write import refuse_what_cannot_be_stored, write_metrics
from oap.storage.mysql.rejected import Rejected, Rejections
from oap.storage.mysql.settings import StorageSettings
from oap.storage.mysql.template import menu, save_menu, save_template, templates

T = TypeVar("T")

_LOOKS = 3


class MysqlStorage:
    """Implements ``oap.storage.contract.Storage`` on a MySQL 8 or MariaDB 10.11 database.

    A hand-over is one transaction, one at a time. A read sees one snapshot. Rows that no column can hold are left out and
    counted in ``refused_rows``. ``today`` says for which day tables are made ahead. StorageUnavailable: the server cannot be
    reached; opening raises it as well.
    """

    def __init__(
        self, settings: StorageSettings, *, clock: Clock | None = None, today: Callable[[], int] | None = None
    ) -> None:
        self._settings = settings
        clock = clock or SystemClock()
        self._rejected = Rejected()
        self._database = Database(settings)
        self._tables = DayTables(self._database, clock, today or (lambda: local_day(clock)))
        self._models: Mapping[str, MetricModel] = {}
        self._shapes: Mapping[str, schema.TableShape] = {}
        self._writing = threading.Lock()
        try:
            self._tables.ensure_plain(schema.TEMPLATES)
            self._tables.ensure_plain(schema.MENU)
        except BaseException:
            self._database.close()
            raise

    def prepare(self, models: Sequence[MetricModel]) -> None:
        with self._writing:
            for model in models:
                _refuse_other_types(self._models.get(model.name), model)
            known = {**self._models, **{model.name: model for model in models}}
            shapes = schema.metric_shapes(known.values())
            self._tables.ensure_ahead([*schema.DAILY, *shapes.values()])
            self._models, self._shapes = known, shapes

    def write(self, rows: HandOver) -> None:
        with self._writing:
            for metrics in rows.metrics:
                refuse_what_cannot_be_stored(self._models, metrics)
            self._looking_again(lambda: self._write(rows))

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        return self._read(lambda session, catalog: metric_read.load(session, catalog, models, bucket))

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        return self._read(lambda session, catalog: metric_read.series(session, catalog, reads, first, last))

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        return self._read(lambda session, catalog: metric_read.labeled_series(session, catalog, reads, first, last))

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        return self._read(lambda session, catalog: metric_read.top_n(session, catalog, reads, first, last))

    def services(self) -> Sequence[ServiceTraffic]:
        most = self._settings.metadata_query_max_size
        return self._read(lambda session, catalog: traffic.services(session, catalog, most))

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        most = self._settings.metadata_query_max_size
        return self._read(
            lambda session, catalog: traffic.instances(session, catalog, service_id, first_minute, last_minute, most)
        )

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        return self._read(lambda session, catalog: traffic.instance(session, catalog, instance_id))

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        return self._read(
            lambda session, catalog: traffic.endpoints(session, catalog, service_id, keyword, limit, range_)
        )

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        return self._read(
            lambda session, catalog: relations.service_relations(session, catalog, first, last, service_ids)
        )

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        return self._read(
            lambda session, catalog: relations.instance_relations(
                session, catalog, first, last, client_service_id, server_service_id
            )
        )

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        return self._database.read(lambda session: templates(session, include_disabled=include_disabled))

    def save_template(self, template: Template) -> None:
        self._database.write(lambda session: save_template(session, template))

    def menu(self) -> str | None:
        return self._database.read(menu)

    def save_menu(self, configuration: str, update_time: int) -> None:
        self._database.write(lambda session: save_menu(session, configuration, update_time))

    def delete_before(self, day: int) -> int:
        with self._writing:
            self._tables.look()
            self._tables.ensure_ahead([*schema.DAILY, *self._shapes.values()])
            catalog = self._tables.catalog()
            old = retention.old_tables(catalog, day)
            if not old:
                return 0
            self._tables.ensure(schema.DAILY, [day])
            catalog = self._tables.catalog()
            gone = self._database.write(lambda session: retention.rescue_active(session, catalog, old, day))
            self._tables.drop(old)
            return gone

    @property
    def refused_rows(self) -> Mapping[str, int]:
        """Rows left out so far, by reason."""
        return self._rejected.counts()

    def listing(self) -> MysqlListing:
        """Everything that the database holds."""
        return MysqlListing(self._read)

    def close(self) -> None:
        self._database.close()

    def _write(self, rows: HandOver) -> None:
        wanted = list(self._wanted(rows))
        self._tables.ensure_ahead([*schema.DAILY, *self._shapes.values()], {day for _shape, day in wanted})
        for shape, day in wanted:
            self._tables.ensure([shape], [day])
        catalog = self._tables.catalog()
        self._rejected.take(self._database.write(lambda session: self._write_all(session, catalog, rows)))

    def _write_all(self, session: Session, catalog: Catalog, rows: HandOver) -> Rejections:
        rejections = Rejections()
        for metrics in rows.metrics:
            write_metrics(session, metrics, self._settings.max_size_of_batch_sql, rejections)
        traffic.write_services(session, catalog, rows.services, rejections)
        traffic.write_instances(session, catalog, rows.instances, rejections)
        traffic.write_endpoints(session, catalog, rows.endpoints, rejections)
        relations.write_service_relations(session, rows.service_relations, rejections)
        relations.write_instance_relations(session, rows.instance_relations, rejections)
        return rejections

    def _wanted(self, rows: HandOver) -> Iterator[tuple[schema.TableShape, int]]:
        """The day tables that a hand-over needs."""
        for metrics in rows.metrics:
            day = day_of(metrics.bucket)
            raws = {schema.function_table(metric.model) for metric in metrics.metrics if metric.present.any()}
            yield from ((self._shapes[raw], day) for raw in sorted(raws))
        for shape, seen in (
            (schema.SERVICES, rows.services),
            (schema.INSTANCES, rows.instances),
            (schema.ENDPOINTS, rows.endpoints),
        ):
            yield from ((shape, day) for day in sorted({day_of(row.bucket) for row in seen}))
        for shapes, edges in (
            (schema.SERVICE_EDGES, rows.service_relations),
            (schema.INSTANCE_EDGES, rows.instance_relations),
        ):
            sides = sorted({(edge.is_server_side, day_of(edge.bucket)) for edge in edges})
            yield from ((shapes[side], day) for side, day in sides)

    def _read(self, work: Callable[[Session, Catalog], T]) -> T:
        return self._looking_again(lambda: self._read_once(work))

    def _read_once(self, work: Callable[[Session, Catalog], T]) -> T:
        catalog = self._tables.catalog()
        return self._database.read(lambda session: work(session, catalog))

    def _looking_again(self, attempt: Callable[[], T]) -> T:
        """Tables may go while they are read or written, by another server's doing or ours: then look what is there."""
        for _ in range(_LOOKS):
            try:
                return attempt()
            except MissingTable as error:
                reason = str(error)
                self._tables.forget()
        raise StorageUnavailable(f"tables vanish while they are used: {reason}")


def _refuse_other_types(known: MetricModel | None, model: MetricModel) -> None:
    types = {} if known is None else {column.name: schema.sql_type(column) for column in known.columns}
    for column in model.columns:
        stored, needed = types.get(column.name, schema.sql_type(column)), schema.sql_type(column)
        if stored != needed:
            raise StorageError(
                f"column '{model.name}.{column.name}' is stored as {stored}, but function '{model.function}' needs"
                f" {needed}; give the metric another name"
            )
