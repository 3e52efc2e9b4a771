"""What the query side is built from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from oal.plan import Plan
from oap.clock import Clock
from oap.last_values import LastValues
from oap.query.menu import ActiveMenu
from oap.query.meters import QueryMeters
from oap.reload.event import ReloadEvent, RulesView
from oap.storage.contract import MetricModel, Storage


class HealthView(Protocol):
    """State of the server at one moment (spec query 1.2)."""

    @property
    def score(self) -> int:
        """0 all is well, above 0 that many parts are not, below 0 not started yet."""

    @property
    def details(self) -> str:
        """Names of the parts that are not well, "" when there are none."""


@dataclass(frozen=True, slots=True)
class FixedRules:
    """Rules that nobody reloads."""

    plan: Plan = field(default_factory=lambda: Plan((), {}))
    started: dict[str, int] = field(default_factory=dict)
    events: Sequence[ReloadEvent] = ()
    refusal: ReloadEvent | None = None


@dataclass(frozen=True, slots=True)
class QueryDeps:
    """Everything that answers depend on. The callables are asked anew for each request and must not block.

    ``models``: metric name to model; may change when rules are reloaded. ``zone``: zone of the server's calendar.
    ``config_dump``: flat settings with secrets already masked. ``metrics_ttl_days``, ``records_ttl_days``: days of
    life. ``can_change_templates``: whether the template mutations do anything (spec query 5.3). ``host``, ``port``:
    this node, as told to the user interface. ``max_fields`` bounds the fields of one request,
    ``time_limit_s`` its time in seconds; ``threads`` answer requests. ``meters`` count requests.
    ``rules`` are those that run, ``last_values`` what came of them. ``menu`` leads to the dashboards.
    ``written`` counts what was stored so far, so that answers can be told again while nothing new was; None: nobody knows.
    """

    storage: Storage
    models: Callable[[], Mapping[str, MetricModel]]
    zone: tzinfo
    clock: Clock
    health: Callable[[], HealthView]
    config_dump: Callable[[], Mapping[str, str]]
    version: str
    metrics_ttl_days: int = 7
    records_ttl_days: int = 3
    can_change_templates: bool = False
    host: str = "127.0.0.1"
    port: int = 12800
    max_fields: int = 3000
    time_limit_s: float = 30.0
    threads: int = 2
    meters: QueryMeters = field(default_factory=QueryMeters)
    rules: RulesView = field(default_factory=FixedRules)
    last_values: LastValues = field(default_factory=LastValues)
    menu: ActiveMenu = field(default_factory=ActiveMenu)
    written: Callable[[], int] | None = None
