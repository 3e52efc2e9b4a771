"""All settings in force, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oap.config.effective import EffectiveValue
from oap.config.sections import (
    AdminSettings,
    CoreSettings,
    EbpfReceiverSettings,
    HealthCheckerSettings,
    KubernetesRegistrySettings,
    LogSettings,
    PrometheusSettings,
    PromqlSettings,
    QuerySettings,
    SharingServerSettings,
    StorageSection,
    WindowSettings,
)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings in force. None stands for a module that is switched off.

    ``directory`` is where the file was found; rule files are looked for there. ``selectors`` has the chosen provider by
    module name; ``storage`` holds the settings of the one chosen for storage.
    """

    directory: Path
    core: CoreSettings
    storage: StorageSection
    sharing_server: SharingServerSettings
    ebpf_receiver: EbpfReceiverSettings
    window: WindowSettings
    kubernetes_registry: KubernetesRegistrySettings
    query: QuerySettings
    telemetry: PrometheusSettings | None
    health_checker: HealthCheckerSettings | None
    promql: PromqlSettings | None
    admin: AdminSettings | None
    logs: LogSettings
    selectors: Mapping[str, str]
    values: Mapping[str, EffectiveValue]

    def flattened(self) -> Mapping[str, EffectiveValue]:
        """Every value in force by ``module.provider.key``, in the order of the sections, secrets masked.

        ``module.provider`` (literally) holds the selector, as in upstream's configuration dump.
        """
        return self.values

    def texts(self) -> Mapping[str, str]:
        """The same without units and origins."""
        return {name: value.text for name, value in self.values.items()}
