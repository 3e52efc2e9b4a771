"""What is handed over: entities that changed, with running totals over process lives (design 5)."""

import pytest

from oap.storage.contract import HandOver
from oap.window.records import Pending
from tests.oap.window.calls import Call, day, hour, minute
from tests.oap.window.pipeline_rig import EVERY_FUNCTION, PipelineRig, plan_of, stored_at_once
from tests.oap.window.row_fold import Records, records_in

S1, S3 = "czEuc2hvcA==.1", "czMuc2hvcA==.1"
ONE = "m = from(K8SService.*).count();"


def entities(pending: Pending) -> dict[int, list[str]]:
    """Entities that are handed over, by bucket."""
    return {state.bucket: [entity.entity_id for entity in state.entities] for state in pending.states}


def written(handed: HandOver) -> Records:
    records: Records = {}
    for rows in handed.metrics:
        records |= records_in(rows)
    return records


def test_only_entities_that_took_in_rows_are_handed_over_again() -> None:
    rig = PipelineRig(ONE)
    rig.accept(Call(0, server=10), Call(0, server=30))
    assert entities(rig.hand_over()) == {minute(0): [S1, S3], hour(0): [S1, S3], day(0): [S1, S3]}
    rig.accept(Call(0, server=30), Call(1, server=10))
    assert entities(rig.hand_over()) == {minute(0): [S3], minute(1): [S1], hour(0): [S1, S3], day(0): [S1, S3]}


def test_nothing_new_hands_nothing_over() -> None:
    rig = PipelineRig(ONE)
    assert entities(rig.hand_over()) == {}
    rig.accept(Call(0))
    rig.hand_over()
    assert entities(rig.hand_over()) == {}
    assert entities(rig.hand_over(everything=True)) == {}


def test_running_totals_are_handed_over() -> None:
    rig = PipelineRig(ONE)
    for expected in (1, 2, 3):
        rig.accept(Call(0))
        rig.hand_over()
        assert written(rig.store.written[-1])["m", S1, minute(0)]["value"] == expected


def test_rows_that_no_rule_counts_make_no_record() -> None:
    rig = PipelineRig('m = from(K8SService.*).filter(type == "connect").count();')
    rig.accept(Call(0))
    assert entities(rig.hand_over(everything=True)) == {}


def test_records_exist_for_the_metrics_that_have_rows() -> None:
    rig = PipelineRig('m = from(K8SService.*).filter(type == "write").count(); n = from(K8SService.*).count();')
    rig.accept(Call(0, server=10), Call(0, server=30, kind="write"))
    found = rig.stored()
    assert {key[:2] for key in found if key[2] == minute(0)} == {("n", S1), ("m", S3), ("n", S3)}


@pytest.mark.parametrize("function", [metric.name for metric in plan_of(EVERY_FUNCTION).metrics])
def test_totals_go_on_in_a_new_process(function: str) -> None:
    first = [Call(0, 10), Call(0, 730, code=500, method="Post"), Call(0, 5, kind="write"), Call(0, server=30)]
    second = [Call(0, 480, method="Put"), Call(1, 7), Call(0, 2100, method="Post"), Call(0, 9, kind="write")]
    rig = PipelineRig()
    rig.accept(*first)
    rig.hand_over()
    rig.restart()
    rig.accept(*second[:2])
    rig.hand_over()
    rig.accept(*second[2:])
    stored, whole = rig.stored(), stored_at_once([*first, *second])
    assert {key: record for key, record in stored.items() if key[0] == function}
    for key, record in whole.items():
        if key[0] == function:
            assert stored[key] == record


def test_literal_totals_over_three_processes() -> None:
    rig = PipelineRig("m = from(K8SService.protocol.http.latency).longAvg(); n = from(K8SService.*).cpm();")
    for ms in (10, 20, 60):
        rig.accept(Call(0, ms), Call(1, ms))
        rig.restart()
    expected = {
        ("m", S1, minute(0)): {"summation": 90, "count": 3, "value": 30, "attr0": None},
        ("m", S1, minute(1)): {"summation": 90, "count": 3, "value": 30, "attr0": None},
        ("m", S1, hour(0)): {"summation": 180, "count": 6, "value": 30, "attr0": None},
        ("m", S1, day(0)): {"summation": 180, "count": 6, "value": 30, "attr0": None},
        ("n", S1, minute(0)): {"value": 3, "total": 3, "attr0": None},
        ("n", S1, minute(1)): {"value": 3, "total": 3, "attr0": None},
        ("n", S1, hour(0)): {"value": 0, "total": 6, "attr0": None},
        ("n", S1, day(0)): {"value": 0, "total": 6, "attr0": None},
    }
    assert rig.store.records == expected


def test_stored_label_that_comes_late_in_a_new_process_still_counts() -> None:
    rig = PipelineRig("m = from(K8SService.*).labelCount(protocol.http.method, 2);")
    rig.accept(Call(0, method="Get"), Call(0, method="Post"))
    rig.restart()
    rig.accept(*(Call(0, method=method) for method in ("Put", "Head", "Post", "Get", "Get")))
    assert rig.stored()["m", S1, minute(0)]["dataset"] == {"Get": 3, "Post": 2}


def test_entity_that_only_the_store_knows_is_not_written_again() -> None:
    rig = PipelineRig(ONE)
    rig.accept(Call(0, server=10), Call(0, server=30))
    rig.restart()
    rig.accept(Call(0, server=30))
    assert entities(rig.hand_over(everything=True)) == {minute(0): [S3], hour(0): [S3], day(0): [S3]}
    assert rig.store.records["m", S1, minute(0)]["value"] == 1
    assert rig.store.records["m", S3, minute(0)]["value"] == 2
