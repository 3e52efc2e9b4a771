"""Which modules application.yml may hold, and which providers each of them can select."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from oap.config.sections import (
    AdminSettings,
    CoreSettings,
    DuckdbSettings,
    EbpfReceiverSettings,
    ElasticsearchSettings,
    HealthCheckerSettings,
    KubernetesRegistrySettings,
    LogSettings,
    MysqlSettings,
    PrometheusSettings,
    PromqlSettings,
    QuerySettings,
    SharingServerSettings,
    StorageSection,
    WindowSettings,
)

SectionT = TypeVar("SectionT")

OFF: Final = "-"


@dataclass(frozen=True, slots=True)
class Module(Generic[SectionT]):
    """A top-level entry: ``selector`` names one of ``providers``, whose block holds the keys.

    ``selected`` is taken when the file does not say. ``off`` lists the selectors that switch the module off.
    """

    name: str
    providers: Mapping[str, type[SectionT]]
    selected: str
    off: tuple[str, ...] = ()


CORE: Final = Module("core", {"default": CoreSettings}, "default")
SHARING_SERVER: Final = Module("receiver-sharing-server", {"default": SharingServerSettings}, "default")
EBPF_RECEIVER: Final = Module("receiver-ebpf", {"default": EbpfReceiverSettings}, "default")
STORAGE: Final[Module[StorageSection]] = Module(
    "storage", {"duckdb": DuckdbSettings, "elasticsearch": ElasticsearchSettings, "mysql": MysqlSettings}, "duckdb"
)
QUERY: Final = Module("query", {"graphql": QuerySettings}, "graphql")
TELEMETRY: Final = Module("telemetry", {"prometheus": PrometheusSettings}, "prometheus", ("none", OFF))
HEALTH_CHECKER: Final = Module("health-checker", {"default": HealthCheckerSettings}, "default", (OFF,))
PROMQL: Final = Module("promql", {"default": PromqlSettings}, OFF, (OFF,))
ADMIN: Final = Module("admin-server", {"default": AdminSettings}, "default", (OFF,))
WINDOW: Final = Module("window", {"default": WindowSettings}, "default")
KUBERNETES_REGISTRY: Final = Module("kubernetes-registry", {"default": KubernetesRegistrySettings}, "default")
LOGS: Final = Module("logs", {"default": LogSettings}, "default")

MODULE_NAMES: Final = tuple(
    module.name
    for module in (
        CORE,
        STORAGE,
        SHARING_SERVER,
        EBPF_RECEIVER,
        WINDOW,
        KUBERNETES_REGISTRY,
        QUERY,
        TELEMETRY,
        HEALTH_CHECKER,
        PROMQL,
        ADMIN,
        LOGS,
    )
)
