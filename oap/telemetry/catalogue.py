"""Every metric the server reports about itself: name, kind, unit, labels, and what an operator should make of it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Metric types of the Prometheus text format that are in use."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Definition:
    """One own metric. ``help`` tells an operator what to do about it.

    ``buckets`` are the ascending upper bounds of a histogram, in ``unit``. ``upstream``: the name is one that Apache
    SkyWalking exposes too, so its series carry upstream's label ``sw_backend_instance`` besides their own.
    """

    name: str
    kind: Kind
    unit: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    upstream: bool = False


UPSTREAM_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_FINE_BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


def _counter(name: str, unit: str, text: str, *labels: str) -> Definition:
    return Definition(name, Kind.COUNTER, unit, text, labels)


def _gauge(name: str, unit: str, text: str, *labels: str) -> Definition:
    return Definition(name, Kind.GAUGE, unit, text, labels)


def _seconds(name: str, text: str, *labels: str, buckets: tuple[float, ...] = UPSTREAM_BUCKETS) -> Definition:
    return Definition(name, Kind.HISTOGRAM, "seconds", text, labels, buckets)


# Names, types and buckets of these are upstream's (spec receiver-protocol 4.4), so they have no _total suffix.
ALS_IN = Definition(
    "k8s_als_in_count",
    Kind.COUNTER,
    "logs",
    "Kernel and protocol logs accepted on valid connections. Flat while agents run: none of them gets through.",
    upstream=True,
)
ALS_DROP = Definition(
    "k8s_als_drop_count",
    Kind.COUNTER,
    "logs",
    "Logs without a usable connection. If it grows like k8s_als_in_count, see oap_logs_dropped_total by reason.",
    upstream=True,
)
ALS_ERRORS = Definition(
    "k8s_als_error_streams",
    Kind.COUNTER,
    "messages",
    "Messages (not streams, despite the name) that failed in processing. Any growth is worth a look at the log.",
    upstream=True,
)
ALS_LATENCY = Definition(
    "k8s_als_in_latency",
    Kind.HISTOGRAM,
    "seconds",
    "Handling time per message. If it rises with the load, this server needs more processor time or fewer agents.",
    buckets=UPSTREAM_BUCKETS,
    upstream=True,
)
WATERMARK_BREAKS = Definition(
    "watermark_circuit_breaker_break_count",
    Kind.COUNTER,
    "times",
    "How often calls began to be refused because memory ran short. Raise the memory limit or share the agents out.",
    ("listener", "event"),
    upstream=True,
)
WATERMARK_RECOVERIES = Definition(
    "watermark_circuit_breaker_recover_count",
    Kind.COUNTER,
    "times",
    "How often calls were taken again after a memory shortage. Fewer than breaks by one: calls are refused right now.",
    ("listener",),
    upstream=True,
)

STREAMS_OPENED = _counter(
    "oap_streams_opened_total", "streams", "Access log streams that agents opened. Flat: no agent reaches this server."
)
STREAMS_FINISHED = _counter(
    "oap_streams_finished_total", "streams", "Access log streams that ended well and were answered."
)
STREAMS_FAILED = _counter(
    "oap_streams_failed_total",
    "streams",
    "Access log streams that broke off; what they had delivered is kept. Many: look at agents and network.",
)
STREAMS_UNANSWERED = _counter(
    "oap_streams_unanswered_total",
    "streams",
    "Access log streams whose agent was gone before the answer; their logs are kept. Many: folding is too slow.",
)
CALLS_REFUSED = _counter(
    "oap_calls_refused_total",
    "calls",
    "Calls turned away. authentication: an agent has the wrong token; watermark, cut: memory is short.",
    "reason",
)
MESSAGES_RECEIVED = _counter(
    "oap_messages_received_total",
    "messages",
    "Messages taken from streams. Divide by time for the load of this server.",
)
MESSAGES_MALFORMED = _counter(
    "oap_messages_malformed_total",
    "messages",
    "Messages that are not valid protobuf, skipped whole. Any growth: an agent of another version, or no agent at all.",
    "reason",
)
BYTES_RECEIVED = _counter(
    "oap_received_bytes_total", "bytes", "Bytes of messages taken from streams, before decoding. For sizing networks."
)
PENDING_MESSAGES = _gauge(
    "oap_pending_messages", "messages", "Messages waiting to be folded. Steadily high: the processor is the bottleneck."
)
PENDING_BYTES = _gauge(
    "oap_pending_bytes", "bytes", "Bytes waiting to be folded. At its bound the server stops reading from agents."
)
PENDING_OLDEST_AGE = _gauge(
    "oap_pending_oldest_age_seconds",
    "seconds",
    "Age of the oldest message waiting. Alert above a few seconds: folding has stalled or cannot keep up.",
)

LOGS_RECEIVED = _counter(
    "oap_logs_received_total",
    "logs",
    "Logs found in messages. Always equals folded + dropped + late + refused once nothing is pending.",
)
LOGS_FOLDED = _counter("oap_logs_folded_total", "logs", "Logs that became part of metrics in time.")
LOGS_DROPPED = _counter(
    "oap_logs_dropped_total",
    "logs",
    "Logs that no metric counts. The reason names what was missing: a connection, an address, a known operation.",
    "reason",
)
LOGS_LATE = _counter(
    "oap_logs_late_total",
    "logs",
    "Logs whose minute was closed. Many: raise window.allowedLateness or look for agents that flush late.",
    "outcome",
)
LOGS_REFUSED = _counter(
    "oap_logs_refused_total", "logs", "Logs from beyond window.futureTolerance. Any: set the clocks of the nodes right."
)
TIMESTAMPS_MISSING = _counter(
    "oap_timestamps_missing_total",
    "logs",
    "Logs without a time, taken as of the boot of their node. Any: an agent is faulty.",
)

CONNECTIONS_CACHED = _gauge(
    "oap_connections_cached",
    "connections",
    "Address pairs whose entities are remembered. At its bound old ones are forgotten.",
)
ROUTES = _gauge(
    "oap_routes", "routes", "Distinct pairs of entities with their direction; memory of open windows grows with it."
)
ENDPOINTS = _gauge(
    "oap_endpoints",
    "endpoints",
    "Distinct endpoints known. Growing without end: write grouping rules for paths with ids in them.",
)
SERVICES_AT_ENDPOINT_LIMIT = _gauge(
    "oap_services_at_endpoint_limit",
    "services",
    "Services with more endpoint names than core.maxHttpUrisNumberPerService; further ones share one name. Any: write"
    " grouping rules.",
)
ENTITIES = _gauge("oap_entities", "entities", "Distinct entities seen, by scope; storage grows with it.", "scope")
REGISTRY_STALENESS = _gauge(
    "oap_kubernetes_registry_staleness_seconds",
    "seconds",
    "Time since the Kubernetes API last said anything, by kind of object. Minutes: check access to the API.",
    "kind",
)
REGISTRY_ERRORS = _counter(
    "oap_kubernetes_registry_errors_total",
    "errors",
    "Failed calls to the Kubernetes API, by kind of object; they are tried again. Growing: see the log for the reason.",
    "kind",
)

WINDOWS_OPEN = _gauge(
    "oap_windows_open",
    "windows",
    "Minutes that still take logs. Near window.maxOpenWindows: agents send very different times.",
)
WINDOW_BYTES = _gauge(
    "oap_window_state_bytes", "bytes", "Memory held by open windows. For sizing; compare with oap_routes."
)
WATERMARK_LAG = _gauge(
    "oap_watermark_lag_seconds",
    "seconds",
    "How far the newest complete time is behind the clock. Alert at minutes: agents stopped or their clocks are wrong.",
)
HANDOVER_SECONDS = _seconds(
    "oap_handover_duration_seconds",
    "Time to roll up and store what changed since the last hand-over. Near core.persistentPeriod: storage is too slow.",
)
HANDOVER_ROWS = _counter(
    "oap_handover_rows_total", "rows", "Rows handed to storage, by kind. For sizing storage.", "kind"
)
HANDOVER_FAILURES = _counter(
    "oap_handover_failures_total",
    "times",
    "Hand-overs that storage refused; they are tried again. Growing: look at storage.",
)
HANDOVER_OLDEST_AGE = _gauge(
    "oap_handover_backlog_oldest_age_seconds",
    "seconds",
    "Age of the oldest result not stored yet. Alert above a few times core.persistentPeriod.",
)
HANDOVER_BACKLOG_BYTES = _gauge(
    "oap_handover_backlog_bytes",
    "bytes",
    "Results that storage should have taken by now: a hand-over it refuses, and minutes that changed since. Growing: look"
    " at storage. Its bound is window.maxOpenWindows; there agents wait.",
)
STORAGE_WRITE_SECONDS = _seconds(
    "oap_storage_write_seconds", "Duration of one write to storage. Rising: the disk or the database is the bottleneck."
)
STORAGE_READ_SECONDS = _seconds(
    "oap_storage_read_seconds",
    "Duration of one read from storage. Rising: shorten time ranges or give storage more memory.",
)
STORAGE_REFUSED_ROWS = _counter(
    "oap_storage_refused_rows_total",
    "rows",
    "Rows that the database will never take, by reason; the others of their hand-over are stored. See the log for one.",
    "reason",
)

QUERY_REQUESTS = _counter("oap_query_requests_total", "requests", "Query requests answered, well or not.")
QUERY_ERRORS = _counter(
    "oap_query_errors_total",
    "errors",
    "Query requests with an error in the answer. request: a client asks wrongly; server: look at our log.",
    "kind",
)
QUERY_SECONDS = _seconds(
    "oap_query_duration_seconds", "Duration of one query request. Rising: see oap_storage_read_seconds."
)

OAL_RULES = _gauge("oap_oal_rules", "rules", "Metric rules in force. Fewer than written: a rule file was not read.")
OAL_RELOADS = _counter(
    "oap_oal_reloads_total",
    "times",
    "Attempts to take changed rule files into force. refused: they have mistakes and the old rules go on; see our log.",
    "outcome",
)
OAL_REFUSED = _gauge(
    "oap_oal_refused",
    "",
    "1 while the rule files have mistakes and older rules run; GET /rules, the page and our log show them.",
)
UNHEALTHY = _gauge(
    "oap_unhealthy_components",
    "components",
    "Parts that report a failure; the reasons are in the log and in checkHealth.",
)
BUILD_INFO = _gauge("oap_build_info", "", "Always 1; the labels tell what runs here.", "version", "python")

# Names that Prometheus clients of all languages share, so that common dashboards work.
PROCESS_CPU = _counter(
    "process_cpu_seconds_total", "seconds", "Processor time used. Near one second per second: one core is full."
)
PROCESS_MEMORY = _gauge(
    "process_resident_memory_bytes", "bytes", "Memory in use. Compare with the limit of the container."
)
PROCESS_OPEN_FILES = _gauge(
    "process_open_fds", "files", "Files and sockets open. Near process_max_fds: raise the limit."
)
PROCESS_MAX_FILES = _gauge("process_max_fds", "files", "Files and sockets this process may open.")
PROCESS_START = _gauge(
    "process_start_time_seconds", "seconds", "When the process started, in epoch seconds. Changes: it restarted."
)

CATALOGUE: tuple[Definition, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Definition))
