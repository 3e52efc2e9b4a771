"""From cells to entities, over all tables that a rule reads (design 3.4)."""

import numpy as np

from oal.functions.contract import Tables
from oap.timebucket import Precision
from oap.window.rollup import RollUp
from oap.window.window import Window
from tests.oap.window.row_fold import RowFold, column_values
from tests.oap.window.row_language import parse_rows

ROWS = """K(A,0930,connect,connect.success=true) K(A,0930,write,write.duration=7) K(B,0930,write,write.duration=5)
    K(A,0930,write,dp=CLIENT,write.duration=20) H(A,0930,30,method=GET) H(A,0930,40,method=PUT,dp=CLIENT)
    R(A-B,0930,write,write.duration=1000)"""


def roll_up(script: str, scope: str = "K8SService", rows: str = ROWS, entities: int = 2) -> tuple[RowFold, RollUp]:
    fold = RowFold(script)
    windows: dict[int, Window] = {}
    fold.fold_into(windows, parse_rows(rows))
    (window,) = windows.values()
    source = next(source for source in fold.sources if source.name == scope)
    return fold, RollUp(window, scope, source.grain, source.cells, entities)


def test_rule_without_a_type_filter_spans_all_tables() -> None:
    fold, rolled = roll_up("m = from(K8SService.*).count();")
    metric = fold.plan.plan.metrics[0]
    assert [part.table for part in metric.parts] == ["connect", "accept", "close", "read", "write", "http"]
    (counts,) = rolled.columns(metric)
    assert column_values(counts) == [5, 1]
    assert rolled.presence(metric).tolist() == [5, 1]


def test_condition_on_identity_leaves_cells_out() -> None:
    fold, rolled = roll_up("m = from(K8SService.write.duration).filter(detectPoint == DetectPoint.SERVER).max();")
    metric = fold.plan.plan.metrics[0]
    _, most = rolled.columns(metric)
    assert column_values(most) == [7, 5]
    assert rolled.presence(metric).tolist() == [1, 1]


def test_cells_of_other_scopes_are_left_out() -> None:
    fold, rolled = roll_up("m = from(K8SServiceRelation.write.duration).sum();", "K8SServiceRelation", entities=1)
    _, total = rolled.columns(fold.plan.plan.metrics[0])
    assert column_values(total) == [1000]


def test_entities_without_rows_have_neutral_state() -> None:
    fold, rolled = roll_up("m = from(K8SService.write.duration).min();", rows="K(A,0930,write,write.duration=7)")
    metric = fold.plan.plan.metrics[0]
    _, least = rolled.columns(metric)
    assert column_values(least) == [7, 2**63 - 1]
    assert rolled.presence(metric).tolist() == [1, 0]


def test_smallest_doubles_and_tables_span_cells() -> None:
    script = """m = from(K8SService.write.duration).minDouble();
        n = from(K8SService.protocol.http.latency).percentile2(10);
        o = from(K8SService.*).labelCount(protocol.http.method);"""
    fold, rolled = roll_up(script)
    least, dataset, methods = (rolled.columns(metric)[1] for metric in fold.plan.plan.metrics)
    assert column_values(least) == [7.0, 5.0]
    assert column_values(dataset) == [{"3": 1, "4": 1}, {}]
    assert column_values(methods) == [{"GET": 1, "PUT": 1}, {}]


def test_labels_of_several_tables_are_joined() -> None:
    fold, rolled = roll_up("m = from(K8SService.*).labelCount(name);")
    column = rolled.columns(fold.plan.plan.metrics[0])[1]
    assert isinstance(column, Tables)
    assert column_values(column) == [{"null": 3, "svc-A": 2}, {"null": 1}]


def test_empty_window_gives_records_of_nobody() -> None:
    fold = RowFold("m = from(K8SService.*).labelCount(protocol.http.method); n = from(K8SService.*).cpm();")
    source = next(source for source in fold.sources if source.name == "K8SService")
    rolled = RollUp(Window(0, Precision.HOUR, fold.plan), "K8SService", source.grain, source.cells, 0)
    for metric in fold.plan.plan.metrics:
        assert [len(column) for column in rolled.columns(metric)] == [0] * len(metric.parts[0].primitives)
        np.testing.assert_array_equal(rolled.presence(metric), [])
