"""The stages of rules, in words and as counters."""

from oal.plan import Metric, Plan
from oap.why.counting import Counter
from oap.why.stages import stages_of
from tests.oap.window.pipeline_rig import plan_of


def _only(rule: str) -> tuple[Plan, Metric]:
    plan = plan_of(f"m = {rule};")
    return plan, plan.metrics[0]


def _texts(rule: str) -> tuple[str, ...]:
    return stages_of(*_only(rule)).texts


def test_filters_that_the_operation_decides_come_first() -> None:
    rule = 'from(K8SService.*).filter(protocol.http.statusCode >= 500).filter(type == "protocol").cpm()'
    assert _texts(rule) == (
        "rows of the operations that rules read",
        'after type == "protocol"',
        "of a known service",
        "after protocol.http.statusCode >= 500",
    )


def test_without_such_a_filter_the_operations_are_named() -> None:
    assert _texts("from(K8SServiceInstance.read.duration).sum()")[1:] == ("read rows", "of a known pod")
    many = _texts("from(K8SServiceRelation.*).cpm()")
    assert many[1:] == ("connect, accept, close, read, write and http rows", "between two services")


def test_endpoints_start_from_all_requests() -> None:
    plan = plan_of('a = from(K8SService.*).filter(type == "protocol").cpm(); b = from(K8SEndpoint.*).cpm();')
    stages = stages_of(plan, plan.metrics[1])
    assert stages.texts[1:] == ("http rows", "of an endpoint, told by the side that was called")
    assert stages.parts[0].counters == (Counter(("route", "http")), Counter(("endpoint", "http"), "K8SEndpoint"))


def test_a_rule_that_no_operation_can_meet_loses_everything_at_once() -> None:
    stages = stages_of(*_only('from(K8SService.*).filter(type == "read").filter(type == "write").cpm()'))
    assert stages.texts[1] == "none: no operation can meet the filters"
    assert stages.parts == ()


def test_a_value_that_may_be_missing_is_the_last_stage() -> None:
    rule = "from(K8SServiceInstance.protocol.http.latency).apdex(serviceInstanceName, protocol.success)"
    assert _texts(rule)[-1] == "after serviceInstanceName is there"


def test_every_part_has_every_stage() -> None:
    stages = stages_of(*_only('from(K8SService.*).filter(name != "a").labelCount(type)'))
    assert {len(part.counters) for part in stages.parts} == {len(stages.texts) - 1}
    assert [part.operation for part in stages.parts] == ["connect", "accept", "close", "read", "write", "http"]


def test_all_operations_are_told_where_rules_read_all() -> None:
    assert _texts("from(K8SService.*).cpm()")[0] == "rows of all operations"
