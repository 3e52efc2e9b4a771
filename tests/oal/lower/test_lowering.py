"""Rules to parts and shared primitives."""

import pytest

from oal.catalog import CellColumn, Constant, Kind, RowColumn
from oal.compiler import compile_rules
from oal.plan import NEVER, ApdexTier, Compare, Fold, HasValue, Metric, Operand, Plan, Primitive
from tests.oal.service_catalog import conformance_catalog

_CATALOG = conformance_catalog()

LATENCY = Operand(RowColumn("protocol.http.latency"), Kind.LONG)
SUCCESS = Operand(RowColumn("protocol.success"), Kind.BOOL)
STATUS_CODE = Operand(RowColumn("protocol.http.statusCode"), Kind.INT)
DETECT_POINT = Operand(CellColumn("detect_point"), Kind.ENUM)
SERVICE_NAME = Operand(CellColumn("local_service"), Kind.STRING)
LATE = Compare(Operand(RowColumn("latency"), Kind.INT), ">", 5)
GOOD = Compare(Operand(RowColumn("status"), Kind.BOOL), "==", literal=True)
TAG = Operand(RowColumn("tag"), Kind.MAP, "lat", cast=True)


def _plan(*rules: str) -> Plan:
    text = "\n".join(f"m{number} = {rule};" for number, rule in enumerate(rules))
    plan = compile_rules([("a.oal", text)], _CATALOG).plan
    assert plan is not None
    return plan


def _tables(metric: Metric) -> list[str]:
    return [part.table for part in metric.parts]


@pytest.mark.parametrize(
    ("filters", "tables"),
    [
        ("", ["connect", "accept", "close", "read", "write", "http"]),
        ('.filter(type == "write")', ["write"]),
        ('.filter(type != "write")', ["connect", "accept", "close", "read", "http"]),
        ('.filter(type in ["read", "write"])', ["read", "write"]),
        ('.filter(type like "%e%")', ["connect", "accept", "close", "read", "write"]),
        ('.filter(protocol.type == "http")', ["http"]),
        ('.filter(protocol.type != "http")', []),
        (".filter(protocol.type != null)", ["http"]),
        (".filter(protocol.type == null)", []),
        (".filter(protocol == null)", ["connect", "accept", "close", "read", "write"]),
        (".filter(write.l4 != null)", ["write"]),
        (".filter(attr0 == null)", ["connect", "accept", "close", "read", "write", "http"]),
        (".filter(attr0 != null)", []),
        ('.filter(attr0 != "x")', ["connect", "accept", "close", "read", "write", "http"]),
        (".filter(layer != null)", ["connect", "accept", "close", "read", "write", "http"]),
        ('.filter(type == "read").filter(type == "write")', []),
        (".filter((long)type == 5)", []),
        (".filter((long)type != 5)", []),
    ],
)
def test_constant_conditions_pick_tables(filters: str, tables: list[str]) -> None:
    (metric,) = _plan(f"from(K8SService.*){filters}.count()").metrics
    assert _tables(metric) == tables
    assert all(part.cell_where == () for part in metric.parts)


def test_a_value_that_a_table_lacks_leaves_it_out() -> None:
    assert _tables(_plan("from(K8SService.read.duration).sum()").metrics[0]) == ["read"]
    assert _tables(_plan("from(K8SService.*).percent(connect.success == true)").metrics[0]) == ["connect"]
    assert _tables(_plan("from(K8SService.*).labelCount(write.syscall)").metrics[0]) == ["write"]


def test_conditions_on_identity_are_hoisted_and_others_stay() -> None:
    rule = (
        'from(K8SService.*).filter(detectPoint == DetectPoint.SERVER).filter(type == "protocol")'
        '.filter(protocol.http.statusCode >= 400).filter(name like "a%").count()'
    )
    plan = _plan(rule)
    (part,) = plan.metrics[0].parts
    assert part.cell_where == (Compare(DETECT_POINT, "==", "SERVER"), Compare(SERVICE_NAME, "like", "a%"))
    assert plan.primitives == {("route", "http"): (Primitive(Fold.COUNT, (Compare(STATUS_CODE, ">=", 400),)),)}


def test_state_is_shared_between_rules_and_scopes_of_a_grain() -> None:
    plan = _plan(
        "from(K8SService.protocol.http.latency).longAvg()",
        "from(K8SServiceRelation.protocol.http.latency).filter(detectPoint == DetectPoint.CLIENT).sum()",
        'from(K8SServiceInstance.*).filter(type == "protocol").cpm()',
        "from(K8SEndpoint.duration).sum()",
    )
    count, total = Primitive(Fold.COUNT), Primitive(Fold.SUM, (), LATENCY)
    assert plan.primitives == {("route", "http"): (count, total), ("endpoint", "http"): (count, total)}
    assert [metric.parts[0].primitives for metric in plan.metrics] == [(0, 1), (0, 1), (0,), (0, 1)]


def test_the_order_and_repetition_of_filters_make_no_other_state() -> None:
    a, b = ".filter(latency > 5)", ".filter(status == true)"
    plan = _plan(*(f"from(Service.*){filters}.count()" for filters in (a + b, b + a, a + b + a)))
    state = [Primitive(Fold.COUNT, where) for where in ((LATE, GOOD), (LATE,), (GOOD,))]
    assert [metric.parts[0].primitives for metric in plan.metrics] == [(0,), (0,), (0,)]
    assert plan.primitives == {("entity", "service"): tuple(state)}


def test_a_condition_argument_is_one_more_count() -> None:
    plan = _plan("from(K8SService.*).percent(protocol.success == true)")
    assert plan.primitives["route", "http"] == (
        Primitive(Fold.COUNT),
        Primitive(Fold.COUNT, (Compare(SUCCESS, "==", literal=True),)),
    )


def test_a_condition_argument_that_a_table_decides() -> None:
    plan = _plan('from(K8SService.*).percent(type == "read")')
    assert [part.primitives for part in plan.metrics[0].parts if part.table in {"read", "write"}] == [(0, 0), (0, 1)]
    assert plan.primitives["route", "read"] == (Primitive(Fold.COUNT),)
    assert plan.primitives["route", "write"] == (Primitive(Fold.COUNT), Primitive(Fold.COUNT, (NEVER,)))


def test_a_condition_argument_on_identity_stays_with_the_row() -> None:
    plan = _plan('from(K8SEndpoint.*).percent(endpointName like "GET:%")')
    endpoint = Operand(CellColumn("endpoint"), Kind.STRING)
    assert plan.metrics[0].parts[0].cell_where == ()
    assert plan.primitives["endpoint", "http"][1].where == (Compare(endpoint, "like", "GET:%"),)


def test_a_cast_value_must_be_there_in_all_state() -> None:
    plan = _plan('from((str->long)Service.tag["lat"]).filter(tag["lat"] != null).longAvg()')
    where = (Compare(Operand(RowColumn("tag"), Kind.MAP, "lat"), "!=", None), HasValue(TAG))
    state = (Primitive(Fold.COUNT, where), Primitive(Fold.SUM, where, TAG), Primitive(Fold.COUNT, where[:1]))
    assert plan.primitives["entity", "service"] == state


def test_a_cast_in_a_condition_argument_must_be_an_integer_too() -> None:
    plan = _plan('from(Service.*).percent((long)tag["lat"] > 5)')
    assert plan.primitives["entity", "service"][0].where == (HasValue(TAG),)


def test_apdex_counts_tiers_by_the_name_in_its_argument() -> None:
    plan = _plan("from(K8SService.protocol.http.latency).apdex(name, protocol.success)")
    status = Compare(SUCCESS, "==", literal=True)
    tiers = [ApdexTier(satisfied, LATENCY, SERVICE_NAME, status) for satisfied in (True, False)]
    assert plan.metrics[0].parts[0].cell_where == (Compare(SERVICE_NAME, "!=", None),)
    assert plan.primitives["route", "http"] == (
        Primitive(Fold.COUNT),
        Primitive(Fold.COUNT, (tiers[0],)),
        Primitive(Fold.COUNT, (tiers[1],)),
    )


def test_apdex_takes_a_literal_status_and_needs_a_name() -> None:
    plan = _plan("from(Service.latency).apdex(name, true)")
    name, latency = Operand(RowColumn("name"), Kind.STRING), Operand(RowColumn("latency"), Kind.INT)
    count, satisfied, _ = plan.primitives["entity", "service"]
    assert count.where == (HasValue(name),)
    assert ApdexTier(satisfied=True, value=latency, name=name, status=True) in satisfied.where


def test_tallies_and_labels_carry_their_parameters() -> None:
    plan = _plan(
        "from(Service.latency).percentile2(10)",
        "from(Service.latency).histogram(100, 3)",
        "from(Service.*).labelCount(name)",
        "from(Service.*).labelAvg(name, latency, 7)",
    )
    latency, name = Operand(RowColumn("latency"), Kind.INT), Operand(RowColumn("name"), Kind.STRING)
    assert plan.primitives["entity", "service"] == (
        Primitive(Fold.COUNT),
        Primitive(Fold.TALLY, (), latency, step=10),
        Primitive(Fold.TALLY, (), latency, step=100, low=0, high=3),
        Primitive(Fold.LABEL_COUNT, label=name, limit=50),
        Primitive(Fold.LABEL_SUM, (), latency, label=name, limit=7),
        Primitive(Fold.LABEL_COUNT, label=name, limit=7),
    )
    assert [metric.parameters for metric in plan.metrics] == [(10,), (100, 3), (50,), (7,)]


def test_a_constant_label_is_its_text_and_null_is_the_text_null() -> None:
    plan = _plan('from(K8SService.*).filter(type == "read").labelCount(type)')
    assert plan.primitives["route", "read"][1].label == Operand(Constant("read"), Kind.STRING)
    plan = _plan('from(K8SService.*).filter(type == "read").labelCount(attr0)')
    assert plan.primitives["route", "read"][1].label == Operand(Constant("null"), Kind.STRING)


def test_an_apdex_name_that_is_always_null_leaves_no_table() -> None:
    assert _plan("from(K8SService.protocol.http.latency).apdex(attr0, true)").metrics[0].parts == ()
