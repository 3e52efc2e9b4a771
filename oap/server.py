"""Builds, starts and stops the server: the only place where all its parts meet."""

import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from oal.compiler import compile_rules
from oal.diagnostic import render_all
from oal.plan import Plan
from oap.clock import Clock, SystemClock
from oap.config.config import Config
from oap.config.finding import ConfigError
from oap.config.time_zone import time_zone
from oap.entity.apdex import load_apdex_thresholds
from oap.entity.grouping.endpoint_names import EndpointNames, GroupingRules
from oap.entity.grouping.openapi import load_openapi_rules
from oap.entity.grouping.rule_file import parse_grouping_rules
from oap.entity.kubernetes_registry import KubernetesRegistry, open_registry
from oap.entity.names import NameLimits
from oap.entity.registries import FirstKnown
from oap.entity.scopes import k8s_catalog
from oap.entity.static_registry import StaticRegistry
from oap.fold_loop import FoldLoop
from oap.http_server import HttpServer
from oap.pipeline import Pipeline, PipelineSettings
from oap.query.app import create_app
from oap.query.deps import QueryDeps
from oap.receiver.error import ReceiverError
from oap.receiver.grpc_server import GrpcTransport, ReceiverSettings
from oap.storage.contract import Storage, StorageError
from oap.storage.registry import open_storage
from oap.telemetry import catalogue
from oap.telemetry.exposition import Exposition
from oap.telemetry.health import HealthBoard
from oap.telemetry.http import health_endpoint, metrics_endpoint, telemetry_application
from oap.telemetry.meters import Meter
from oap.telemetry.process import ProcessMeters
from oap.timebucket import Precision, bucket_of, minute_index
from oap.version import version
from oap.warm_up import warm_up
from oap.window.placement import TimeBounds
from oap.window.writer import RecordWriter, WriterThread

_log = structlog.get_logger(__name__)

_STREAM_GRACE_S: Final = 1.0
_DRAIN_S: Final = 60.0
_PROGRESS_S: Final = 10
RULE_FILES: Final = ("disable.oal", "ebpf.oal")


class ServerError(Exception):
    """The server cannot start; the text is for the operator."""


class Server:
    """All parts of one server. ``start`` once, ``stop`` once; ports are known after ``start``."""

    def __init__(self, config: Config, clock: Clock | None = None, failed: Callable[[], None] = lambda: None) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._failed = failed
        self._stack = ExitStack()
        self._zone = time_zone(config.core.time_zone)
        self._board = HealthBoard()
        self._exposition = Exposition(f"{config.core.grpc_host}_{config.core.grpc_port}")
        self.grpc_port = self.http_port = self.telemetry_port = 0

    def start(self) -> None:
        """Start everything or nothing. Raises ServerError."""
        try:
            self._start()
        except (ServerError, StorageError, ReceiverError, ConfigError, OSError) as error:
            self._stack.close()
            raise ServerError(_text_of(error)) from error

    def stop(self) -> None:
        """Take nothing more, fold and store what was received, close. Blocks until done."""
        self._stack.close()

    def _start(self) -> None:
        core = self._config.core
        plan = load_plan(self._config.directory / "oal")
        storage = self._open_storage()
        pipeline = self._pipeline(plan)
        _log.info("getting ready; the first start after an installation takes half a minute")
        warm_up(plan, k8s_catalog(), pipeline.settings)
        storage.prepare(list(pipeline.models.values()))
        writer = WriterThread(RecordWriter(storage), self._clock, self._board.component("storage"))
        self._stack.callback(writer.stop)
        loop = FoldLoop(
            pipeline, writer, self._clock, self._board.component("fold"), self._failed, core.persistent_period_s
        )
        transport = GrpcTransport(receiver_settings(self._config))
        self._register(pipeline, writer, loop, transport)
        self._serve_http(storage, pipeline)
        writer.start()
        transport.start()
        loop.start(transport)
        self._stack.callback(self._drain, transport, loop)
        self.grpc_port = transport.port
        self._schedule(storage, pipeline)
        _log.info(
            "server started",
            agents=f"{core.grpc_host}:{self.grpc_port}",
            page=f"http://127.0.0.1:{self.http_port}{core.rest_context_path}",
            rules=len(pipeline.models),
            storage=self._config.selectors["storage"],
        )

    def _drain(self, transport: GrpcTransport, loop: FoldLoop) -> None:
        _log.info("stopping: streams end, results are stored")
        # Streams end while the loop still folds and answers, so most of them end well.
        transport.stop(_STREAM_GRACE_S)
        if not loop.drain(_DRAIN_S):
            _log.error("not everything was stored before the server stopped")

    def _open_storage(self) -> Storage:
        storage = open_storage(self._config.selectors["storage"], self._config.storage)
        self._stack.callback(storage.close)
        return storage

    def _pipeline(self, plan: Plan) -> Pipeline:
        config, core, window = self._config, self._config.core, self._config.window
        bounds = TimeBounds(
            self._zone, core.metrics_data_ttl_days, window.future_tolerance_s, window.allowed_lateness_s
        )
        limits = NameLimits(core.service_name_max_length, core.instance_name_max_length, core.endpoint_name_max_length)
        names = EndpointNames(
            load_grouping(config.directory), limits, limit=core.max_http_uris_number_per_service
        )
        precisions = tuple(Precision[name.upper()] for name in core.downsampling)
        cached = config.ebpf_receiver.max_cached_connections if config.ebpf_receiver else 0
        return Pipeline(
            plan,
            k8s_catalog(),
            self._registry(),
            names,
            load_apdex_thresholds(config.directory / "service-apdex-threshold.yml").lookup,
            PipelineSettings(bounds, limits, precisions, cached, self._config.window.max_open_windows),
        )

    def _registry(self) -> FirstKnown:
        settings = self._config.kubernetes_registry
        registries: list[StaticRegistry | KubernetesRegistry] = []
        if settings.static_file:
            registries.append(StaticRegistry(self._config.directory / settings.static_file))
        if settings.api_enabled:
            api = open_registry(Path(settings.kubeconfig) if settings.kubeconfig else None)
            api.start()
            self._stack.callback(api.stop)
            self._exposition.register(_RegistryMeters(api))
            registries.append(api)
        return FirstKnown(registries, settings.address_validity_s)

    def _register(
        self, pipeline: Pipeline, writer: WriterThread, loop: FoldLoop, transport: GrpcTransport
    ) -> None:
        for source in (loop, writer, _TransportMeters(transport), self._board, ProcessMeters(version())):
            self._exposition.register(source)

    def _serve_http(self, storage: Storage, pipeline: Pipeline) -> None:
        config, core = self._config, self._config.core
        deps = QueryDeps(
            storage=storage,
            models=lambda: pipeline.models,
            zone=self._zone,
            clock=self._clock,
            health=self._board.health,
            config_dump=config.texts,
            version=version(),
            metrics_ttl_days=core.metrics_data_ttl_days,
            records_ttl_days=core.record_data_ttl_days,
            can_change_templates=config.query.enable_update_ui_template,
            host=core.rest_host,
            port=core.rest_port,
        )
        routes = [health_endpoint(self._board), metrics_endpoint(self._exposition)]
        app = create_app(deps, routes, core.rest_context_path)
        http = self._listen(HttpServer(app, core.rest_host, core.rest_port, name="http"), "core.restPort")
        self.http_port = http.port
        if config.telemetry is not None:
            telemetry = config.telemetry
            served = telemetry_application(self._exposition)
            scraped = HttpServer(served, telemetry.host, telemetry.port, name="telemetry")
            self.telemetry_port = self._listen(scraped, "telemetry.port").port

    def _listen(self, server: HttpServer, setting: str) -> HttpServer:
        try:
            server.start()
        except OSError as error:
            raise ServerError(f"{setting}: cannot listen on port {server.port}: {error.strerror or error}") from error
        self._stack.callback(server.stop)
        return server

    def _schedule(self, storage: Storage, pipeline: Pipeline) -> None:
        core = self._config.core
        scheduler = BackgroundScheduler(timezone=self._zone)
        if core.enable_data_keeper_executor:
            period = timedelta(minutes=core.data_keeper_execute_period_min)
            scheduler.add_job(lambda: self._delete_old(storage), "interval", seconds=period.total_seconds())
        scheduler.add_job(lambda: self._report_progress(pipeline), "interval", seconds=_PROGRESS_S)
        scheduler.start()
        self._stack.callback(scheduler.shutdown)

    def _delete_old(self, storage: Storage) -> None:
        today = minute_index(int(self._clock.now_s()), self._zone)
        oldest = today - (self._config.core.metrics_data_ttl_days - 1) * Precision.DAY.minutes
        deleted = storage.delete_before(bucket_of(oldest, Precision.DAY))
        if deleted:
            _log.info("old data deleted", rows=deleted)

    def _report_progress(self, pipeline: Pipeline) -> None:
        accounts = pipeline.accounts
        _log.info(
            "progress",
            messages=accounts.messages,
            logs=accounts.received,
            services=len(pipeline.routes.entities["K8SService"]),
            endpoints=len(pipeline.endpoints),
        )


class _TransportMeters:
    """Readings of the transport."""

    def __init__(self, transport: GrpcTransport) -> None:
        self._transport = transport

    def meters(self) -> Iterable[Meter]:
        counts = self._transport.counts()
        return [
            Meter(catalogue.STREAMS_OPENED, counts.streams_opened),
            Meter(catalogue.STREAMS_FINISHED, counts.streams_finished),
            Meter(catalogue.STREAMS_FAILED, counts.streams_failed),
            Meter(catalogue.STREAMS_UNANSWERED, counts.streams_unanswered),
            Meter(catalogue.CALLS_REFUSED, counts.unauthenticated, ("authentication",)),
            Meter(catalogue.CALLS_REFUSED, counts.overload_refused, ("watermark",)),
            Meter(catalogue.CALLS_REFUSED, counts.overload_cut, ("cut",)),
            Meter(catalogue.BYTES_RECEIVED, counts.bytes),
            Meter(catalogue.PENDING_MESSAGES, counts.pending_messages),
            Meter(catalogue.PENDING_BYTES, counts.pending_bytes),
            Meter(catalogue.PENDING_OLDEST_AGE, counts.oldest_pending_age_s),
        ]


class _RegistryMeters:
    """Readings of the Kubernetes registry."""

    def __init__(self, registry: KubernetesRegistry) -> None:
        self._registry = registry

    def meters(self) -> Iterable[Meter]:
        for status in self._registry.status():
            if status.age_s is not None:
                yield Meter(catalogue.REGISTRY_STALENESS, status.age_s, (status.kind,))
            yield Meter(catalogue.REGISTRY_ERRORS, status.errors, (status.kind,))


def load_plan(directory: Path) -> Plan:
    """Compile the rule files of a folder. Raises ServerError with all findings."""
    files = [directory / name for name in RULE_FILES if (directory / name).is_file()]
    if not files:
        raise ServerError(f"there is no rule file {directory / RULE_FILES[-1]}")
    sources = [(str(file), file.read_text(encoding="utf-8")) for file in files]
    compilation = compile_rules(sources, k8s_catalog())
    if compilation.plan is None:
        raise ServerError(render_all(compilation.diagnostics, dict(sources)))
    if compilation.diagnostics:
        _log.warning("rules have findings", findings=render_all(compilation.diagnostics, dict(sources)))
    return compilation.plan


def load_grouping(directory: Path) -> GroupingRules:
    """Endpoint grouping rules of a configuration folder; files that are not there give no rules. Raises ConfigError."""
    openapi = load_openapi_rules(directory / "openapi-definitions")
    file = directory / "endpoint-name-grouping.yml"
    patterns = parse_grouping_rules(file.read_text(encoding="utf-8"), str(file)) if file.is_file() else {}
    return GroupingRules(openapi, patterns)


def receiver_settings(config: Config) -> ReceiverSettings:
    """Where agents connect: the eBPF receiver's own port, else the shared one, else the core's (spec receiver 4.5)."""
    core, sharing, ebpf = config.core, config.sharing_server, config.ebpf_receiver
    own = next((section for section in (ebpf, sharing) if section is not None and section.grpc_port), None)
    chosen = own or core
    threads = {"stream_threads": chosen.grpc_thread_pool_size} if chosen.grpc_thread_pool_size > 0 else {}
    return ReceiverSettings(
        host=chosen.grpc_host,
        port=chosen.grpc_port,
        max_concurrent_calls_per_connection=chosen.max_concurrent_calls_per_connection,
        max_message_size=chosen.max_message_size,
        pending_limit=ebpf.max_pending_bytes if ebpf else 64 << 20,
        authentication=sharing.authentication,
        ssl_enabled=chosen.grpc_ssl_enabled,
        ssl_key_path=chosen.grpc_ssl_key_path,
        ssl_cert_chain_path=chosen.grpc_ssl_cert_chain_path,
        ssl_trusted_cas_path=own.grpc_ssl_trusted_cas_path if own else "",
        **threads,
    )


def run_server(config: Config, started: Callable[[Server], None] = lambda _: None) -> int:
    """Run until SIGTERM or SIGINT; return the exit code: 0 stopped as asked, 1 could not start or failed."""
    stopping = threading.Event()
    failures: list[bool] = []

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    def on_failure() -> None:
        failures.append(True)
        stopping.set()

    handlers: Mapping[signal.Signals, object] = {
        number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)
    }
    server = Server(config, failed=on_failure)
    try:
        server.start()
    except ServerError as error:
        _log.error("cannot start", reason=str(error))
        return 1
    try:
        started(server)
        stopping.wait()
    finally:
        server.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
    _log.info("stopped")
    return 1 if failures else 0


def _text_of(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return "\n".join(finding.render() for finding in error.findings)
    return str(error)
