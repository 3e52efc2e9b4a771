"""Words that never are names: keywords and the names of all scopes, served here or not (spec oal 1.1, 1.3)."""

from collections.abc import Mapping
from types import MappingProxyType

KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "from": "FROM",
        "filter": "FILTER",
        "disable": "DISABLE",
        "decorator": "DECORATOR",
        "like": "LIKE",
        "in": "IN",
        "contain": "CONTAIN",
        "null": "NULL",
        "true": "TRUE",
        "false": "FALSE",
    }
)
"""Keyword -> token type."""


def _prefixed(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(prefix + name for name in names.split())


SCOPE_NAMES: frozenset[str] = frozenset(
    (
        *_prefixed("", "Service ServiceInstance Endpoint ServiceRelation ServiceInstanceRelation EndpointRelation"),
        *_prefixed("TCP", "Service ServiceInstance ServiceRelation ServiceInstanceRelation"),
        *_prefixed("ServiceInstanceJVM", "CPU Memory MemoryPool GC Thread Class"),
        *_prefixed("ServiceInstanceCLR", "CPU GC Thread"),
        *_prefixed("", "DatabaseAccess CacheAccess MQAccess MQEndpointAccess EnvoyInstanceMetric Event"),
        *_prefixed("K8S", "Service ServiceInstance Endpoint ServiceRelation ServiceInstanceRelation"),
        *_prefixed(
            "Cilium", "Service ServiceInstance Endpoint ServiceRelation ServiceInstanceRelation EndpointRelation"
        ),
        *_prefixed("GenAI", "ProviderAccess ModelAccess"),
        *_prefixed("BrowserApp", "Perf PagePerf SingleVersionPerf Traffic PageTraffic SingleVersionTraffic"),
        *_prefixed("BrowserApp", "ResourcePerf WebVitalsPerf WebInteractionPerf"),
    )
)
