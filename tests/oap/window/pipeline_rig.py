"""A pipeline with every aggregation function, its writer and a store that outlives them."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache

from oal.compiler import compile_rules
from oal.plan import Plan
from oap.entity.addresses import ResolvedAddress
from oap.entity.apdex import ApdexThresholds
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline, PipelineSettings
from oap.window.placement import TimeBounds
from oap.window.records import Pending
from oap.window.writer import RecordWriter
from tests.oap.window.calls import BOOT_S, FIRST_MINUTE, Call, block_of
from tests.oap.window.record_store import RecordStore
from tests.oap.window.row_fold import Records

EVERY_FUNCTION = """
m_long_avg = from(K8SService.protocol.http.latency).longAvg();
m_double_avg = from(K8SService.protocol.http.latency).doubleAvg();
m_sum = from(K8SService.protocol.http.latency).sum();
m_count = from(K8SService.protocol.http.latency).count();
m_cpm = from(K8SService.*).cpm();
m_max = from(K8SService.protocol.http.latency).max();
m_min = from(K8SService.protocol.http.latency).min();
m_max_double = from(K8SService.protocol.http.latency).maxDouble();
m_min_double = from(K8SService.protocol.http.latency).minDouble();
m_percent = from(K8SService.*).percent(protocol.success == true);
m_rate = from(K8SService.*).rate(protocol.http.statusCode >= 500, protocol.success == true);
m_apdex = from(K8SService.protocol.http.latency).apdex(name, protocol.success);
m_percentile2 = from(K8SService.protocol.http.latency).percentile2(10);
m_percentile = from(K8SService.protocol.http.latency).percentile(10);
m_histogram = from(K8SService.protocol.http.latency).histogram(100, 4);
m_label_count = from(K8SService.*).labelCount(protocol.http.method);
m_label_avg = from(K8SService.*).labelAvg(protocol.http.method, protocol.http.latency);
instance_write = from(K8SServiceInstance.write.duration).filter(type == "write").longAvg();
relation_all = from(K8SServiceRelation.*).filter(detectPoint == DetectPoint.SERVER).count();
instances_most = from(K8SServiceInstanceRelation.protocol.http.latency).max();
endpoint_calls = from(K8SEndpoint.*).count();
endpoint_methods = from(K8SEndpoint.*).labelCount(serviceName);
"""
"""All 17 functions over the requests of a service, and something of every other scope."""


class NoAddresses:
    """A registry that knows nobody."""

    valid_for_s = 180
    version = 0

    def resolve(self, host: str) -> ResolvedAddress | None:
        """Nothing, whatever the host."""


class PipelineRig:
    """Runs calls through a pipeline into a store; ``restart`` ends it in good order and starts another one."""

    def __init__(
        self,
        rules: str = EVERY_FUNCTION,
        *,
        store: RecordStore | None = None,
        lateness_s: int = 120,
        max_open_windows: int = 15,
        few_cells: int = 100_000,
    ) -> None:
        self.store = store or RecordStore()
        self._rules = rules
        self._now_s = BOOT_S
        self._settings = PipelineSettings(
            TimeBounds(UTC, lateness_s=lateness_s), max_open_windows=max_open_windows, few_cells=few_cells
        )
        self._start()

    def _start(self) -> None:
        self.pipeline = Pipeline(
            plan_of(self._rules),
            k8s_catalog(),
            NoAddresses(),
            EndpointNames(),
            ApdexThresholds({}).lookup,
            self._settings,
        )
        self.writer = RecordWriter(self.store.as_storage())

    def accept(self, *calls: Call) -> None:
        """Fold calls as one block; the clock is at the newest one."""
        self._now_s = max(self._now_s, *(BOOT_S + 60 * call.minute for call in calls))
        self.pipeline.accept(block_of(calls), self._now_s)

    def hand_over(self, *, everything: bool = False) -> Pending:
        """Collect and store."""
        pending = self.pipeline.collect(everything=everything)
        self.writer.write(pending)
        return pending

    def change(self, rules: str, thresholds: Mapping[str, int] | None = None) -> int | None:
        """Go on with other rules; return how many minutes after the first these begin, None when it is too early."""
        edge = self.pipeline.change_rules(plan_of(rules), ApdexThresholds(thresholds or {}).lookup)
        return None if edge is None else max(edge - FIRST_MINUTE, 0)

    def restart(self) -> None:
        """Store everything, and go on with a new pipeline."""
        self.hand_over(everything=True)
        self._start()

    def stored(self) -> Records:
        """All records, after a last hand-over."""
        self.hand_over(everything=True)
        return self.store.records


def stored_at_once(calls: Sequence[Call], rules: str = EVERY_FUNCTION) -> Records:
    """What one run without any break stores of the calls."""
    rig = PipelineRig(rules)
    if calls:
        rig.accept(*calls)
    return rig.stored()


@cache
def plan_of(rules: str) -> Plan:
    """The compiled rules."""
    plan = compile_rules([("rig.oal", rules)], k8s_catalog()).plan
    assert plan is not None
    return plan
