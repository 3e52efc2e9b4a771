"""Builds, starts and stops the server: the only place where all its parts meet."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from starlette.routing import Route

from oap.admin import admin_application
from oap.clock import Clock, SystemClock
from oap.config.config import Config
from oap.config.finding import ConfigError
from oap.config.time_zone import time_zone
from oap.dashboards.error import DashboardError
from oap.dashboards.known_metric import known_metrics
from oap.dashboards.seeding import DashboardFiles, load_dashboards, seed
from oap.entity.errors import EntityError
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.kubernetes_registry import KubernetesRegistry, open_registry
from oap.entity.names import NameLimits
from oap.entity.registries import FirstKnown
from oap.entity.scopes import k8s_catalog
from oap.entity.static_registry import StaticRegistry
from oap.errors import ServerError
from oap.fold_loop import FoldLoop
from oap.http_server import HttpServer
from oap.last_values import LastValues
from oap.listening import receiver_settings
from oap.pipeline import Pipeline, PipelineSettings
from oap.query.app import create_app
from oap.query.deps import QueryDeps
from oap.query.menu import ActiveMenu
from oap.query.why_routes import sampling_routes, why_routes
from oap.receiver.error import ReceiverError
from oap.receiver.grpc_server import GrpcTransport
from oap.reload.event import RulesView
from oap.reload.reloader import Reloader
from oap.rule_files import RuleFileError, RuleSet, load_rules, read_rule_texts
from oap.server_meters import EndpointNameMeters, RegistryMeters, TransportMeters
from oap.storage.contract import Storage, StorageError, StorageUnavailable
from oap.storage.registry import open_storage
from oap.storage.timed import TimedStorage
from oap.telemetry.exposition import Exposition
from oap.telemetry.health import HealthBoard
from oap.telemetry.http import health_endpoint, metrics_endpoint, telemetry_application
from oap.telemetry.process import ProcessMeters
from oap.telemetry.watermark import SAMPLE_PERIOD_S, MemoryBounds, Watermark
from oap.timebucket import Precision, bucket_of, minute_index
from oap.version import api_version, version
from oap.warm_up import warm_up
from oap.window.placement import TimeBounds
from oap.window.writer import RecordWriter, WriterThread

_log = structlog.get_logger(__name__)

_STREAM_GRACE_S: Final = 1.0
_DRAIN_S: Final = 20.0  # Kubernetes kills after 30 s
_PROGRESS_S: Final = 10
_LOOK_PERIOD_S: Final = 0.5
_EXPECTED: Final = (RuleFileError, DashboardError, ConfigError, EntityError, StorageError, ReceiverError)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What to open in a browser, where agents connect, what Prometheus scrapes, where calls go that change something.

    ``metrics`` and ``admin`` are "" when they are switched off, and so is ``promql``, where Grafana asks.
    """

    page: str
    agents: str
    metrics: str
    admin: str
    promql: str


class Server:
    """All parts of one server. ``start`` once, ``stop`` once; ports are known after ``start``.

    ``failed`` is called from another thread when the server can no longer do its work; it is still to be stopped then.
    ``open_store`` opens the storage that the configuration selects.
    """

    def __init__(
        self,
        config: Config,
        failed: Callable[[], None],
        *,
        clock: Clock | None = None,
        open_store: Callable[[str, object], Storage] = open_storage,
        shows_progress: bool = False,
    ) -> None:
        self._config = config
        self._failed = failed
        self._clock = clock or SystemClock()
        self._open_store = open_store
        self._shows_progress = shows_progress
        self._stack = ExitStack()
        self._zone = time_zone(config.core.time_zone)
        self._board = HealthBoard()
        self._watermark = Watermark(
            MemoryBounds(config.core.max_heap_memory_usage_percent, config.core.max_direct_memory_usage), self._clock
        )
        self._exposition = Exposition(f"{config.core.grpc_host}_{config.core.grpc_port}")
        self._has_stored_everything = True
        self.grpc_port = self.http_port = self.telemetry_port = self.admin_port = self.promql_port = 0

    @property
    def addresses(self) -> Addresses:
        """Where everything is, once started."""
        core, telemetry, admin, promql = (
            self._config.core,
            self._config.telemetry,
            self._config.admin,
            self._config.promql,
        )
        return Addresses(
            page=f"http://{_reachable(core.rest_host)}:{self.http_port}{core.rest_context_path}",
            agents=f"{receiver_settings(self._config).host}:{self.grpc_port}",
            metrics=f"http://{_reachable(telemetry.host)}:{self.telemetry_port}/metrics" if telemetry else "",
            admin=f"http://{_reachable(admin.host)}:{self.admin_port}" if admin else "",
            promql=f"http://{_reachable(promql.host)}:{self.promql_port}" if promql else "",
        )

    def start(self) -> None:
        """Start everything or nothing. Raises ServerError."""
        try:
            self._start()
        except _EXPECTED as error:
            self._stack.close()
            raise ServerError(str(error)) from error
        except BaseException:
            self._stack.close()
            raise

    def stop(self) -> bool:
        """Take nothing more, fold and store what was received, close; False when not everything could be stored.

        Blocks while storage takes what is left, and for a good 20 seconds when it refuses.
        """
        self._stack.close()
        return self._has_stored_everything

    def reload(self) -> None:
        """Take the rule files into force as they are now; what comes of it is logged."""
        self._reloader.force("signal SIGHUP")

    def delete_old(self) -> int:
        """Delete what is older than the days that are kept; return how many rows went, none while storage refuses."""
        today = minute_index(int(self._clock.now_s()), self._zone)
        oldest = today - (self._config.core.metrics_data_ttl_days - 1) * Precision.DAY.minutes
        try:
            deleted = self._storage.delete_before(bucket_of(oldest, Precision.DAY))
        except StorageUnavailable:
            # The writer tells that storage is away, and old rows can wait for the next time.
            return 0
        if deleted:
            _log.info("old data deleted", rows=deleted)
        return deleted

    def _start(self) -> None:
        rules = load_rules(read_rule_texts(self._config.directory))
        if rules.warnings:
            _log.warning("rules have findings", findings=rules.warnings)
        names = self._endpoint_names(rules)
        pipeline = self._pipeline(rules, names)
        dashboards = self._dashboards(pipeline)
        storage = self._storage = self._opened_storage()
        warm_up(rules.plan, k8s_catalog(), pipeline.settings)
        storage.prepare(list(pipeline.models.values()))
        menu = self._seed(dashboards, storage)
        self._watermark.sample()
        latest = LastValues()
        writer = WriterThread(RecordWriter(storage), self._clock, self._board.component("storage"), latest.take)
        fold_health = self._board.component("fold")
        period_s = self._config.core.persistent_period_s
        loop = FoldLoop(pipeline, writer, self._clock, fold_health, self._failed, period_s)
        reloader = self._reloader = Reloader(rules, names, storage, loop.ask, self._clock, self._zone)
        transport = GrpcTransport(receiver_settings(self._config), self._watermark.is_exceeded)
        for source in (
            loop,
            writer,
            storage,
            TransportMeters(transport),
            EndpointNameMeters(names),
            reloader,
            self._watermark,
            self._board,
            ProcessMeters(version()),
        ):
            self._exposition.register(source)
        self._serve_http(storage, pipeline, loop, reloader, latest, menu)
        writer.start()
        self._stack.callback(writer.stop)
        transport.start()
        loop.start(transport)
        self._stack.callback(self._drain, transport, loop)
        self.grpc_port = transport.port
        self._serve_admin(reloader, loop)
        self._schedule(pipeline, reloader)
        _log.info(
            "server started",
            **asdict(self.addresses),
            rules=len(pipeline.models),
            storage=self._config.selectors["storage"],
        )

    def _drain(self, transport: GrpcTransport, loop: FoldLoop) -> None:
        _log.info("stopping: streams end, results are stored")
        # Streams end while the loop still folds and answers, so most of them end well.
        transport.stop(_STREAM_GRACE_S)
        self._has_stored_everything = loop.drain(_DRAIN_S)
        if not self._has_stored_everything:
            _log.error("not everything was stored before the server stopped")

    def _opened_storage(self) -> TimedStorage:
        storage = TimedStorage(self._open_store(self._config.selectors["storage"], self._config.storage))
        self._stack.callback(storage.close)
        return storage

    def _dashboards(self, pipeline: Pipeline) -> DashboardFiles:
        return load_dashboards(self._config.directory, known_metrics(pipeline.models))

    def _seed(self, dashboards: DashboardFiles, storage: Storage) -> ActiveMenu:
        seeded = seed(dashboards, storage, int(self._clock.now_s() * 1000))
        if seeded.added:
            _log.info("dashboards added", dashboards=seeded.added)
        if seeded.differing:
            _log.info("stored dashboards differ from their files and stay", dashboards=seeded.differing)
        return ActiveMenu(seeded.menu)

    def _endpoint_names(self, rules: RuleSet) -> EndpointNames:
        core = self._config.core
        return EndpointNames(rules.grouping, _name_limits(self._config), limit=core.max_http_uris_number_per_service)

    def _pipeline(self, rules: RuleSet, names: EndpointNames) -> Pipeline:
        config, core, window = self._config, self._config.core, self._config.window
        bounds = TimeBounds(
            self._zone, core.metrics_data_ttl_days, window.future_tolerance_s, window.allowed_lateness_s
        )
        precisions = tuple(Precision[name.upper()] for name in core.downsampling)
        settings = PipelineSettings(
            bounds,
            _name_limits(config),
            precisions,
            config.ebpf_receiver.max_cached_connections,
            window.max_open_windows,
        )
        return Pipeline(rules.plan, k8s_catalog(), self._registry(), names, rules.thresholds.lookup, settings)

    def _registry(self) -> FirstKnown:
        settings = self._config.kubernetes_registry
        registries: list[StaticRegistry | KubernetesRegistry] = []
        if settings.static_file:
            registries.append(StaticRegistry(self._config.directory / settings.static_file))
        if settings.api_enabled:
            api = open_registry(Path(settings.kubeconfig) if settings.kubeconfig else None)
            api.start()
            self._stack.callback(api.stop)
            self._exposition.register(RegistryMeters(api))
            registries.append(api)
        return FirstKnown(registries, settings.address_validity_s)

    def _serve_http(
        self,
        storage: TimedStorage,
        pipeline: Pipeline,
        loop: FoldLoop,
        rules: RulesView,
        latest: LastValues,
        menu: ActiveMenu,
    ) -> None:
        config, core = self._config, self._config.core
        deps = QueryDeps(
            storage=storage,
            models=lambda: pipeline.models,
            zone=self._zone,
            clock=self._clock,
            health=self._board.health,
            config_dump=config.texts,
            version=api_version(),
            metrics_ttl_days=core.metrics_data_ttl_days,
            records_ttl_days=core.record_data_ttl_days,
            can_change_templates=config.query.enable_update_ui_template,
            host=core.rest_host,
            port=core.rest_port,
            max_fields=config.query.max_query_complexity,
            time_limit_s=config.query.request_time_limit_s,
            threads=config.query.threads,
            rules=rules,
            last_values=latest,
            written=lambda: storage.written,
            menu=menu,
        )
        self._exposition.register(deps.meters)
        prefix = core.rest_context_path.rstrip("/")
        routes: list[Route] = [metrics_endpoint(self._exposition), *why_routes(loop.ask, self._clock, prefix)]
        if config.health_checker is not None:
            routes.append(health_endpoint(self._board))
        app = create_app(deps, routes, core.rest_context_path)
        self.http_port = self._listen(HttpServer(app, core.rest_host, core.rest_port, name="http"), "core.restPort")
        if config.telemetry is not None:
            served = telemetry_application(self._exposition)
            scraped = HttpServer(served, config.telemetry.host, config.telemetry.port, name="telemetry")
            self.telemetry_port = self._listen(scraped, "telemetry.port")
        self._serve_promql(deps)

    def _serve_promql(self, deps: QueryDeps) -> None:
        settings = self._config.promql
        if settings is not None:
            from oap.promql.app import PromqlDeps, promql_application  # noqa: PLC0415  (its parser loads where it is used)

            served = promql_application(
                PromqlDeps(deps.storage, deps.models, deps.zone, deps.clock, deps.meters, deps.time_limit_s)
            )
            asked = HttpServer(served, settings.host, settings.port, name="promql")
            self.promql_port = self._listen(asked, "promql.restPort")

    def _serve_admin(self, reloader: Reloader, loop: FoldLoop) -> None:
        settings = self._config.admin
        if settings is not None:
            served = HttpServer(
                admin_application(reloader.force, sampling_routes(loop.ask, self._clock)),
                settings.host,
                settings.port,
                name="admin",
            )
            self.admin_port = self._listen(served, "admin-server.port")

    def _listen(self, server: HttpServer, setting: str) -> int:
        try:
            server.start()
        except OSError as error:
            # The text that comes with the error repeats the address.
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise ServerError(f"{setting}: cannot listen on port {server.port}: {reason}") from error
        self._stack.callback(server.stop)
        return server.port

    def _schedule(self, pipeline: Pipeline, reloader: Reloader) -> None:
        core = self._config.core
        # However late a job comes, it runs, once.
        defaults = {"misfire_grace_time": None, "coalesce": True}
        scheduler = BackgroundScheduler(timezone=self._zone, job_defaults=defaults)
        scheduler.add_job(self._watermark.sample, "interval", seconds=SAMPLE_PERIOD_S)
        scheduler.add_job(reloader.poll, "interval", seconds=_LOOK_PERIOD_S)
        if core.enable_data_keeper_executor:
            period = timedelta(minutes=core.data_keeper_execute_period_min)
            scheduler.add_job(self.delete_old, "interval", seconds=period.total_seconds())
        if self._shows_progress:
            scheduler.add_job(lambda: _log_progress(pipeline), "interval", seconds=_PROGRESS_S)
        scheduler.start()
        self._stack.callback(scheduler.shutdown)


def _name_limits(config: Config) -> NameLimits:
    core = config.core
    return NameLimits(core.service_name_max_length, core.instance_name_max_length, core.endpoint_name_max_length)


def _log_progress(pipeline: Pipeline) -> None:
    accounts = pipeline.accounts
    _log.info(
        "progress",
        messages=accounts.messages,
        logs=accounts.received,
        services=len(pipeline.routes.entities["K8SService"]),
        endpoints=len(pipeline.endpoints),
    )


def _reachable(host: str) -> str:
    """An address of this machine that a person can open."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
