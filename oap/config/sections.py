"""The sections of application.yml: every setting with its type, default and unit.

Keys are upstream's where upstream has the setting (spec receiver-protocol 4.5 to 4.7, storage 7, entities 3). Sizes are
in bytes; 0 or less means "not limited" where upstream says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

from oap.config.setting import setting

HOUR: Final = "Hour"
DAY: Final = "Day"

_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """Servers, names, persistence. ``time_zone`` "" is the system's zone; it decides the calendar of all buckets.

    ``max_heap_memory_usage_percent``: resident memory of the process in percent of its limit (container or machine)
    above which calls are refused; ``max_direct_memory_usage``: the same in bytes, -1 is off. ``rest_context_path``
    begins with a slash.
    """

    rest_host: str = setting("restHost", "0.0.0.0")
    rest_port: int = setting("restPort", 12800, minimum=0, maximum=_PORT)
    rest_context_path: str = setting("restContextPath", "/")
    grpc_host: str = setting("gRPCHost", "0.0.0.0")
    grpc_port: int = setting("gRPCPort", 11800, minimum=0, maximum=_PORT)
    max_concurrent_calls_per_connection: int = setting("maxConcurrentCallsPerConnection", 0)
    max_message_size: int = setting("maxMessageSize", 52428800, unit="bytes")
    grpc_thread_pool_size: int = setting("gRPCThreadPoolSize", -1, unit="threads")
    grpc_ssl_enabled: bool = setting("gRPCSslEnabled", default=False)
    grpc_ssl_key_path: str = setting("gRPCSslKeyPath", "")
    grpc_ssl_cert_chain_path: str = setting("gRPCSslCertChainPath", "")
    max_heap_memory_usage_percent: int = setting(
        "maxHeapMemoryUsagePercent", 96, unit="percent", minimum=1, maximum=100
    )
    max_direct_memory_usage: int = setting("maxDirectMemoryUsage", -1, unit="bytes", minimum=-1)
    downsampling: tuple[str, ...] = setting("downsampling", (HOUR, DAY), choices=(HOUR, DAY))
    metrics_data_ttl_days: int = setting("metricsDataTTL", 7, unit="days", minimum=2)
    record_data_ttl_days: int = setting("recordDataTTL", 3, unit="days", minimum=2)
    enable_data_keeper_executor: bool = setting("enableDataKeeperExecutor", default=True)
    data_keeper_execute_period_min: int = setting("dataKeeperExecutePeriod", 5, unit="minutes", minimum=1)
    persistent_period_s: int = setting("persistentPeriod", 25, unit="seconds", minimum=1)
    service_name_max_length: int = setting("serviceNameMaxLength", 70, unit="UTF-16 units", minimum=1)
    instance_name_max_length: int = setting("instanceNameMaxLength", 70, unit="UTF-16 units", minimum=1)
    endpoint_name_max_length: int = setting("endpointNameMaxLength", 150, unit="UTF-16 units", minimum=1)
    max_http_uris_number_per_service: int = setting("maxHttpUrisNumberPerService", 3000, unit="names", minimum=0)
    time_zone: str = setting("timeZone", "")


@dataclass(frozen=True, slots=True)
class SharingServerSettings:
    """What all receivers share. ``authentication`` is the token agents must send, "" asks for none.

    The other keys describe a port of its own for receivers; ``grpc_port`` 0 means they use the core's. Client
    certificates are required when ``grpc_ssl_trusted_cas_path`` is set.
    """

    authentication: str = setting("authentication", "", is_secret=True)
    grpc_host: str = setting("gRPCHost", "0.0.0.0")
    grpc_port: int = setting("gRPCPort", 0, minimum=0, maximum=_PORT)
    max_concurrent_calls_per_connection: int = setting("maxConcurrentCallsPerConnection", 0)
    max_message_size: int = setting("maxMessageSize", 52428800, unit="bytes")
    grpc_thread_pool_size: int = setting("gRPCThreadPoolSize", 0, unit="threads")
    grpc_ssl_enabled: bool = setting("gRPCSslEnabled", default=False)
    grpc_ssl_key_path: str = setting("gRPCSslKeyPath", "")
    grpc_ssl_cert_chain_path: str = setting("gRPCSslCertChainPath", "")
    grpc_ssl_trusted_cas_path: str = setting("gRPCSslTrustedCAsPath", "")


@dataclass(frozen=True, slots=True)
class EbpfReceiverSettings:
    """The eBPF receiver. ``grpc_port`` 0 means the shared port, else the receiver has its own with the settings here.

    ``max_pending_bytes`` bounds what waits to be folded: at the bound the server stops reading, so agents wait.
    ``max_cached_connections`` bounds the memory of address pairs; beyond it old ones are forgotten and resolved again.
    """

    grpc_host: str = setting("gRPCHost", "0.0.0.0")
    grpc_port: int = setting("gRPCPort", 0, minimum=0, maximum=_PORT)
    max_concurrent_calls_per_connection: int = setting("maxConcurrentCallsPerConnection", 0)
    max_message_size: int = setting("maxMessageSize", 0, unit="bytes")
    grpc_thread_pool_size: int = setting("gRPCThreadPoolSize", 0, unit="threads")
    grpc_ssl_enabled: bool = setting("gRPCSslEnabled", default=False)
    grpc_ssl_key_path: str = setting("gRPCSslKeyPath", "")
    grpc_ssl_cert_chain_path: str = setting("gRPCSslCertChainPath", "")
    grpc_ssl_trusted_cas_path: str = setting("gRPCSslTrustedCAsPath", "")
    max_pending_bytes: int = setting("maxPendingBytes", 67108864, unit="bytes", minimum=1048576)
    max_cached_connections: int = setting("maxCachedConnections", 200000, unit="connections", minimum=1000)


@dataclass(frozen=True, slots=True)
class DuckdbSettings:
    """The embedded store. ``path`` is a file, relative to the working directory, made with its folder if missing.

    ``memory_limit_mb`` (10^6 bytes) bounds caches and intermediate results of the engine.
    """

    path: str = setting("path", "data/oap.duckdb")
    memory_limit_mb: int = setting("memoryLimit", 1024, unit="megabytes", minimum=64)


@dataclass(frozen=True, slots=True)
class MysqlSettings:
    """A MySQL 8 or MariaDB 10.11 database, in the tables of the Java server.

    The URL is JDBC's: host, port, database, TLS and time limits are understood, switches of the Java driver passed over.
    A database without a certificate authority in ``ssl_ca_path`` (PEM) or ``sslMode`` in the URL is asked for TLS and
    taken without. ``metadata_query_max_size`` bounds lists of services and instances.
    """

    refused: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "asyncBatchPersistentPoolSize": "all rows of a hand-over go in one transaction, there are no queues of records",
            "properties.dataSource.cachePrepStmts": "rows go in statements of many, which are not prepared",
            "properties.dataSource.prepStmtCacheSize": "rows go in statements of many, which are not prepared",
            "properties.dataSource.prepStmtCacheSqlLimit": "rows go in statements of many, which are not prepared",
            "properties.dataSource.useServerPrepStmts": "rows go in statements of many, which are not prepared",
        }
    )

    jdbc_url: str = setting(
        "properties.jdbcUrl",
        "jdbc:mysql://localhost:3306/swtest?rewriteBatchedStatements=true&allowMultiQueries=true",
    )
    user: str = setting("properties.dataSource.user", "root")
    password: str = setting("properties.dataSource.password", "root@1234", is_secret=True)
    maximum_pool_size: int = setting("properties.maximumPoolSize", 10, unit="connections", minimum=2)
    connection_timeout_ms: int = setting("properties.connectionTimeout", 30000, unit="milliseconds", minimum=250)
    metadata_query_max_size: int = setting("metadataQueryMaxSize", 5000, unit="rows", minimum=1)
    max_size_of_batch_sql: int = setting("maxSizeOfBatchSql", 2000, unit="rows", minimum=1)
    ssl_ca_path: str = setting("sslCaPath", "")
    ssl_cert_path: str = setting("sslCertPath", "")
    ssl_key_path: str = setting("sslKeyPath", "")


@dataclass(frozen=True, slots=True)
class ElasticsearchSettings:
    """Elasticsearch 7.8 or later, or OpenSearch, in the indices of the Java server.

    Stores are PEM or PKCS12 files. ``response_timeout_ms`` bounds a whole answer; 0 leaves it to ``socket_timeout_ms``.
    ``secrets_management_file`` is a Java properties file with user, password, trustStorePass, keyStorePass; while it is
    set, it alone says them, and a change of it or of a store is taken up within ten seconds.
    """

    refused: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "flushInterval": "a hand-over is written at once, nothing waits for a timer; see core.default.persistentPeriod",
            "numHttpClientThread": "requests run in the threads of concurrentRequests",
            "indexTemplateOrder": "templates of Elasticsearch 7.8 and later have no order",
            "superDatasetDayStep": "traces and logs are not stored",
            "superDatasetIndexShardsFactor": "traces and logs are not stored",
            "superDatasetIndexReplicasNumber": "traces and logs are not stored",
            "resultWindowMaxSize": "lists are read by pages, whatever the window of the server is",
            "segmentQueryMaxSize": "traces are not stored",
            "profileTaskQueryMaxSize": "profiling tasks are not stored",
            "asyncProfilerTaskQueryMaxSize": "profiling tasks are not stored",
            "pprofTaskQueryMaxSize": "profiling tasks are not stored",
            "profileDataQueryBatchSize": "profiling data is not stored",
            "oapLogAnalyzer": "logs are not stored",
            "enableCustomRouting": "only records are routed, and none are stored",
        }
    )

    namespace: str = setting("namespace", "")
    cluster_nodes: tuple[str, ...] = setting("clusterNodes", ("localhost:9200",))
    protocol: str = setting("protocol", "http", choices=("http", "https"))
    connect_timeout_ms: int = setting("connectTimeout", 3000, unit="milliseconds", minimum=1)
    socket_timeout_ms: int = setting("socketTimeout", 30000, unit="milliseconds", minimum=1)
    response_timeout_ms: int = setting("responseTimeout", 15000, unit="milliseconds", minimum=0)
    user: str = setting("user", "")
    password: str = setting("password", "", is_secret=True)
    trust_store_path: str = setting("trustStorePath", "")
    trust_store_pass: str = setting("trustStorePass", "", is_secret=True)
    key_store_path: str = setting("keyStorePath", "")
    key_store_pass: str = setting("keyStorePass", "", is_secret=True)
    secrets_management_file: str = setting("secretsManagementFile", "")
    day_step: int = setting("dayStep", 1, unit="days", minimum=1)
    index_shards_number: int = setting("indexShardsNumber", 1, unit="shards", minimum=1)
    index_replicas_number: int = setting("indexReplicasNumber", 1, unit="replicas", minimum=0)
    specific_index_settings: str = setting("specificIndexSettings", "")
    bulk_actions: int = setting("bulkActions", 5000, unit="rows", minimum=1)
    batch_of_bytes: int = setting("batchOfBytes", 10485760, unit="bytes", minimum=1024)
    concurrent_requests: int = setting("concurrentRequests", 2, unit="requests", minimum=1, maximum=64)
    metadata_query_max_size: int = setting("metadataQueryMaxSize", 10000, unit="rows", minimum=1)
    scrolling_batch_size: int = setting("scrollingBatchSize", 5000, unit="rows", minimum=1, maximum=10000)
    oap_analyzer: str = setting("oapAnalyzer", '{"analyzer":{"oap_analyzer":{"type":"stop"}}}')
    advanced: str = setting("advanced", "")
    logic_sharding: bool = setting("logicSharding", default=False)


StorageSection = DuckdbSettings | ElasticsearchSettings | MysqlSettings


@dataclass(frozen=True, slots=True)
class QuerySettings:
    """GraphQL. ``max_query_complexity`` bounds the fields of one request, ``request_time_limit_s`` its time.

    ``threads`` is how many requests are answered at once; the others wait, which is part of their time.
    """

    max_query_complexity: int = setting("maxQueryComplexity", 3000, unit="fields", minimum=1)
    request_time_limit_s: int = setting("requestTimeLimit", 30, unit="seconds", minimum=1, maximum=3600)
    threads: int = setting("threads", 2, unit="threads", minimum=1, maximum=64)
    enable_update_ui_template: bool = setting("enableUpdateUITemplate", default=False)


@dataclass(frozen=True, slots=True)
class PrometheusSettings:
    """Where Prometheus scrapes this server's own metrics."""

    host: str = setting("host", "0.0.0.0")
    port: int = setting("port", 1234, minimum=0, maximum=_PORT)


@dataclass(frozen=True, slots=True)
class PromqlSettings:
    """Where Grafana asks for metrics by PromQL; port 0 takes a free one."""

    host: str = setting("restHost", "0.0.0.0")
    port: int = setting("restPort", 9090, minimum=0, maximum=_PORT)


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """Calls that change something in a running server; ``host`` must be an address of this machine alone."""

    host: str = setting("host", "127.0.0.1")
    port: int = setting("port", 17128, minimum=0, maximum=_PORT)


@dataclass(frozen=True, slots=True)
class HealthCheckerSettings:
    """The answer to ``/healthcheck``; there is nothing to set but whether it is there."""


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Minute windows. A minute closes when the watermark has passed its end by ``allowed_lateness_s``.

    Logs more than ``future_tolerance_s`` ahead of this server's clock are refused. ``max_open_windows`` bounds the
    minutes held in memory at once.
    """

    allowed_lateness_s: int = setting("allowedLateness", 120, unit="seconds", minimum=0, maximum=86400)
    future_tolerance_s: int = setting("futureTolerance", 600, unit="seconds", minimum=0, maximum=86400)
    max_open_windows: int = setting("maxOpenWindows", 15, unit="minutes", minimum=2)


@dataclass(frozen=True, slots=True)
class KubernetesRegistrySettings:
    """Where IP addresses get their names. ``static_file`` is a YAML file, "" for none, relative to the configuration.

    ``api_enabled`` asks the Kubernetes API, with ``kubeconfig`` or, when that is "", as the pod's service account. After
    ``address_validity_s`` a name is looked up again, because addresses of pods are used again.
    """

    static_file: str = setting("staticFile", "")
    api_enabled: bool = setting("apiEnabled", default=False)
    kubeconfig: str = setting("kubeconfig", "")
    address_validity_s: int = setting("addressValidity", 180, unit="seconds", minimum=1)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The server's own log on standard error."""

    level: str = setting("level", "info", choices=("debug", "info", "warning", "error"))
