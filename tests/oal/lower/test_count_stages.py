"""Which rows are left after each filter."""

from oal.catalog import CellColumn, Kind, RowColumn
from oal.compiler import compile_rules
from oal.plan import Compare, Fold, HasValue, Operand, Plan, Primitive, Stage
from tests.oal.service_catalog import conformance_catalog

_SERVER = Compare(Operand(CellColumn("detect_point"), Kind.ENUM), "==", "SERVER")
_NAME = Compare(Operand(CellColumn("local_service"), Kind.STRING), "!=", "a")
_FAILED = Compare(Operand(RowColumn("protocol.http.statusCode"), Kind.INT), ">=", 500)
_SLOW = Compare(Operand(RowColumn("protocol.http.latency"), Kind.LONG), ">", 7)


def _plan(*rules: str) -> Plan:
    text = "\n".join(f"m{number} = {rule};" for number, rule in enumerate(rules))
    plan = compile_rules([("a.oal", text)], conformance_catalog()).plan
    assert plan is not None
    return plan


def test_stages_follow_the_text_whoever_decides_them() -> None:
    plan = _plan(
        'from(K8SService.*).filter(protocol.http.statusCode >= 500).filter(type == "protocol")'
        '.filter(detectPoint == DetectPoint.SERVER).filter(protocol.http.latency > 7).filter(name != "a").cpm()'
    )
    (part,) = plan.metrics[0].parts
    assert part.stages == (
        Stage("protocol.http.statusCode >= 500", (), 1),
        Stage('type == "protocol"', (), 1, is_of_operation=True),
        Stage("detectPoint == DetectPoint.SERVER", (_SERVER,), 1),
        Stage("protocol.http.latency > 7", (_SERVER,), 0),
        Stage('name != "a"', (_SERVER, _NAME), 0),
    )
    both = Primitive(Fold.COUNT, (_SLOW, _FAILED))
    assert plan.primitives["route", "http"] == (both, Primitive(Fold.COUNT, (_FAILED,)))


def test_counts_in_between_are_shared() -> None:
    rule = "from(K8SService.*).filter(protocol.http.statusCode >= 500).filter(protocol.http.latency > {}).cpm()"
    alone = "from(K8SEndpoint.*).filter(http.statusCode >= 500).cpm()"
    plan = _plan(rule.format(1), rule.format(2), rule.format(3), alone)
    assert len(plan.primitives["route", "http"]) == 4
    assert plan.metrics[3].parts[0].stages == (Stage("http.statusCode >= 500", (), 0),)


def test_a_rule_without_filters_has_no_stages_and_one_filter_needs_no_count_of_its_own() -> None:
    plan = _plan("from(K8SEndpoint.*).cpm()", "from(K8SEndpoint.*).filter(http.latency > 7).cpm()")
    assert [part.stages for metric in plan.metrics for part in metric.parts] == [
        (),
        (Stage("http.latency > 7", (), 1),),
    ]
    assert len(plan.primitives["endpoint", "http"]) == 2


def test_every_operation_has_the_same_stages() -> None:
    plan = _plan('from(K8SService.*).filter(type in ["read", "write"]).filter(name != "a").cpm()')
    stages = (Stage('type in ["read", "write"]', (), None, is_of_operation=True), Stage('name != "a"', (_NAME,)))
    assert [(part.table, part.stages) for part in plan.metrics[0].parts] == [("read", stages), ("write", stages)]


def test_a_value_that_may_be_missing_is_the_last_stage() -> None:
    plan = _plan('from((str->long)Service.tag["lat"]).filter(latency > 7).longAvg()')
    (part,) = plan.metrics[0].parts
    assert part.stages == (Stage("latency > 7", (), 2), Stage('(str->long)tag["lat"] is an integer', (), 0))
    count = plan.primitives["entity", "service"][0]
    assert count.where[1] == HasValue(Operand(RowColumn("tag"), Kind.MAP, "lat", cast=True))


def test_an_argument_that_may_be_missing_is_a_stage_too() -> None:
    (metric,) = _plan(
        "from(K8SServiceInstance.protocol.http.latency).apdex(serviceInstanceName, protocol.success)"
    ).metrics
    assert [stage.text for stage in metric.parts[0].stages] == ["serviceInstanceName is there"]


def test_stages_make_no_part_differ() -> None:
    a, b = '.filter(name != "a")', ".filter(protocol.http.latency > 7)"
    one, other = _plan(f"from(K8SService.*){a}{b}.cpm()", f"from(K8SService.*){b}{a}.cpm()").metrics
    assert [stage.text for stage in one.parts[0].stages] != [stage.text for stage in other.parts[0].stages]
    assert one.parts == other.parts
