"""Apdex thresholds by service (spec oal 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oap.config.yaml_source import parse

FALLBACK_MS = 500
_DEFAULT_KEY = "default"


@dataclass(frozen=True, slots=True)
class ApdexThresholds:
    """Milliseconds up to which a call satisfies; up to four times as many it is tolerated. 0 is a valid threshold."""

    by_service: Mapping[str, int] = field(default_factory=dict)

    def lookup(self, service: str) -> int:
        """Return a service's threshold; absent or negative: that of ``default``; absent or negative again: 500."""
        for key in (service, _DEFAULT_KEY):
            threshold = self.by_service.get(key, -1)
            if threshold >= 0:
                return threshold
        return FALLBACK_MS


def parse_apdex_thresholds(text: str, file: str) -> ApdexThresholds:
    """Read a flat map from service name to milliseconds; an empty text is an empty map.

    Raises ConfigError with all problems, so that the caller can go on with what it had.
    """
    root, report = parse(text, file)
    read = {service: report.integer(node) for service, node in report.mapping(root).items()}
    report.raise_findings()
    return ApdexThresholds({service: threshold for service, threshold in read.items() if threshold is not None})
