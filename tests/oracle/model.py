"""What goes into the oracle and what comes out of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Mark(Enum):
    """What happens to a stream between two of its messages."""

    BEGIN = "begin"
    END = "end"
    ERROR = "error"


Event = tuple[int, Mark | bytes]
"""A stream number with a mark or with the raw bytes of one message."""


class Lookup(Enum):
    """Registry entry of a host whose look-up raises."""

    FAILS = "fails"


Registry = Mapping[str, tuple[str, str] | Lookup | None]
"""Host -> (``name.namespace`` of its service, pod or ""); None or absent: nobody knows the host (spec entities 2)."""

Columns = dict[str, int | dict[int, int] | dict[str, int]]
"""Own columns of a record (spec storage 1.7). ``dataset`` has int keys, ``datatable_value`` keys like ``{p=50}``."""


@dataclass(slots=True)
class OracleResult:
    """All rows and counts of a run. Buckets are ``yyyyMMddHHmm``, ``yyyyMMddHH`` or ``yyyyMMdd`` integers.

    ``messages`` counts all, ``malformed`` those of them that could not be decoded. The other counts are of logs, and
    received = folded + the sum of dropped + refused. ``drop_details`` counts (reason, key) per connection build or
    relation attempt (spec entities 11), not per log.
    """

    metrics: dict[tuple[str, str, int], Columns] = field(default_factory=dict)
    """(metric, entity id, bucket) -> columns."""
    service_traffic: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    """(service id, layer) -> (name, bucket)."""
    instance_traffic: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    """Instance id -> (service id, name, bucket, last ping)."""
    endpoint_traffic: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    """Endpoint id -> (service id, name, bucket, last ping)."""
    service_relations: dict[tuple[str, int, str], tuple[str, str, tuple[int, ...]]] = field(default_factory=dict)
    """("server" or "client", bucket, relation id) -> (source service id, dest service id, ascending components)."""
    instance_relations: dict[tuple[str, int, str], tuple[str, str, str, str]] = field(default_factory=dict)
    """Same key -> (source service id, source instance id, dest service id, dest instance id)."""
    messages: int = 0
    malformed: int = 0
    received: int = 0
    folded: int = 0
    refused: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    drop_details: Counter[tuple[str, str]] = field(default_factory=Counter)
