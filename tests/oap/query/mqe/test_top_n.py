import pytest

from oap.query.entity import EntityInput
from oap.query.mqe.value import Owner
from tests.oap.query.mqe.conformance_store import NOTHING, Evaluator


def ranking(evaluator: Evaluator, text: str, entity: EntityInput = NOTHING) -> list[tuple[str | None, float]]:
    result = evaluator.run(text, entity)
    assert (result.type, result.error) == ("SORTED_LIST", None)
    [series] = result.series
    return list(zip(series.ids, series.values.tolist(), strict=True))


def test_global_list_names_service_and_pod_and_one_service_only_the_pod(evaluator: Evaluator) -> None:
    everywhere = [("svcB - pod1", 9.0), ("svcA - pod1", 5.0), ("svcB - pod2", 1.0)]
    assert ranking(evaluator, "top_n(pods,9,des)") == everywhere
    assert ranking(evaluator, "top_n(pods,9,des)", EntityInput(service_name="")) == everywhere
    of_one = EntityInput(service_name="svcB", normal=True)
    assert ranking(evaluator, "top_n(pods,9,des)", of_one) == [("pod1", 9.0), ("pod2", 1.0)]


def test_service_that_is_not_known_to_be_normal_has_no_points(evaluator: Evaluator) -> None:
    assert ranking(evaluator, "top_n(pods,9,des)", EntityInput(service_name="svcB")) == []
    assert ranking(evaluator, "top_n(pods,9,des)", EntityInput(service_name="svcB", normal=False)) == []


def test_owner_tells_the_whole_entity(evaluator: Evaluator) -> None:
    [series] = evaluator.run("top_n(pods,1,des)", NOTHING).series
    assert series.owners == (Owner("ServiceInstance", "c3ZjQg==.1", "svcB", True, "c3ZjQg==.1_cG9kMQ==", "pod1"),)


def test_equal_means_are_ordered_by_id(evaluator: Evaluator) -> None:
    assert [name for name, _ in ranking(evaluator, "top_n(ties,2,des)")] == ["a", "b"]
    assert [name for name, _ in ranking(evaluator, "top_n(ties,9,asc)")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text", ["top_n(bare_list,5,des,attr0='K8S_SERVICE')", "top_n(bare_list,5,des,attr0!='MESH')", "top_n(none,5,des)"]
)
def test_list_without_entries_is_one_series_without_points(text: str, evaluator: Evaluator) -> None:
    assert ranking(evaluator, text) == []


def test_lists_together_keep_owners_and_the_order_of_equals(evaluator: Evaluator) -> None:
    text = "top_n_of(top_n(ties,1,des), top_n(t2,9,des), top_n(none,1,asc), 9, asc)"
    assert ranking(evaluator, text) == [("svcE", 5.0), ("a", 7.0), ("svcD", 25.0)]
    [series] = evaluator.run(text, NOTHING).series
    assert [owner.service_name for owner in series.owners if owner] == ["svcE", "a", "svcD"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("top_n(t1,0,des)", "1: 'top_n' of 't1' needs a count of at least 1, not 0"),
        (
            "top_n(pct,1,des)",
            "1: 'top_n' needs a metric of single values, 'pct' is LABELED_VALUE; show it as a series, or list another metric",
        ),
        ("top_n_of(top_n(t1,1,des),0,des)", "1: 'top_n_of' needs a count of at least 1, not 0"),
        ("top_n_of(top_n(t1,1,des),top_n(nosuch,1,des),top_n(t1,0,des),1,des)", "32: there is no metric 'nosuch'"),
    ],
)
def test_impossible_list_is_an_error(text: str, error: str, evaluator: Evaluator) -> None:
    result = evaluator.run(text, NOTHING)
    assert (result.type, result.error) == ("UNKNOWN", f"line 1, column {error}")
